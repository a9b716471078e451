import datetime
import html
import json

import pytest
from django.test import Client as Browser

from apps.core.models import Event
from apps.routing import services as routing
from apps.routing.models import Decision, Rule
from tests.factories import (
    CallFactory,
    ClientFactory,
    ConditionFactory,
    DestinationFactory,
    PhoneNumberFactory,
    QueueFactory,
    RuleFactory,
    ScheduleFactory,
    TagFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return ClientFactory(time_zone="America/New_York")


@pytest.fixture
def desk(client):
    return DestinationFactory(client=client, label="VIP desk")


@pytest.fixture
def web():
    return signed_in("administrator")


def signed_in(role: str, *clients) -> Browser:
    web = Browser()
    web.force_login(UserFactory(role=role, clients=clients, is_staff=True))
    return web


def rule_fields(client, desk, *conditions: dict, **more) -> dict:
    fields = {"client": client.pk, "name": "VIPs", "destination": desk.pk, "active": "on"}
    said = {"match": "all", "groups": [{"match": "all", "conditions": conditions}]}
    return {**fields, "conditions": json.dumps(said), **more}


def test_a_rule_is_made_with_its_conditions_and_comes_last(web, client, desk):
    TagFactory(client=client, name="VIP")
    RuleFactory(client=client, position=4)

    answer = web.post(
        "/admin/routing/rule/add/",
        rule_fields(client, desk, {"subject": "caller_tag", "value": "vip"}),
    )

    rule = Rule.objects.get(name="VIPs")
    assert answer.status_code == 302
    assert rule.position == 5
    assert [str(group) for group in rule.groups.all()] == ["the caller has the tag “VIP”"]


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ([{"subject": "caller_tag", "value": "Gold"}], "There is no tag named “Gold”"),
        ([{"subject": "caller_prefix", "value": "0800"}], "in international form"),
        ([{"subject": "known_caller", "value": ""}], "Write yes or no."),
        ([{"subject": "", "value": "", "negated": False, "number": None}], "Choose what is asked."),
        ([{"subject": "weather", "value": "rain"}], "Choose what is asked."),
        ([{"subject": "caller_tag", "value": "\0"}], "There is no tag named"),
        ([{"subject": "since_last_call", "value": "", "number": None}], "Write how many minutes"),
        ([{"subject": "queue_waiting", "value": "", "number": 10**12}], "There is no queue named"),
        (
            [{"subject": "caller_prefix", "value": "+1"}, {"subject": "caller_prefix", "value": "+44"}],
            "This rule can never apply: a number cannot fit +1 and +44 at once.",
        ),
        ([{"subject": "known_caller", "value": "yes"}], "“Twin” has the same conditions"),
    ],
)
def test_conditions_that_cannot_stand_come_back_with_a_sentence(web, client, desk, conditions, words):
    ConditionFactory(group__rule__client=client, group__rule__name="Twin", subject="known_caller", value="yes")

    answer = web.post("/admin/routing/rule/add/", rule_fields(client, desk, *conditions))

    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert [rule.name for rule in Rule.objects.all()] == ["Twin"]


def test_rules_are_put_in_order_on_their_list(web, client):
    first, second = RuleFactory(client=client, position=0), RuleFactory(client=client, position=1)
    fields = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save"}
    fields |= {"form-0-id": first.pk, "form-0-position": 1, "form-1-id": second.pk, "form-1-position": 0}

    answer = web.post("/admin/routing/rule/", fields)

    assert answer.status_code == 302
    assert list(Rule.objects.all()) == [second, first]


def test_the_list_names_rules_that_never_get_a_call(web, client, desk):
    RuleFactory(client=client, name="Everybody", position=0)
    RuleFactory(client=client, name="Too late", position=1)

    page = web.get("/admin/routing/rule/").content.decode()

    assert "It never gets a call: “Everybody”, which is tried before it, takes them all." in page


def test_the_form_brings_the_values_that_can_be_chosen(web, client, desk):
    TagFactory(client=client, name="VIP </script>")

    page = web.get("/admin/routing/rule/add/").content.decode()

    assert "rule-choices" in page
    assert "VIP </script>" not in page


def test_a_sample_call_is_answered_in_words(web, client, desk):
    number = PhoneNumberFactory(client=client)
    ConditionFactory(
        group__rule__client=client,
        group__rule__name="Known",
        group__rule__position=0,
        subject="known_caller",
        value="yes",
    )
    RuleFactory(client=client, name="Everybody", position=1, destination=desk)

    page = web.get("/admin/routing/rule/try/", {"number": number.pk, "caller": "646 555 0123"}).content.decode()

    assert "VIP desk" in page
    assert "does not apply: the caller is not known." in page
    assert "decides: it applies to every call." in page
    assert not Decision.objects.exists()


def test_a_sample_call_is_tried_in_the_clients_own_time(web, client, desk):
    """Noon of Christmas in New York."""
    schedule = ScheduleFactory(client=client, name="Office", time_zone="America/New_York", always=True)
    schedule.holidays.create(date=datetime.date(2026, 12, 25), name="Christmas")
    ConditionFactory(
        group__rule__client=client, group__rule__destination=desk, subject="open", value="Office", negated=True
    )
    number = PhoneNumberFactory(client=client)

    def tried(day: str, time: str) -> str:
        sample = {"number": number.pk, "at_0": day, "at_1": time}
        return web.get("/admin/routing/rule/try/", sample).content.decode()

    assert "“Office” is closed" in tried("2026-12-25", "23:00:00")
    assert "“Office” is open" in tried("2026-12-26", "00:30:00")


def test_a_strange_caller_is_refused_with_a_sentence(web, client):
    number = PhoneNumberFactory(client=client)

    page = web.get("/admin/routing/rule/try/", {"number": number.pk, "caller": "my aunt"}).content.decode()

    assert "is not a phone number" in page


def test_a_language_that_is_none_is_refused_with_a_sentence(web, client):
    number = PhoneNumberFactory(client=client)

    page = web.get("/admin/routing/rule/try/", {"number": number.pk, "language": "klingon!"}).content.decode()

    assert "Write the language as it is abbreviated" in page
    assert "It would go to" not in page


def test_a_decision_is_read_in_words(web, client, desk):
    RuleFactory(client=client, name="Everybody", destination=desk)
    decision = routing.route(CallFactory(client=client, customer_number="+16465550123"))

    page = web.get(f"/admin/routing/decision/{decision.pk}/change/").content.decode()

    assert "“Everybody” decided: it applies to every call." in page
    assert "caller: +16465550123" in page


def test_a_supervisor_reads_and_tries_but_does_not_write(client):
    supervisor = signed_in("supervisor", client)
    rule, foreign = RuleFactory(client=client), RuleFactory()
    foreign_number = PhoneNumberFactory()

    assert supervisor.get("/admin/routing/rule/").status_code == 200
    assert supervisor.get("/admin/routing/rule/try/").status_code == 200
    assert supervisor.get("/admin/routing/rule/add/").status_code == 403
    assert supervisor.post(f"/admin/routing/rule/{rule.pk}/delete/", {"post": "yes"}).status_code == 403
    assert supervisor.get(f"/admin/routing/rule/{foreign.pk}/change/").status_code == 302
    refused = supervisor.get("/admin/routing/rule/try/", {"number": foreign_number.pk}).content.decode()
    assert "Select a valid choice" in refused
    # An operator's place is the desk: the admin asks for another login.
    assert signed_in("operator", client).get("/admin/routing/rule/try/").status_code == 302


def test_a_fault_is_said_at_its_condition(web, client, desk):
    wrong = [{"subject": "known_caller", "value": "yes"}, {"subject": "caller_tag", "value": "Gold"}]

    page = web.post("/admin/routing/rule/add/", rule_fields(client, desk, *wrong)).content.decode()

    assert '{"0.1": "There is no tag named “Gold”. Make the tag first."}' in page.replace("\\u201c", "“").replace(
        "\\u201d", "”"
    )


BEYOND = '{"groups": [{"match": "all", "conditions": [{"subject": "queue_waiting", "value": "A", "number": 1e999}]}]}'


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"groups": [{"match": "some", "conditions": []}]}', '{"match": 1}', BEYOND]
)
def test_conditions_that_no_builder_wrote_are_refused(web, client, desk, text):
    answer = web.post("/admin/routing/rule/add/", rule_fields(client, desk, conditions=text))

    assert "The conditions could not be read." in answer.content.decode()
    assert not Rule.objects.exists()


def test_groups_are_saved_and_come_back_to_the_form(web, client, desk):
    said = {
        "match": "any",
        "groups": [
            {"match": "any", "conditions": [{"subject": "country", "value": "US", "negated": False, "number": None}]},
            {"match": "all", "conditions": [{"subject": "since_last_call", "value": "", "negated": True, "number": 5}]},
        ],
    }
    web.post("/admin/routing/rule/add/", rule_fields(client, desk, conditions=json.dumps(said)))

    rule = Rule.objects.get()
    assert rule.match == "any"
    page = web.get(f"/admin/routing/rule/{rule.pk}/change/").content.decode()
    assert html.escape(json.dumps(said)) in page
    assert "the caller is from US or the caller&#x27;s last call is less than 5 minutes ago" in page
    assert "The rule “VIPs” was made." in page


def test_a_warning_stands_beside_its_field(web, client):
    queue = QueueFactory(client=client, name="Empty")
    rule = RuleFactory(client=client, destination=queue.destination)

    page = web.get(f"/admin/routing/rule/{rule.pk}/change/").content.decode()

    assert "The queue “Empty” has no members: nobody would answer." in page


def test_the_order_that_was_dragged_is_written_down(web, client):
    first, second = RuleFactory(client=client, position=0), RuleFactory(client=client, position=1)
    fields = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save"}
    fields |= {"form-0-id": first.pk, "form-0-position": 1, "form-1-id": second.pk, "form-1-position": 0}

    web.post("/admin/routing/rule/", fields)

    event = Event.objects.get(kind="routing.rules_ordered")
    assert event.data["order"] == f"{second.name}, {first.name}"
    assert event.actor is not None


def test_a_sample_call_shows_each_condition(web, client, desk):
    number = PhoneNumberFactory(client=client)
    group = ConditionFactory(group__rule__client=client, subject="digits", value="1").group
    ConditionFactory(group=group, subject="language", value="es")

    sample = {"number": number.pk, "caller": "646 555 0123", "digits": "1", "language": "fr"}
    page = web.get("/admin/routing/rule/try/", sample).content.decode()

    assert "the caller pressed 1" in page
    assert "(the language is not es)" in page


def test_the_page_of_a_call_says_why_it_went_there(web, client, desk):
    RuleFactory(client=client, name="Everybody", destination=desk)
    call = CallFactory(client=client)
    routing.route(call)

    page = web.get(f"/admin/calls/call/{call.pk}/change/").content.decode()

    assert "Rule “Everybody”, because it applies to every call: it goes to “VIP desk”." in page
