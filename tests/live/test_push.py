import logging
import threading

import pytest
from redis.exceptions import ConnectionError as Unreachable

from apps.live import push
from apps.live.touched import Touched


class LameLine:
    """A connection to a Valkey that is away at first."""

    def __init__(self, *, failures: int) -> None:
        self.failures = failures
        self.delivered: list[Touched] = []
        self.told = threading.Semaphore(0)

    async def publish(self, channel, text):
        if self.failures:
            self.failures -= 1
            raise Unreachable("nobody there")
        self.delivered.append(Touched.loads(text))
        self.told.release()


@pytest.fixture
def line(monkeypatch):
    line = LameLine(failures=2)
    monkeypatch.setattr(push, "valkey", lambda: line)
    monkeypatch.setattr(push, "AGAIN_SECONDS", 0.01)
    return line


def test_what_changed_while_valkey_was_away_is_told_when_it_is_back(line):
    postman = push.Postman()

    postman.post(1, [("call", 7)])
    postman.post(2, [("entry", 8)])
    assert line.told.acquire(timeout=5)

    told = Touched()
    for each in line.delivered:
        told.merge(each)
    if not told.entry:  # the second change came a moment after the first had gone
        assert line.told.acquire(timeout=5)
        told.merge(line.delivered[-1])
    assert told == Touched(clients={1, 2}, call={7}, entry={8})


def test_without_valkey_a_nudge_fails_nobody_and_is_complained_of_once(line, caplog):
    postman = push.Postman()

    with caplog.at_level(logging.WARNING, logger="apps.live.push"):
        postman.post(1, [("call", 7)])
        assert line.told.acquire(timeout=5)

    assert line.failures == 0
    assert len([record for record in caplog.records if record.name == "apps.live.push"]) == 1
