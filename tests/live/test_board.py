import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis import Redis

from apps.calls import services as calls
from apps.live import hub, snapshot
from apps.live.scope import Scope
from apps.operators import services as operators
from apps.operators.models import Operator
from tests.factories import (
    CallFactory,
    ClientFactory,
    MembershipFactory,
    OperatorFactory,
    QueueEntryFactory,
    QueueFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client_of_ours():
    return ClientFactory()


@pytest.fixture
def supervisor(client_of_ours):
    return UserFactory(role="supervisor", clients=[client_of_ours])


def ids(frame, table):
    return {row["id"] for row in frame[table]}


def test_a_board_begins_with_the_whole_picture(line, supervisor, client_of_ours):
    queue = QueueFactory(client=client_of_ours, name="Dispatch")
    operator = OperatorFactory(team=TeamFactory(client=client_of_ours))
    call = CallFactory(client=client_of_ours)
    QueueEntryFactory(queue=queue, call=call)

    board = line("/ws/board/", supervisor)
    picture = board.next("snapshot")

    assert [row["name"] for row in picture["queues"]] == ["Dispatch"]
    assert picture["queues"][0]["waiting"] == 1
    assert ids(picture, "operators") == {str(operator.public_id)}
    assert [(row["id"], row["status"]) for row in picture["calls"]] == [(str(call.public_id), "waiting")]


def test_a_change_reaches_the_board_as_a_delta_with_the_next_version(line, supervisor, client_of_ours):
    operator = OperatorFactory(team=TeamFactory(client=client_of_ours))
    board = line("/ws/board/", supervisor)
    picture = board.next("snapshot")

    operators.set_presence(operator, Operator.Presence.AVAILABLE)
    delta = board.next("delta")

    assert delta["version"] == picture["version"] + 1
    assert [(row["id"], row["status"]) for row in delta["operators"]["put"]] == [(str(operator.public_id), "ready")]
    assert "queues" not in delta
    assert "calls" not in delta


def test_a_call_that_ends_is_dropped(line, supervisor, client_of_ours):
    call = CallFactory(client=client_of_ours)
    board = line("/ws/board/", supervisor)
    board.next("snapshot")

    calls.close(call, "abandoned")
    delta = board.next("delta")

    assert delta["calls"] == {"put": [], "drop": [str(call.public_id)]}


def test_two_boards_of_one_scope_get_the_same_frame(line, supervisor, client_of_ours):
    operator = OperatorFactory(team=TeamFactory(client=client_of_ours))
    colleague = UserFactory(role="quality", clients=[client_of_ours])
    first, second = line("/ws/board/", supervisor), line("/ws/board/", colleague)
    first.next("snapshot")
    second.next("snapshot")

    operators.set_presence(operator, Operator.Presence.AVAILABLE)

    assert first.next("delta") == second.next("delta")


def test_a_supervisor_sees_nothing_of_another_client(line, supervisor, client_of_ours):
    mine = OperatorFactory(team=TeamFactory(client=client_of_ours))
    foreign = OperatorFactory()
    CallFactory(client=foreign.team.client)
    QueueFactory(client=foreign.team.client)
    board = line("/ws/board/", supervisor)
    picture = board.next("snapshot")

    operators.set_presence(foreign, Operator.Presence.AVAILABLE)
    operators.set_presence(mine, Operator.Presence.AVAILABLE)
    board.next("delta", where=lambda frame: "operators" in frame)

    assert ids(picture, "operators") == {str(mine.public_id)}
    assert picture["queues"] == picture["calls"] == []
    text = str(board.frames)
    assert str(foreign.public_id) not in text
    assert foreign.team.name not in text


def test_an_administrator_sees_every_client(line):
    there = {str(OperatorFactory().public_id), str(OperatorFactory().public_id)}
    board = line("/ws/board/", UserFactory(role="administrator"))

    assert ids(board.next("snapshot"), "operators") == there


@pytest.mark.parametrize("role", ["operator", None])
def test_who_may_not_watch_is_shown_out(line, role, client_of_ours):
    board = line("/ws/board/", UserFactory(role=role, clients=[client_of_ours]))

    assert board.is_closed() == 4403


def test_a_stranger_is_shown_out(line):
    board = line("/ws/board/")

    assert board.is_closed() == 4401


def test_who_loses_the_role_meanwhile_is_shown_out(line, supervisor, monkeypatch):
    monkeypatch.setattr("apps.live.consumers.CHECK_EVERY", 0.05)
    board = line("/ws/board/", supervisor)
    board.next("snapshot")

    supervisor.groups.clear()

    assert board.is_closed() == 4403


def test_who_is_signed_out_meanwhile_is_shown_out(line, supervisor, monkeypatch):
    monkeypatch.setattr("apps.live.consumers.CHECK_EVERY", 0.05)
    board = line("/ws/board/", supervisor)
    board.next("snapshot")

    supervisor.set_password("another-long-password")
    supervisor.save()

    assert board.is_closed() == 4401


@pytest.mark.parametrize(
    "message",
    ['{"type":"hang_up"}', "not json", "[]", '{"type":"ping","more":1}', '{"type":"ping","ready":"' + "x" * 99],
)
def test_a_socket_takes_no_commands(line, supervisor, message):
    board = line("/ws/board/", supervisor)
    board.says(message)

    assert board.is_closed() == 4408


def test_a_flood_of_messages_closes_the_socket_and_harms_no_other(line, supervisor, client_of_ours):
    operator = OperatorFactory(team=TeamFactory(client=client_of_ours))
    quiet, loud = line("/ws/board/", supervisor), line("/ws/board/", supervisor)
    quiet.next("snapshot")
    for _ in range(21):
        loud.says({"type": "ping"})

    assert loud.is_closed() == 4408
    operators.set_presence(operator, Operator.Presence.AVAILABLE)
    assert quiet.next("delta")


def test_a_change_without_a_nudge_is_found_by_the_beat(line, supervisor, client_of_ours, monkeypatch):
    monkeypatch.setattr(hub, "BEAT", 0.1)
    operator = OperatorFactory(team=TeamFactory(client=client_of_ours))
    board = line("/ws/board/", supervisor)
    board.next("snapshot")

    Operator.objects.filter(pk=operator.pk).update(presence="available")
    delta = board.next("delta")
    beat = board.next("beat")

    assert delta["operators"]["put"][0]["presence"] == "available"
    assert beat["version"] == delta["version"]


def test_a_valkey_that_forgot_everything_costs_no_nudge(line, supervisor, client_of_ours):
    operator = OperatorFactory(team=TeamFactory(client=client_of_ours))
    board = line("/ws/board/", supervisor)
    board.next("snapshot")
    with Redis.from_url(settings.REDIS_URL) as valkey:
        valkey.flushdb()

    operators.set_presence(operator, Operator.Presence.AVAILABLE)

    assert board.next("delta")


def test_nudges_are_heard_again_after_the_line_to_valkey_was_cut(line, supervisor, client_of_ours):
    operator = OperatorFactory(team=TeamFactory(client=client_of_ours))
    board = line("/ws/board/", supervisor)
    board.next("snapshot")
    with Redis.from_url(settings.REDIS_URL) as valkey:
        while not valkey.pubsub_numsub("live")[0][1]:
            pass
        valkey.client_kill_filter(_type="pubsub")

    operators.set_presence(operator, Operator.Presence.AVAILABLE)

    assert board.next("delta")


def test_a_busier_board_needs_no_more_queries(client_of_ours):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            snapshot.board(Scope(frozenset([client_of_ours.pk])))
        return len(captured)

    def busy() -> None:
        membership = MembershipFactory(queue=QueueFactory(client=client_of_ours))
        call = CallFactory(client=client_of_ours, operator=membership.operator)
        QueueEntryFactory(queue=membership.queue, call=call)

    busy()
    before = queries()
    for _ in range(5):
        busy()

    assert queries() == before
