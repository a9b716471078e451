"""Whatever breaks between the database and a board: two seconds after it is whole, the board is right."""

import itertools
import os
from time import monotonic

import pytest

from apps.live import push, receivers, snapshot
from apps.live.diff import apply
from apps.live.scope import Scope
from apps.live.sockets import BACKLOG
from apps.operators import services as operators
from apps.operators.models import Operator
from callcenter.embedded import Valkey
from tests.factories import ClientFactory, OperatorFactory, QueueFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
# A machine that is busy with other things may take as much longer as it has more to do than it can.
WITHIN_S = 2.0 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.fixture
def house():
    client = ClientFactory()
    QueueFactory(client=client)
    team = TeamFactory(client=client)
    return client, [OperatorFactory(team=team) for _ in range(3)]


@pytest.fixture
def supervisor(house):
    return UserFactory(role="supervisor", clients=[house[0]])


@pytest.fixture
def valkey(tmp_path, settings, monkeypatch):
    """A server of one's own, which may be ended and started; the product's nudges go through it."""
    tmp_path.chmod(0o755)
    server = Valkey(tmp_path, password="secret", logs=tmp_path / "logs", pids=tmp_path / "pids", durable=False)
    server.start()
    settings.REDIS_URL = server.url
    monkeypatch.setattr(receivers, "post", push.Postman().post)
    yield server
    server.stop()


class Shown:
    """What a browser shows of the frames that it was sent."""

    def __init__(self, line):
        self.line, self.tables, self.version = line, {}, 0
        self._take(line.next("snapshot"))

    def becomes(self, wanted, *, within=WITHIN_S):
        """How many seconds it took until the board showed what the database holds."""
        began = monotonic()
        while self._sorted() != wanted():
            assert monotonic() - began < within, "The board does not show what the database holds."
            self._take(self.line.any())
        return monotonic() - began

    def _take(self, frame):
        tables = {name: rows for name, rows in frame.items() if isinstance(rows, list | dict)}
        if frame["type"] == "snapshot":
            self.tables = tables
        elif frame["type"] == "delta":
            assert frame["version"] == self.version + 1
            self.tables = apply(self.tables, tables)
        self.version = frame.get("version", self.version)

    def _sorted(self):
        return in_order(self.tables)


def in_order(picture):
    return {name: sorted(rows, key=lambda row: row["id"]) for name, rows in picture.items()}


def database(client):
    return lambda: in_order(snapshot.board(Scope(frozenset([client.pk]))))


def test_after_a_restart_of_valkey_the_board_is_right(line, valkey, house, supervisor):
    client, (first, second, third) = house
    board = Shown(line("/ws/board/", supervisor))
    operators.set_presence(first, Operator.Presence.AVAILABLE)
    board.becomes(database(client))

    valkey.stop()
    operators.set_presence(second, Operator.Presence.AVAILABLE)
    valkey.start()
    operators.set_presence(third, Operator.Presence.AVAILABLE)

    board.becomes(database(client))


def test_a_socket_that_was_dropped_comes_back_to_the_whole_picture(line, house, supervisor):
    client, (first, second, _third) = house
    other = Shown(line("/ws/board/", supervisor))  # a board that stays keeps the hub's picture alive
    dropped = line("/ws/board/", supervisor)
    dropped.next("snapshot")
    dropped.leave()
    operators.set_presence(first, Operator.Presence.AVAILABLE)
    operators.set_presence(second, Operator.Presence.ON_BREAK)

    back = Shown(line("/ws/board/", supervisor))

    back.becomes(database(client))
    other.becomes(database(client))


def test_a_browser_that_does_not_read_delays_no_other_and_is_right_once_it_reads(line, house, supervisor, monkeypatch):
    client, staff = house
    monkeypatch.setattr("apps.live.hub.TICK", 0.01)
    stalled = line("/ws/board/", supervisor)
    stalled.holds_back_after(2)
    quick = Shown(line("/ws/board/", supervisor))

    for number in range(3 * (BACKLOG + 5)):
        presence = (Operator.Presence.AVAILABLE, Operator.Presence.ON_BREAK)[number // 3 % 2]
        operators.set_presence(staff[number % 3], presence)
        quick.becomes(database(client))

    Shown(stalled).becomes(database(client))
    versions = [frame["version"] for frame in stalled.frames if "version" in frame]
    assert any(later - sooner > 1 for sooner, later in itertools.pairwise(versions))
