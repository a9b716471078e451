from datetime import timedelta

import pytest

from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still_clock():
    clock.freeze()
    yield
    clock.release()


def test_becoming_available_is_noted_with_the_time_in_the_former_presence():
    operator = factories.OperatorFactory(presence_since=clock.now())
    clock.advance(90)

    operators.set_presence(operator, "available")

    operator.refresh_from_db()
    assert operator.presence == "available"
    assert operator.presence_since == operator.idle_since == clock.now()
    event = Event.objects.get(kind="operators.presence_changed")
    assert event.data["before"] == "offline"
    assert event.data["seconds"] == 90
    assert event.client_ref == operator.team.client.public_id


def test_the_same_presence_again_changes_nothing():
    operator = factories.OperatorFactory()
    operators.set_presence(operator, "available")
    since = operator.presence_since
    clock.advance(10)

    operators.set_presence(operator, "available")

    operator.refresh_from_db()
    assert operator.presence_since == since
    assert Event.objects.filter(kind="operators.presence_changed").count() == 1


def test_a_break_has_a_reason_of_the_operators_client():
    operator = factories.OperatorFactory(presence="available")
    lunch = factories.BreakReasonFactory(client=operator.team.client, name="Lunch")

    operators.set_presence(operator, "on_break", reason=lunch)

    operator.refresh_from_db()
    assert (operator.presence, operator.break_reason) == ("on_break", lunch)
    operators.set_presence(operator, "available")
    operator.refresh_from_db()
    assert operator.break_reason is None


@pytest.mark.parametrize(
    ("presence", "reason_of"),
    [("asleep", None), ("available", "own"), ("on_break", "other client"), ("on_break", "out of use")],
)
def test_a_presence_that_does_not_fit_is_refused_and_changes_nothing(presence, reason_of):
    operator = factories.OperatorFactory()
    reason = {
        None: lambda: None,
        "own": lambda: factories.BreakReasonFactory(client=operator.team.client),
        "other client": factories.BreakReasonFactory,
        "out of use": lambda: factories.BreakReasonFactory(client=operator.team.client, active=False),
    }[reason_of]()

    with pytest.raises(Refused):
        operators.set_presence(operator, presence, reason=reason)

    operator.refresh_from_db()
    assert operator.presence == "offline"
    assert not Event.objects.exists()


def test_signing_out_ends_a_wrap_up_but_not_a_conversation():
    wrapping, talking = factories.OperatorFactory.create_batch(2, presence="available")
    operators.wrap_up(wrapping, 30, None)
    operators.engage(talking, Engagement.Purpose.OFFER)

    operators.set_presence(wrapping, "offline")
    operators.set_presence(talking, "offline")

    assert not wrapping.engagements.open().exists()
    assert talking.engagements.open().exists()


def test_two_paths_never_take_the_same_operator():
    operator = factories.OperatorFactory(presence="available")
    operators.engage(operator, Engagement.Purpose.OFFER)

    with pytest.raises(Refused) as refusal:
        operators.engage(operator, Engagement.Purpose.DESK_CALL)

    assert refusal.value.code == "operator_busy"
    assert operator.engagements.count() == 1


def test_releasing_twice_is_releasing_once_and_starts_the_idle_time():
    operator = factories.OperatorFactory(presence="available")
    engagement = operators.engage(operator, Engagement.Purpose.OFFER)
    clock.advance(60)

    assert operators.release(engagement)
    clock.advance(5)
    assert not operators.release(engagement)

    operator.refresh_from_db()
    assert (clock.now() - operator.idle_since).total_seconds() == 5
    assert Event.objects.get(kind="operators.released").data["seconds"] == 60


def test_who_served_nobody_keeps_the_turn():
    operator = factories.OperatorFactory(presence="available")
    before = operator.idle_since
    engagement = operators.engage(operator, Engagement.Purpose.OFFER)
    clock.advance(12)

    operators.release(engagement, keep_turn=True)

    operator.refresh_from_db()
    assert operator.idle_since == before


def test_a_wrap_up_ends_by_itself_at_the_moment_when_it_is_due():
    operator = factories.OperatorFactory(presence="available")
    wrap_up = operators.wrap_up(operator, 30, None)
    clock.advance(29)
    assert operators.finish_due_wrap_ups(clock.now()) == 0

    clock.advance(3)

    assert operators.finish_due_wrap_ups(clock.now()) == 1
    assert operators.finish_due_wrap_ups(clock.now()) == 0
    wrap_up.refresh_from_db()
    operator.refresh_from_db()
    assert wrap_up.ended_at == wrap_up.due_at == operator.idle_since


def test_a_wrap_up_is_finished_early_once():
    operator = factories.OperatorFactory(presence="available")
    operators.wrap_up(operator, 30, None)

    assert operators.finish_wrap_up(operator)
    assert not operators.finish_wrap_up(operator)
    assert Operator.objects.ready().get() == operator


def test_no_wrap_up_for_nothing_and_for_nobody():
    available = factories.OperatorFactory(presence="available")
    gone = factories.OperatorFactory(presence="offline")

    assert operators.wrap_up(available, 0, None) is None
    assert operators.wrap_up(gone, 30, None) is None


def test_an_unreachable_desk_is_not_ready_until_it_is_heard_of():
    operator = factories.OperatorFactory(presence="available")

    assert operators.mark_unreachable(operator, "no answer of the device")
    assert not operators.mark_unreachable(operator, "no answer of the device")
    assert not Operator.objects.ready().exists()

    assert operators.mark_reachable(operator)
    assert not operators.mark_reachable(operator)
    assert Operator.objects.ready().get() == operator


def test_choosing_available_means_that_the_desk_can_ring():
    operator = factories.OperatorFactory(presence="available", unreachable_since=clock.now())

    operators.set_presence(operator, "available")

    operator.refresh_from_db()
    assert operator.unreachable_since is None


def test_making_an_operator_gives_the_role_and_the_client():
    team = factories.TeamFactory()
    user = factories.UserFactory()

    operator = operators.add_operator(user, team, extension="21")

    assert operators.for_user(user) == operator
    assert user.groups.get().name == "operator"
    assert team.client in user.clients.all()


def test_a_supervisor_who_also_takes_calls_keeps_the_role():
    user = factories.UserFactory(role="supervisor")

    operators.add_operator(user, factories.TeamFactory())

    assert user.groups.get().name == "supervisor"


def test_a_user_who_takes_no_calls_is_no_operator():
    assert operators.for_user(factories.UserFactory()) is None


def test_a_break_that_is_too_long_is_written_down_once():
    lunch = factories.BreakReasonFactory(name="Lunch", limit_seconds=1800)
    anna = factories.OperatorFactory(client=lunch.client, presence="available")
    endless = factories.BreakReasonFactory(client=lunch.client, name="Training", limit_seconds=0)
    ben = factories.OperatorFactory(client=lunch.client, presence="available")
    operators.set_presence(anna, "on_break", reason=lunch)
    operators.set_presence(ben, "on_break", reason=endless)
    begun = clock.now()

    clock.advance(1800)
    assert operators.note_long_breaks(clock.now()) == 0
    clock.advance(1)
    assert operators.note_long_breaks(clock.now()) == 1
    clock.advance(600)
    assert operators.note_long_breaks(clock.now()) == 0

    event = Event.objects.get(kind="operators.break_overrun")
    assert (event.at, event.data) == (
        begun + timedelta(seconds=1800), {"operator": str(anna), "reason": "Lunch", "limit": "30:00"},
    )  # fmt: skip
