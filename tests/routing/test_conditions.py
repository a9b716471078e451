"""What rules can ask, looked up for real: once for each kind of question, and only when something hangs on it."""

import datetime

import pytest

from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement
from apps.queues import services as queues
from apps.queues.models import Queue
from apps.routing import services as routing
from apps.routing import trial, warnings
from apps.routing.models import Decision, Rule
from apps.routing.rules import destination_of
from apps.routing.truth import ConditionView, GroupView
from tests.factories import (
    CallFactory,
    ClientFactory,
    DestinationFactory,
    HolidayFactory,
    MembershipFactory,
    OperatorFactory,
    OperatorSkillFactory,
    PeriodFactory,
    PersonFactory,
    PhoneNumberFactory,
    QueueEntryFactory,
    QueueFactory,
    ScheduleFactory,
    SkillFactory,
    UserFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return ClientFactory()


@pytest.fixture
def number(client):
    return PhoneNumberFactory(client=client, destination=DestinationFactory(client=client, label="Main menu"))


@pytest.fixture
def desk(client):
    return DestinationFactory(client=client, label="Desk")


@pytest.fixture
def support(client):
    return QueueFactory(client=client, name="Support", members=[OperatorFactory(client=client, presence="available")])


def rule(name: str, destination, *groups: list[tuple], match: str = "all", **more) -> Rule:
    views = [GroupView(tuple(ConditionView(*one) for one in group)) for group in groups]
    made = Rule(client=destination.client, name=name, destination=destination, match=match, **more)
    return routing.save_rule(made, views)


def routed(client, number, **call) -> Decision:
    return routing.route(CallFactory(client=client, phone_number=number, **call))


def test_the_load_of_a_queue_decides(client, number, desk, support):
    rule("Busy", desk, [("queue_waiting", "Support", False, 2)])
    assert routed(client, number).rule is None

    QueueEntryFactory.create_batch(2, queue=support)

    assert routed(client, number).sentence == (
        "Rule “Busy”, because 2 wait in “Support”, at least 2: it goes to “Desk”."
    )


def test_the_longest_wait_and_the_free_operators_decide(client, number, desk, support):
    rule("Long", desk, [("queue_longest_wait", "Support", False, 60)])
    rule("Nobody", support.destination, [("queue_free", "Support", True, 1)])
    assert routed(client, number).rule is None

    support.memberships.update(active=False)
    assert routed(client, number).rule.name == "Nobody"

    QueueEntryFactory(queue=support, place_at=clock.now() - datetime.timedelta(seconds=90))
    assert routed(client, number).rule.name == "Long"


def test_free_operators_with_a_skill_decide(client, number, desk):
    skill = SkillFactory(client=client, name="Spanish")
    speaker = OperatorFactory(client=client, presence="available")
    OperatorSkillFactory(operator=speaker, skill=skill)
    OperatorSkillFactory(operator=OperatorFactory(client=client), skill=skill)
    rule("Spanish", desk, [("skill_available", "Spanish", False, 2)], [("language", "es")])
    second = OperatorFactory(client=client, presence="available")

    assert routed(client, number, language="es-MX").tried[0]["because"] == (
        "1 operators with the skill “Spanish” are free, less than 2"
    )
    OperatorSkillFactory(operator=second, skill=skill)
    assert routed(client, number, language="es-MX").destination == desk
    assert routed(client, number, language="en-US").rule is None


def test_the_callers_country_decides(client, number, desk):
    rule("Abroad", desk, [("country", "us", True)])

    assert routed(client, number, customer_number="+442079460000").sentence.startswith(
        "Rule “Abroad”, because the caller is not from US"
    )
    assert routed(client, number, customer_number="+16465550100").rule is None
    assert routed(client, number, customer_number="anonymous").rule is None


def test_a_holiday_decides(client, number, desk):
    schedule = ScheduleFactory(client=client, name="Office")
    HolidayFactory(schedule=schedule, date=datetime.date(2026, 12, 25), name="Christmas")
    rule("Holiday", desk, [("holiday", "office")])
    christmas = datetime.datetime(2026, 12, 25, 12, tzinfo=datetime.UTC)

    assert routing.try_sample(number, "+16465550100", christmas).destination == desk
    assert routing.try_sample(number, "+16465550100", christmas + datetime.timedelta(days=1)).rule is None


def test_the_last_call_decides(client, number, desk):
    rule("Again", desk, [("since_last_call", "", True, 30)])
    rule("New", number.destination, [("called_before", "no")])
    caller = "+16465550123"
    assert routed(client, number, customer_number=caller).rule.name == "New"

    again = CallFactory(
        client=client,
        phone_number=number,
        customer_number=caller,
        started_at=clock.now() + datetime.timedelta(minutes=10),
    )
    clock.freeze(again.started_at)
    try:
        assert routing.route(again).rule.name == "Again"
    finally:
        clock.release()
    assert routed(client, number, customer_number="anonymous").rule is None


def test_the_keys_pressed_in_menus_decide(client, number, desk):
    rule("Twelve", desk, [("digits", "12")])
    rule("First two", number.destination, [("digits_prefix", "2")])
    call = CallFactory(client=client, phone_number=number)
    assert routing.route(call).rule is None

    steps = [
        {"kind": "menu", "key": key, "cause": cause, "label": ""} for key, cause in [("1", "pressed"), ("9", "wrong")]
    ]
    VisitFactory(call=call, flow__client=client, path=steps, ended_at=clock.now())
    VisitFactory(call=call, flow__client=client, path=[{**steps[0], "key": "2"}])

    assert routing.route(call).sentence.startswith("Rule “Twelve”, because the caller pressed 12")
    assert routing.try_sample(number, "+16465550100", digits="21").rule.name == "First two"
    assert routing.try_sample(number, "+16465550100").rule is None


def test_any_group_is_enough_when_the_rule_says_so(client, number, desk):
    PersonFactory(client=client, tags=["VIP"])
    rule("Either", desk, [("caller_tag", "VIP")], [("country", "GB")], match="any")

    assert routed(client, number, customer_number="+442079460000").destination == desk
    assert routed(client, number).tried[0]["because"] == (
        "the caller does not have the tag “VIP” and the caller is not from GB"
    )


def test_however_many_rules_ask_the_queries_stay_the_same(client, number, support, django_assert_num_queries):
    ScheduleFactory(client=client, name="Office", always=True)
    other = QueueFactory(client=client, name="Sales")
    skill = SkillFactory(client=client, name="Spanish")
    for n in range(1, 9):
        for name, queue in (("Support", support), ("Sales", other)):
            rule(
                f"{name} {n}", queue.destination,
                [("queue_waiting", name, False, n), ("queue_free", name, False, n), ("open", "Office", n % 2 == 0)],
                [("skill_available", skill.name, False, n), ("called_before", "yes")],
            )  # fmt: skip
    call = CallFactory(client=client, phone_number=number)
    call.client, call.phone_number.destination  # noqa: B018 (they come with the call)

    # rules, groups, conditions; schedules with periods and holidays; queues, line, staff; skills; last call;
    # decision and event
    with django_assert_num_queries(14):
        assert routing.route(call).rule is None


def test_a_full_queue_sends_the_call_to_the_fallback(client, number, desk, support):
    support.max_size = 1
    support.save()
    rule("Everybody", support.destination, fallback=desk)
    assert routed(client, number).destination == support.destination

    QueueEntryFactory(queue=support)

    decision = routed(client, number)
    assert decision.destination == desk
    assert decision.sentence == (
        "Rule “Everybody”, because it applies to every call: it goes to the fallback “Desk”. "
        "All 1 places of Support are taken."
    )
    assert Decision.objects.get(pk=decision.pk).facts["refusals"] == [
        [support.destination_id, "All 1 places of Support are taken."]
    ]


def test_a_closed_or_unstaffed_queue_sends_the_call_to_the_fallback(client, number, desk):
    closed = QueueFactory(client=client, name="Closed", schedule=ScheduleFactory(client=client))
    rule("Everybody", closed.destination, fallback=desk)
    assert routed(client, number).destination == desk

    closed.schedule, closed.when_unstaffed = None, "overflow"
    closed.save()
    assert "Nobody of Closed is signed in" in routed(client, number).sentence

    MembershipFactory(queue=closed, operator=OperatorFactory(client=client, presence="available"))
    assert routed(client, number).destination == closed.destination


def test_a_destination_that_is_switched_off_is_replaced_by_the_fallback(client, number, desk):
    spare = DestinationFactory(client=client, label="Spare")
    rule("Everybody", desk, fallback=spare)
    desk.active = False
    desk.save()

    assert routed(client, number).sentence.endswith("“Spare”. Its destination is switched off.")
    spare.active = False
    spare.save()
    assert routed(client, number).destination == number.destination


def test_rules_that_would_run_in_a_circle_are_refused(client, number, support):
    rules = destination_of(client)
    with pytest.raises(Refused, match="in a circle: Routing rules → Routing rules"):
        rule("Round", rules)
    support.overflow = rules
    support.save()

    with pytest.raises(Refused, match="in a circle: Routing rules → Support → Routing rules"):
        rule("Fallback", number.destination, fallback=support.destination)

    assert not Rule.objects.exists()


def test_a_number_that_sends_calls_to_the_rules_themselves_leads_nowhere(client, number):
    number.destination = destination_of(client)
    number.save()

    assert "Give the number a destination" in routed(client, number).sentence


def test_every_change_of_a_rule_is_written_down(client, desk):
    manager = UserFactory(first_name="Mara", last_name="Lind")
    made = routing.save_rule(Rule(client=client, name="New", destination=desk), [], by=manager)
    made.name, made.active = "Old", False
    routing.save_rule(made, [GroupView((ConditionView("known_caller", "yes"),))], by=manager)
    routing.save_rule(made, by=manager)
    routing.arrange(client, [made], by=manager)
    routing.remove_rule(made, by=manager)

    events = Event.objects.filter(kind__startswith="routing.rule").order_by("pk")
    assert [(event.kind, event.actor) for event in events] == [
        ("routing.rule_made", manager), ("routing.rule_changed", manager), ("routing.rule_removed", manager)
    ]  # fmt: skip
    assert events[1].sentence == (
        "The rule “Old” was changed. name: New → Old; state: on → off; when: always → the caller is known."
    )


def test_what_is_probably_not_meant_is_said_with_names(client, desk):
    SkillFactory(client=client, name="Spanish")
    day, night = (ScheduleFactory(client=client, name=name) for name in ("Day", "Night"))
    never = ScheduleFactory(client=client, name="Never")
    PeriodFactory(schedule=day, opens=datetime.time(9), closes=datetime.time(17))
    PeriodFactory(schedule=night, opens=datetime.time(17), closes=datetime.time(0))
    empty = QueueFactory(client=client, name="Empty")
    rule("Skill", desk, [("skill_available", "Spanish", False, 1)])
    rule("Both", desk, [("open", "Day"), ("open", "Night")])
    rule("Hours", empty.destination, [("open", never.name)], fallback=desk)

    told = {(one.rule.name, one.field): one.sentence for one in warnings.of_client(client)}

    assert told == {
        ("Skill", "conditions"): "Nobody has the skill “Spanish”. Give it to operators, or ask for another.",
        ("Both", "conditions"): "“Day” and “Night” are never open at the same time, so this rule never applies.",
        ("Hours", "destination"): "The queue “Empty” has no members: nobody would answer.",
        ("Hours", "conditions"): "“Never” has no hours at all, so it is never open.",
    }


def test_a_queue_that_is_closed_whenever_its_rule_applies_is_named(client, desk):
    day, night = (ScheduleFactory(client=client, name=name) for name in ("Day", "Night"))
    PeriodFactory(schedule=day, opens=datetime.time(9), closes=datetime.time(17))
    PeriodFactory(schedule=night, opens=datetime.time(17), closes=datetime.time(0))
    support = QueueFactory(client=client, name="Support", schedule=day, members=[OperatorFactory(client=client)])
    rule("After hours", support.destination, [("open", "Day", True)])
    rule("At night", support.destination, [("open", "Night")], fallback=desk)
    rule("By day", support.destination, [("open", "Day"), ("known_caller", "yes")])
    rule("Either", support.destination, [("open", "Day", True)], [("known_caller", "no")], match="any")

    told = {(one.rule.name, one.field): one.sentence for one in warnings.of_client(client)}

    always = "The queue “Support” is always closed when this rule applies: it keeps the hours “Day”,"
    assert told == {
        ("After hours", "destination"): f"{always} and the rule asks that these are over.",
        ("At night", "destination"): f"{always} which are never open while “Night” are.",
    }


def test_hours_that_meet_are_not_warned_about(client, desk):
    day, late = (ScheduleFactory(client=client, name=name) for name in ("Day", "Late"))
    PeriodFactory(schedule=day, opens=datetime.time(9), closes=datetime.time(17))
    PeriodFactory(schedule=late, opens=datetime.time(16, 59), closes=datetime.time(0))
    rule("Both", desk, [("open", "Day"), ("open", "Late")])

    assert warnings.of_client(client) == []


def test_a_sample_call_says_who_would_get_it(client, number, support):
    rule("Everybody", support.destination)

    first, *rest = trial.operator_for(routing.try_sample(number, "+16465550100"))

    name = support.members.get().user.display_name
    assert first.startswith(f"{name} would be rung now.")
    assert any(line.startswith(f"{name}: ") for line in rest)
    support.memberships.update(active=False)
    assert trial.operator_for(routing.try_sample(number, "+16465550100"))[0].startswith("Nobody would be rung now")


def test_a_sample_call_waits_for_the_operator_whom_the_queue_prefers_as_a_real_one_would(client, number, support):
    rule("Everybody", support.destination)
    Queue.objects.filter(pk=support.pk).update(prefer="last", prefer_wait_seconds=30)
    last = OperatorFactory(client=client, presence="available", user__first_name="Cora")
    MembershipFactory(queue=support, operator=last)
    CallFactory(
        client=client, customer_number="+16465550100", operator=last, status="over", outcome="answered",
        answered_at=clock.now(), ended_at=clock.now(),
    )  # fmt: skip

    def first() -> str:
        return trial.operator_for(routing.try_sample(number, "+16465550100"))[0]

    assert "Cora would be rung now." in first() and "spoke with the caller last" in first()
    operators.engage(last, Engagement.Purpose.DESK_CALL)
    assert "The caller waits for who spoke with the caller last, 30 s more." in first()
    operators.set_presence(last, "offline")
    assert "Cora" not in first() and "would be rung now" in first()


def test_turning_away_is_said_as_joining_says_it(client, support):
    support.max_size = 1
    support.save()
    assert queues.turns_away(support, clock.now()) is None
    QueueEntryFactory(queue=support)

    with pytest.raises(queues.QueueFull) as refused:
        queues.join(CallFactory(client=client), support)

    assert queues.turns_away(support, clock.now()).sentence == refused.value.sentence
