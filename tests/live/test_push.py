import logging
import threading

from redis.exceptions import ConnectionError as Unreachable

from apps.live import push


class BrokenLayer:
    """A channel layer whose Valkey is away."""

    def __init__(self) -> None:
        self.tries = threading.Semaphore(0)

    async def group_send(self, group, message):
        self.tries.release()
        raise Unreachable("nobody there")


def test_without_valkey_a_nudge_fails_nobody_and_is_complained_of_once(monkeypatch, caplog):
    layer = BrokenLayer()
    monkeypatch.setattr(push, "get_channel_layer", lambda: layer)
    postman = push.Postman()

    with caplog.at_level(logging.WARNING, logger="apps.live.push"):
        for _ in range(3):
            postman.post(1, {"board"})
            assert layer.tries.acquire(timeout=5)

    assert len([record for record in caplog.records if record.name == "apps.live.push"]) <= 1
