import json
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from apps.live import desks, directory, hub, models, push, tasks
from apps.live.models import OpenDesk
from apps.live.pictures import Desk, Directory, read
from apps.operators import services as operators
from apps.operators.models import Operator
from tests.factories import (
    BreakReasonFactory,
    CallFactory,
    EngagementFactory,
    MembershipFactory,
    OfferFactory,
    OperatorFactory,
    PersonFactory,
    QueueEntryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operator():
    return OperatorFactory(presence="available")


def falls_silent(operator) -> None:
    OpenDesk.objects.filter(operator=operator).update(proved_at=Now() - timedelta(seconds=9))


def is_reachable(operator) -> bool:
    operator.refresh_from_db()
    return operator.unreachable_since is None


def test_a_desk_begins_with_its_choices_and_the_operators_state(line, operator):
    reason = BreakReasonFactory(client=operator.team.client, name="Lunch")
    desk = line("/ws/desk/", operator.user)

    setup, state = desk.next("setup"), desk.next("state")

    assert setup["break_reasons"] == [{"id": str(reason.public_id), "name": "Lunch", "limit_seconds": 0}]
    assert state["me"]["identity"] == operator.identity
    assert state["me"]["presence"] == "available"
    assert (state["offer"], state["call"], state["wrap_up"]) == (None, None, None)


def test_the_operators_choice_comes_back_as_state(line, operator):
    desk = line("/ws/desk/", operator.user)
    desk.next("state")

    operators.set_presence(operator, Operator.Presence.ON_BREAK)

    assert (desk.next("state"))["me"]["presence"] == "on_break"


def test_an_offered_call_shows_who_calls_and_from_which_queue(line, operator):
    client = operator.team.client
    membership = MembershipFactory(operator=operator, queue__client=client, queue__name="Dispatch")
    caller = PersonFactory(client=client, name="Maria", numbers=["+14155550123"], tags=["VIP"])
    call = CallFactory(client=client, person=caller, customer_number="+14155550123")
    entry = QueueEntryFactory(queue=membership.queue, call=call, status="offered")
    held = EngagementFactory(operator=operator, purpose="offer", call_ref=call.public_id)
    OfferFactory(entry=entry, operator=operator, engagement=held)

    offer = (line("/ws/desk/", operator.user).next("state"))["offer"]

    assert (offer["name"], offer["number"], offer["tags"]) == ("Maria", "+1 415-555-0123", ["VIP"])
    assert offer["queue"]["name"] == "Dispatch"


def test_the_callers_in_line_are_counted_for_the_operators_own_queues(line, operator):
    membership = MembershipFactory(operator=operator, queue__client=operator.team.client)
    QueueEntryFactory(queue=membership.queue)
    QueueEntryFactory()

    waiting = line("/ws/desk/", operator.user).next("waiting", where=lambda frame: frame["queues"])

    assert waiting["queues"] == {str(membership.queue_id): 1}


def test_one_operators_news_reach_no_other_desk(line, operator):
    other = OperatorFactory(team=operator.team)
    desk, foreign = line("/ws/desk/", operator.user), line("/ws/desk/", other.user)
    desk.next("state")
    foreign.next("state")

    operators.set_presence(operator, Operator.Presence.ON_BREAK)
    operators.set_presence(other, Operator.Presence.AVAILABLE)
    foreign.next("state", where=lambda frame: frame["me"]["presence"] == "available")

    assert all(frame["me"]["identity"] == other.identity for frame in foreign.frames if frame["type"] == "state")


def test_a_desk_is_told_of_its_clients_operators_and_of_nobody_elses(line, operator):
    ben = OperatorFactory(team=operator.team, presence="available", user__first_name="Ben", user__last_name="")
    gone = OperatorFactory(team=operator.team, user__is_active=False)
    stranger = OperatorFactory(presence="available")
    desk = line("/ws/desk/", operator.user)

    rows = {row["id"]: row for row in desk.next("directory")["colleagues"]}

    assert rows.keys() == {str(operator.public_id), str(ben.public_id)}
    assert (rows[str(ben.public_id)]["name"], rows[str(ben.public_id)]["state"]) == ("Ben", "free")
    operators.set_presence(stranger, Operator.Presence.ON_BREAK)
    operators.set_presence(ben, Operator.Presence.ON_BREAK)
    [changed] = desk.next("directory_delta")["colleagues"]["put"]
    assert (changed["id"], changed["state"]) == (str(ben.public_id), "on_break")
    told = json.dumps(desk.frames)
    assert str(stranger.public_id) not in told and str(gone.public_id) not in told


def test_the_colleagues_are_read_once_for_all_desks_and_only_when_one_of_them_was_touched(line, operator, monkeypatch):
    monkeypatch.setattr(hub, "BEAT", 60)
    asked = []
    read = directory.rows
    monkeypatch.setattr(directory, "rows", lambda *about: asked.append(about) or read(*about))
    mates = [operator, *(OperatorFactory(team=operator.team) for _ in range(2))]
    lines = [line("/ws/desk/", mate.user) for mate in mates]
    for each in lines:
        each.next("directory")
    assert len(asked) == 1

    push.post(operator.team.client_id, [("queue", 1)])
    lines[0].next("state")
    assert len(asked) == 1, "nobody's state is another"

    operators.set_presence(operator, Operator.Presence.ON_BREAK)
    for each in lines:
        each.next("directory_delta")
    assert asked[1:] == [(operator.team.client_id, {operator.pk})]


def test_a_favourite_is_marked_on_the_desk_at_once(line, operator):
    ben = OperatorFactory(team=operator.team)
    desk = line("/ws/desk/", operator.user)
    assert desk.next("state")["favourites"] == []

    operators.set_favourite(operator, ben, on=True)

    assert desk.next("state")["favourites"] == [str(ben.public_id)]


def test_a_desk_that_reads_too_slowly_gets_all_of_it_in_one_frame(loop, operator):
    desk = Desk()
    desk.state = {"type": "state", "me": {"queues": []}}
    desk.put_directory(Directory(operator.team.client_id), None)
    shown = read(desk.whole())

    assert shown["type"] == "all"
    assert [frame["type"] for frame in shown["frames"]] == ["state", "waiting", "directory"]


def test_who_is_no_operator_has_no_desk(line):
    desk = line("/ws/desk/", UserFactory(role="supervisor"))

    assert desk.is_closed() == 4403


def test_opening_the_desk_makes_the_operator_reachable(line, operator):
    operators.mark_unreachable(operator, "test")

    line("/ws/desk/", operator.user).next("state")

    assert is_reachable(operator)


def test_a_desk_that_proves_nothing_makes_the_operator_unreachable(line, operator):
    line("/ws/desk/", operator.user).next("state")
    falls_silent(operator)

    assert desks.sweep() == 1
    assert not is_reachable(operator)
    assert not OpenDesk.objects.exists()


def test_a_page_that_dies_is_known_within_ten_seconds_and_one_lost_beat_does_no_harm():
    lease, sweep = models.LEASE.total_seconds(), tasks.SCHEDULE["live.sweep"]["every_seconds"]

    assert hub.BEAT + lease + sweep < 9.5, "half a second is left for the work"
    assert lease > 2 * hub.BEAT


def test_a_second_desk_that_is_alive_keeps_the_operator_reachable(line, operator):
    line("/ws/desk/", operator.user).next("state")
    falls_silent(operator)
    line("/ws/desk/", operator.user).next("state")

    assert desks.sweep() == 0
    assert is_reachable(operator)


def test_an_operator_without_any_desk_is_not_judged(operator):
    assert desks.sweep() == 0
    assert is_reachable(operator)


def test_an_answer_to_the_beat_renews_the_lease(line, operator, monkeypatch):
    monkeypatch.setattr(hub, "BEAT", 0.1)
    desk = line("/ws/desk/", operator.user)
    desk.next("beat")
    falls_silent(operator)

    desk.says({"type": "ping", "ready": True})
    desk.next("beat")
    desk.next("beat")
    desk.next("beat")

    assert OpenDesk.objects.fresh().filter(operator=operator).exists()


def test_a_page_whose_telephone_is_gone_renews_nothing(line, operator, monkeypatch):
    monkeypatch.setattr(hub, "BEAT", 0.1)
    desk = line("/ws/desk/", operator.user)
    desk.next("beat")
    falls_silent(operator)

    desk.says({"type": "ping", "ready": False})
    desk.next("beat")
    desk.next("beat")
    desk.next("beat")

    assert desks.sweep() == 1
    assert not is_reachable(operator)


def test_a_telephone_that_comes_back_makes_the_operator_reachable_at_once(line, operator):
    desk = line("/ws/desk/", operator.user)
    desk.next("state")
    desk.says({"type": "ping", "ready": False})
    operators.mark_unreachable(operator, "the carrier could not ring it")
    desk.next("state", where=lambda frame: frame["me"]["unreachable"])

    desk.says({"type": "ping", "ready": True})
    desk.next("state", where=lambda frame: frame["me"]["unreachable"] is None)

    assert is_reachable(operator)


def test_a_page_that_slept_gets_its_lease_back(line, operator, monkeypatch):
    monkeypatch.setattr(hub, "BEAT", 0.1)
    desk = line("/ws/desk/", operator.user)
    desk.next("state")
    falls_silent(operator)
    desks.sweep()
    desk.next("state", where=lambda frame: frame["me"]["unreachable"])
    desk.says({"type": "ping", "ready": True})

    desk.next("state", where=lambda frame: frame["me"]["unreachable"] is None)

    assert is_reachable(operator)
