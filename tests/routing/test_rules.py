"""Rules as they are written, and calls as they are routed."""

import datetime

import pytest

from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from apps.notify.models import Notice
from apps.routing import services as routing
from apps.routing import warnings
from apps.routing.models import Condition, Decision, Rule
from apps.routing.truth import ConditionView, Facts, GroupView
from tests.factories import (
    CallFactory,
    ClientFactory,
    DestinationFactory,
    PersonFactory,
    PersonListFactory,
    PhoneNumberFactory,
    RuleFactory,
    ScheduleFactory,
    TagFactory,
)

pytestmark = pytest.mark.django_db

CALLER = "+16465550123"


@pytest.fixture
def client():
    return ClientFactory()


@pytest.fixture
def number(client):
    return PhoneNumberFactory(
        client=client, number="+14155550100", destination=DestinationFactory(client=client, label="Main menu")
    )


@pytest.fixture
def vip_desk(client):
    return DestinationFactory(client=client, label="VIP desk")


@pytest.fixture
def call(client, number):
    return CallFactory(client=client, phone_number=number, customer_number=CALLER)


def rule(name: str, destination, *conditions: tuple, **facts) -> Rule:
    rows = tuple(ConditionView(subject, value, bool(rest)) for subject, value, *rest in conditions)
    made = Rule(client=destination.client, name=name, destination=destination, **facts)
    return routing.save_rule(made, [GroupView(rows)])


def test_without_rules_a_call_goes_where_its_number_says(call, number):
    decision = routing.route(call)

    assert decision.destination == number.destination
    assert decision.sentence == "There are no rules: it goes to “Main menu”, where calls to +14155550100 go."


def test_a_rule_about_the_callers_tag_decides_and_says_why(client, call, vip_desk):
    call.person = PersonFactory(client=client, numbers=[CALLER], tags=["VIP"])
    matching = rule("VIPs", vip_desk, ("caller_tag", "vip"))

    decision = routing.route(call)

    assert (decision.rule, decision.destination) == (matching, vip_desk)
    assert decision.sentence == "Rule “VIPs”, because the caller has the tag “VIP”: it goes to “VIP desk”."
    assert routing.explain(decision) == ["“VIPs” decided: the caller has the tag “VIP”."]
    event = Event.objects.of_call(call.public_id).get()
    assert (event.kind, event.sentence) == ("routing.decided", decision.sentence)


def test_a_rule_that_fails_is_kept_with_its_reason(call, vip_desk):
    TagFactory(client=vip_desk.client, name="VIP")
    rule("VIPs", vip_desk, ("caller_tag", "VIP"))

    decision = routing.route(call)

    assert decision.rule is None
    assert decision.sentence.startswith("No rule matched: it goes to “Main menu”")
    assert routing.explain(decision) == ["“VIPs” did not apply: the caller does not have the tag “VIP”."]


def test_rules_are_tried_in_their_order(client, call, vip_desk):
    other = DestinationFactory(client=client, label="Other")
    first = rule("Everybody from New York", vip_desk, ("caller_prefix", "+1 646"))
    second = rule("Everybody", other)
    assert routing.route(call).rule == first

    routing.arrange(client, [second, first])

    assert routing.route(call).rule == second


def test_opening_hours_decide(call, vip_desk, client):
    ScheduleFactory(client=client, name="Office")
    rule("At night", vip_desk, ("open", "Office", "not"))

    assert routing.route(call).sentence == "Rule “At night”, because “Office” is closed: it goes to “VIP desk”."


def test_a_rule_to_a_place_that_is_switched_off_is_passed_over(call, vip_desk, number):
    rule("Everybody", vip_desk)
    vip_desk.active = False
    vip_desk.save()

    decision = routing.route(call)

    assert decision.destination == number.destination
    assert routing.explain(decision) == ["“Everybody” did not apply: its destination is switched off."]


def test_a_rule_that_is_switched_off_is_not_tried(call, vip_desk):
    rule("Everybody", vip_desk, active=False)

    assert routing.route(call).tried == []


def test_a_number_that_leads_nowhere_warns_the_manager(call, number):
    number.destination.active = False
    number.destination.save()

    decision = routing.route(call)

    assert decision.destination is None
    assert "is switched off. Switch it on" in Notice.objects.get().text


def test_another_clients_rules_are_not_asked(call):
    rule("Everybody", DestinationFactory())

    assert routing.route(call).tried == []


def test_a_withheld_number_is_routed_as_well(call, vip_desk, number):
    call.customer_number = "anonymous"
    rule("New York", vip_desk, ("caller_prefix", "+1646"))

    decision = routing.route(call)

    assert decision.destination == number.destination
    assert decision.facts["caller"] == ""


def test_a_decision_can_be_replayed_from_its_row(call, vip_desk):
    rule("New York", vip_desk, ("caller_prefix", "+1646"), ("known_caller", "no"))
    routing.route(call)

    kept = Decision.objects.get()

    facts = Facts.from_json(kept.facts)
    verdict = routing.engine.decide(facts, [routing.view(one) for one in Rule.objects.trying(call.client)])
    assert verdict.rule == kept.rule_id


def test_trying_a_sample_call_changes_nothing(client, number, vip_desk):
    PersonFactory(client=client, numbers=[CALLER], tags=["VIP"])
    rule("VIPs", vip_desk, ("caller_tag", "VIP"))
    before = Event.objects.count()

    answer = routing.try_sample(number, CALLER)

    assert answer.destination == vip_desk
    assert (Decision.objects.count(), Event.objects.count()) == (0, before)


def test_a_sample_call_can_be_tried_at_another_time(client, number, vip_desk):
    schedule = ScheduleFactory(client=client, name="Office", always=True)
    schedule.holidays.create(date=datetime.date(2026, 12, 25), name="Christmas")
    rule("Closed", vip_desk, ("open", "Office", "not"))
    christmas = datetime.datetime(2026, 12, 25, 12, tzinfo=datetime.UTC)

    assert routing.try_sample(number, CALLER, christmas).destination == vip_desk
    assert routing.try_sample(number, CALLER, christmas - datetime.timedelta(days=2)).rule is None


def test_facts_are_looked_up_only_when_a_rule_asks(call, django_assert_num_queries):
    call.client, call.phone_number.destination  # noqa: B018 (they come with the call)

    with django_assert_num_queries(3):  # rules, decision, event
        routing.route(call)


def test_nothing_is_looked_up_for_a_rule_about_another_number(call, client, vip_desk, django_assert_num_queries):
    ScheduleFactory(client=client, name="Office")
    PhoneNumberFactory(client=client, number="+14155550199")
    rule("Elsewhere", vip_desk, ("open", "Office"), ("number", "+14155550199"))
    call.client, call.phone_number.destination  # noqa: B018 (they come with the call)

    with django_assert_num_queries(5):  # rules, their groups, their conditions, decision, event
        decision = routing.route(call)

    assert decision.destination.label == "Main menu"
    assert "the call came to +1 415-555-0100, not +1 415-555-0199" in decision.tried[0]["because"]


@pytest.mark.parametrize(
    ("subject", "value", "words"),
    [
        ("number", "+14155559999", "not one of your numbers. Choose one of: +14155550100."),
        ("number", "the main one", "is not a phone number"),
        ("caller", "12", "wrong number of digits"),
        ("caller_prefix", "0415", "in international form"),
        ("caller_tag", "Gold", "There is no tag named “Gold”. Choose one of: VIP."),
        ("caller_list", "Gold", "There is no list of people named “Gold”. Make the list of people first."),
        ("known_caller", "perhaps", "Write yes"),
        ("open", "Office", "There is no schedule named “Office”. Make the schedule first."),
    ],
)
def test_a_value_that_names_nothing_is_refused(client, number, vip_desk, subject, value, words):
    TagFactory(client=client, name="VIP")

    with pytest.raises(Refused) as refused:
        rule("Rule", vip_desk, (subject, value))

    assert words in refused.value.sentence
    assert not Rule.objects.exists()


@pytest.mark.parametrize(
    ("subject", "typed", "kept"),
    [
        ("number", "(415) 555-0100", "+14155550100"),
        ("caller", "646 555 0123", "+16465550123"),
        ("caller_prefix", "+1 (646)", "+1646"),
        ("caller_tag", " vip ", "VIP"),
        ("caller_list", "GOLD", "Gold"),
        ("known_caller", "Yes", "yes"),
    ],
)
def test_values_are_kept_as_the_engine_compares_them(client, number, vip_desk, subject, typed, kept):
    TagFactory(client=client, name="VIP")
    PersonListFactory(client=client, name="Gold")

    rule("Rule", vip_desk, (subject, typed))

    assert Condition.objects.get().value == kept


def test_conditions_that_contradict_each_other_are_refused(vip_desk):
    with pytest.raises(Refused, match="can never apply: a number cannot fit"):
        rule("Rule", vip_desk, ("caller_prefix", "+1"), ("caller_prefix", "+44"))

    assert not Rule.objects.exists()


def test_a_rule_that_repeats_another_is_refused(client, vip_desk):
    rule("One", vip_desk, ("known_caller", "yes"))

    with pytest.raises(Refused, match="“One” has the same conditions"):
        rule("Two", DestinationFactory(client=client), ("known_caller", "yes"))

    rule("Two", vip_desk, ("known_caller", "yes"), active=False)


def test_another_clients_destination_is_refused(client):
    with pytest.raises(Refused, match="belongs to another client"):
        routing.save_rule(Rule(client=client, name="Rule", destination=DestinationFactory()), [])


def test_a_rule_behind_one_that_takes_everything_is_named(client, vip_desk):
    known = rule("Known", vip_desk, ("known_caller", "yes"))
    new_york = rule("Known in New York", vip_desk, ("known_caller", "yes"), ("caller_prefix", "+1646"))
    stranger = rule("Strangers", vip_desk, ("known_caller", "no"))

    (told,) = warnings.of_client(client)
    assert (told.rule, told.field) == (new_york, "conditions")
    assert told.sentence == (
        "It never gets a call: “Known”, which is tried before it, takes them all. Move it up, or narrow “Known”."
    )
    assert (known.position, stranger.position) == (0, 2)


def test_a_rule_about_a_tag_that_was_renamed_is_named(client, vip_desk):
    tag = TagFactory(client=client, name="VIP")
    vips = rule("VIPs", vip_desk, ("caller_tag", "VIP"), ("caller_prefix", "+1"))
    assert warnings.of_client(client) == []

    tag.name = "Gold"
    tag.save()

    (told,) = warnings.of_client(client)
    assert (told.rule, told.place) == (vips, "0.0")
    assert "the caller has the tag “VIP”, but “VIP” was renamed or deleted" in told.sentence


def test_a_new_rule_comes_last(client, vip_desk):
    RuleFactory(client=client, position=7)

    assert rule("Late", vip_desk, ("known_caller", "yes")).position == 8


def test_conditions_are_replaced_as_a_whole(vip_desk):
    one = rule("One", vip_desk, ("known_caller", "yes"), ("caller_prefix", "+1"))

    routing.save_rule(one, [GroupView((ConditionView("known_caller", "no"),))])
    routing.save_rule(one)

    assert [condition.value for condition in Condition.objects.filter(group__rule=one)] == ["no"]


def test_the_clock_of_the_house_says_whether_it_is_open(client, call, vip_desk):
    schedule = ScheduleFactory(client=client, name="Office", always=True)
    schedule.holidays.create(date=datetime.date(2026, 12, 25), name="Christmas")
    rule("Closed", vip_desk, ("open", "Office", "not"))
    try:
        clock.freeze(datetime.datetime(2026, 12, 25, 12, tzinfo=datetime.UTC))
        assert routing.route(call).destination == vip_desk
    finally:
        clock.release()
