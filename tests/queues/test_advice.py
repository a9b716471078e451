"""What is legal in a queue's setup but hardly meant is said beside the setting, with the names."""

import datetime

import pytest

from apps.queues import advice, setup
from apps.queues.models import Choice, Queue, SkillRelaxation, SkillRequirement
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue():
    """A queue that leaves nothing to say: two members, an overflow."""
    client = factories.ClientFactory()
    ending = factories.EndingFactory(destination__client=client).destination
    queue = setup.save(Queue(client=client, name="Support", overflow=ending))
    anna, ben = (factories.OperatorFactory(client=client, user__first_name=name) for name in ("Anna", "Ben"))
    return setup.set_members(queue, [anna, ben])


def said(queue: Queue) -> list[tuple[str, str]]:
    return [(found.field, found.sentence) for found in advice.of(Queue.objects.get(pk=queue.pk))]


def only(queue: Queue, field: str) -> str:
    """The one thing that is said, which is about `field`."""
    ((about, sentence),) = said(queue)
    assert about == field
    return sentence


def change(queue: Queue, **settings) -> None:
    Queue.objects.filter(pk=queue.pk).update(**settings)


def asks(queue: Queue, *levels: tuple[str, int], relaxed: dict[int, int] | None = None) -> None:
    for name, level in levels:
        skill = factories.SkillFactory(client=queue.client, name=name)
        SkillRequirement.objects.create(queue=queue, skill=skill, level=level)
    for after, level in (relaxed or {}).items():
        SkillRelaxation.objects.create(queue=queue, after_seconds=after, level=level)


def can(queue: Queue, name: str, **levels: int) -> None:
    operator = queue.members.get(user__first_name=name)
    for skill, level in levels.items():
        row = SkillRequirement.objects.get(queue=queue, skill__name=skill).skill
        factories.OperatorSkillFactory(operator=operator, skill=row, level=level)


def hours(queue: Queue, name: str, weekday: int | None):
    schedule = factories.ScheduleFactory(client=queue.client, name=name)
    if weekday is not None:
        factories.PeriodFactory(schedule=schedule, weekday=weekday)
    return schedule


def test_a_sound_queue_needs_no_advice(queue):
    assert said(queue) == []


def test_a_queue_that_is_off_needs_no_advice(queue):
    queue.memberships.all().delete()
    change(queue, active=False)

    assert said(queue) == []


def test_a_skill_that_no_member_has_is_named(queue):
    asks(queue, ("Spanish", 5))
    can_nothing = only(queue, "requirements")

    assert "Support asks for Spanish 5, but nobody has it at all" in can_nothing
    assert "No call would ever be answered" in can_nothing


def test_a_level_that_no_member_reaches_even_at_last_is_named_with_the_best(queue):
    asks(queue, ("Spanish", 9), relaxed={20: 7, 40: 6})
    can(queue, "Anna", Spanish=3)
    can(queue, "Ben", Spanish=4)

    assert "Spanish 9, and later 6, but the best is Ben with 4" in only(queue, "requirements")


def test_a_level_that_is_reached_by_waiting_only_says_how_long_all_wait(queue):
    asks(queue, ("Spanish", 9), relaxed={20: 7, 40: 4})
    can(queue, "Anna", Spanish=5)

    assert "Every caller waits 40 s before anybody is asked" in only(queue, "requirements")


def test_a_relaxation_to_anybody_makes_a_missing_skill_a_wait(queue):
    asks(queue, ("Spanish", 5), relaxed={60: 0})

    assert "Every caller waits 60 s" in only(queue, "requirements")


def test_skills_that_nobody_has_together_are_named(queue):
    asks(queue, ("Spanish", 5), ("Billing", 4))
    can(queue, "Anna", Spanish=8)
    can(queue, "Ben", Billing=8)

    assert (
        only(queue, "requirements") == "No call would ever be answered: no member has all of Billing 4 and Spanish 5."
    )


@pytest.mark.parametrize(
    ("relaxed", "words"),
    [({20: 7}, "Level 7 after 20 s changes nothing: no more than 5 is asked"), ({600: 2}, "600 s is too late")],
)
def test_a_relaxation_without_effect_is_named(queue, relaxed, words):
    asks(queue, ("Spanish", 5), relaxed=relaxed)
    can(queue, "Anna", Spanish=8)

    assert words in only(queue, "relaxations")


def test_relaxing_what_is_not_required_is_named(queue):
    asks(queue, relaxed={20: 3})

    assert "No skill is required" in only(queue, "relaxations")


def test_ageing_beyond_the_highest_priority_is_named(queue):
    change(queue, priority=5, ageing_seconds=10)
    assert "After 50 s these callers come before new ones of the highest priority, 10" in only(queue, "ageing_seconds")

    change(queue, priority=10)
    assert "The priority is 10 already" in only(queue, "ageing_seconds")

    change(queue, priority=5, ageing_seconds=60)
    assert said(queue) == []


def test_tiers_that_lead_nowhere_are_named(queue):
    change(queue, tier_wait_seconds=30)
    assert "All members are in tier 1" in only(queue, "tier_wait_seconds")

    queue.memberships.update(tier=2)
    assert "Nobody is in tier 1, so each caller waits 30 s" in only(queue, "memberships")

    queue.memberships.filter(operator__user__first_name="Anna").update(tier=1)
    change(queue, tier_wait_seconds=600)
    assert "Ben would never be asked" in only(queue, "tier_wait_seconds")


def test_weights_and_orders_that_are_all_alike_are_named(queue):
    change(queue, strategy="weighted")
    assert "the same weight" in only(queue, "memberships")

    change(queue, strategy="linear")
    assert "Anna and Ben all have order 0" in only(queue, "memberships")

    change(queue, strategy="best_skill")
    assert "No skill is required" in only(queue, "strategy")


def test_a_member_who_can_no_longer_sign_in_is_named(queue):
    ben = queue.members.get(user__first_name="Ben")
    ben.user.is_active = False
    ben.user.save()

    assert only(queue, "memberships").startswith("Ben can no longer sign in.")


@pytest.mark.parametrize("field", ["overflow", "when_closed", "choices"])
def test_a_target_without_people_is_named_wherever_calls_go_there(queue, field):
    empty = setup.save(Queue(client=queue.client, name="Sales", overflow=queue.overflow))
    if field == "choices":
        Choice.objects.create(queue=queue, key="2", action="go", destination=empty.destination)
    elif field == "when_closed":
        change(queue, when_closed=empty.destination, schedule=hours(queue, "Office", 0))
    else:
        change(queue, overflow=empty.destination)

    assert "“Sales” has no members" in only(queue, field)


def test_a_target_that_is_switched_off_is_named(queue):
    queue.overflow.active = False
    queue.overflow.save()

    assert "is switched off" in only(queue, "overflow")


def test_hours_that_contradict_each_other_are_named(queue):
    sales = setup.save(Queue(client=queue.client, name="Sales", overflow=queue.overflow))
    setup.set_members(sales, [queue.members.first()])
    monday, tuesday = hours(queue, "Mondays", 0), hours(queue, "Tuesdays", 1)
    change(sales, schedule=tuesday)

    change(queue, schedule=monday, when_closed=queue.overflow, overflow=sales.destination)
    assert "“Sales” (Tuesdays) is never open while Support (Mondays) is" in only(queue, "overflow")

    change(queue, schedule=tuesday, when_closed=sales.destination)
    assert "keeps the same hours, so it is closed as well" in only(queue, "when_closed")


def test_a_schedule_that_is_never_open_is_named(queue):
    change(queue, schedule=hours(queue, "Nothing yet", None), when_closed=queue.overflow)

    assert "“Nothing yet” is never open" in only(queue, "schedule")


def test_a_schedule_that_somebody_closed_for_now_is_no_fault(queue):
    office = hours(queue, "Office", 0)
    office.closed_now = True
    office.save()
    change(queue, schedule=office, when_closed=queue.overflow)

    assert said(queue) == []


def test_callback_hours_that_never_meet_the_queues_are_named_once_a_key_asks_for_callbacks(queue):
    evening = factories.ScheduleFactory(client=queue.client, name="Evenings")
    factories.PeriodFactory(schedule=evening, opens=datetime.time(18), closes=datetime.time(20))
    change(
        queue, schedule=hours(queue, "Office", 0), when_closed=queue.overflow, callback_schedule=evening,
    )  # fmt: skip
    assert said(queue) == []

    Choice.objects.create(queue=queue, key="1")
    assert "“Evenings” and the queue's hours, “Office”, never meet" in only(queue, "callback_schedule")


def test_a_callback_that_is_given_up_before_its_last_try_is_named(queue):
    Choice.objects.create(queue=queue, key="1")
    change(queue, callback_tries=3, callback_retry_seconds=3600, callback_expires_seconds=7200)

    assert "The last of 3 tries would come after 7200 s" in only(queue, "callback_expires_seconds")


def test_times_that_outlast_the_longest_wait_are_named(queue):
    change(queue, max_wait_seconds=20, ring_seconds=25, service_level_seconds=20)
    assert "rings for 25 s" in only(queue, "ring_seconds")

    change(queue, ring_seconds=10, service_level_seconds=30)
    assert "passed on after 20 s" in only(queue, "service_level_seconds")
