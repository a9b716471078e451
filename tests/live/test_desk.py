from datetime import timedelta

import pytest
from django.db.models.functions import Now

from apps.live import desks, hub
from apps.live.models import OpenDesk
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
