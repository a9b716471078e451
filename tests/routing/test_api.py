import pytest
from rest_framework.test import APIClient

from apps.routing import services as routing
from apps.routing.models import Decision, Rule
from tests.factories import (
    CallFactory,
    ClientFactory,
    DestinationFactory,
    PhoneNumberFactory,
    RuleFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return ClientFactory()


@pytest.fixture
def desk(client):
    return DestinationFactory(client=client, label="VIP desk")


def signed_in(role: str, *clients) -> APIClient:
    api = APIClient()
    api.force_authenticate(UserFactory(role=role, clients=clients))
    return api


def body(client, desk, *conditions: dict, **more) -> dict:
    return {"client": client.public_id, "name": "Rule", "destination": desk.public_id, "conditions": conditions, **more}


def test_a_rule_is_written_with_its_conditions(client, desk):
    api = signed_in("administrator")

    made = api.post(
        "/api/v1/routing/rules/", body(client, desk, {"subject": "caller_prefix", "value": "+1 646"}), format="json"
    )
    changed = api.patch(
        f"/api/v1/routing/rules/{made.data['id']}/",
        {"conditions": [{"subject": "known_caller", "value": "no", "negated": True}]},
        format="json",
    )

    assert made.status_code == 201
    wanted = {"subject": "caller_prefix", "negated": False, "value": "+1646", "number": None}
    assert made.data["groups"] == [{"match": "all", "conditions": [wanted]}]
    wanted = {"subject": "known_caller", "negated": True, "value": "no", "number": None}
    assert changed.data["groups"] == [{"match": "all", "conditions": [wanted]}]


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ([{"subject": "caller_tag", "value": "Gold"}], "There is no tag named “Gold”"),
        (
            [{"subject": "known_caller", "value": "no"}, {"subject": "known_caller", "value": "yes"}],
            "This rule can never apply",
        ),
    ],
)
def test_a_rule_that_cannot_stand_is_refused(client, desk, conditions, words):
    answer = signed_in("administrator").post("/api/v1/routing/rules/", body(client, desk, *conditions), format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "faulty_rule")
    assert words in answer.json()["detail"]
    assert not Rule.objects.exists()


def test_the_order_is_changed(client):
    first, second, third = RuleFactory.create_batch(3, client=client)

    answer = signed_in("administrator").post(
        "/api/v1/routing/rules/order/",
        {"client": client.public_id, "rules": [third.public_id, first.public_id]},
        format="json",
    )

    assert answer.status_code == 204
    assert list(Rule.objects.all()) == [third, first, second]


def test_the_order_holds_rules_of_one_client(client):
    foreign = RuleFactory()

    answer = signed_in("administrator").post(
        "/api/v1/routing/rules/order/", {"client": client.public_id, "rules": [foreign.public_id]}, format="json"
    )

    assert answer.status_code == 400


def test_a_sample_call_is_tried(client, desk):
    number = PhoneNumberFactory(client=client, number="+14155550100")
    RuleFactory(client=client, name="Everybody", destination=desk)

    answer = signed_in("supervisor", client).post(
        "/api/v1/routing/rules/try/", {"number": number.public_id, "caller": "(646) 555-0123"}, format="json"
    )

    assert answer.status_code == 200
    assert answer.data["destination"] == str(desk.public_id)
    assert answer.data["tried"] == [{"rule": "Everybody", "matched": True, "because": "it applies to every call"}]
    assert not Decision.objects.exists()


def test_a_sample_call_that_leads_nowhere_says_so(client):
    number = PhoneNumberFactory(client=client, destination__active=False)

    answer = signed_in("administrator").post("/api/v1/routing/rules/try/", {"number": number.public_id}, format="json")

    assert (answer.data["destination"], answer.data["rule"]) == (None, None)
    assert "Switch it on" in answer.data["sentence"]


def test_a_sample_call_with_a_strange_caller_is_refused(client):
    number = PhoneNumberFactory(client=client)

    answer = signed_in("administrator").post(
        "/api/v1/routing/rules/try/", {"number": number.public_id, "caller": "my aunt"}, format="json"
    )

    assert answer.status_code == 400
    assert "is not a phone number" in answer.json()["fields"]["caller"][0]


def test_decisions_are_read_by_call(client):
    api = signed_in("supervisor", client)
    call, other = CallFactory.create_batch(2, client=client)
    routing.route(call)
    routing.route(other)
    routing.route(CallFactory())

    found = api.get("/api/v1/routing/decisions/", {"call__public_id": call.public_id}).data

    assert found["count"] == 1
    assert found["results"][0]["call"] == call.public_id
    assert api.get(f"/api/v1/routing/decisions/{found['results'][0]['id']}/").status_code == 200
    assert api.get("/api/v1/routing/decisions/").data["count"] == 2


def test_roles_and_clients_are_obeyed(client, desk):
    rule = RuleFactory(client=client)
    supervisor = signed_in("supervisor", client)

    assert supervisor.get("/api/v1/routing/rules/").data["count"] == 1
    assert supervisor.delete(f"/api/v1/routing/rules/{rule.public_id}/").status_code == 403
    assert supervisor.post("/api/v1/routing/rules/order/", {}, format="json").status_code == 403
    assert signed_in("supervisor", ClientFactory()).get(f"/api/v1/routing/rules/{rule.public_id}/").status_code == 404
    assert signed_in("operator", client).post("/api/v1/routing/rules/try/", {}, format="json").status_code == 403


def test_a_rule_has_groups_and_a_fallback(client, desk):
    spare = DestinationFactory(client=client, label="Spare")
    groups = [
        {"match": "any", "conditions": [{"subject": "country", "value": "us"}, {"subject": "country", "value": "CA"}]},
        {"conditions": [{"subject": "called_before", "value": "yes"}]},
        {"conditions": [{"subject": "since_last_call", "number": 30, "negated": True}]},
    ]
    api = signed_in("administrator")
    wanted = {
        "client": client.public_id, "name": "Again", "destination": desk.public_id, "fallback": spare.public_id,
        "match": "any", "groups": groups,
    }  # fmt: skip

    made = api.post("/api/v1/routing/rules/", wanted, format="json")

    assert made.status_code == 201
    assert (made.data["match"], made.data["fallback"]) == ("any", spare.public_id)
    assert [group["match"] for group in made.data["groups"]] == ["any", "all", "all"]
    assert made.data["groups"][0]["conditions"][0]["value"] == "US"
    assert made.data["groups"][2]["conditions"] == [
        {"subject": "since_last_call", "negated": True, "value": "", "number": 30}
    ]
    both = api.post("/api/v1/routing/rules/", {**wanted, "name": "Both", "conditions": []}, format="json")
    assert both.json()["fields"]["conditions"] == ["Give groups or conditions, not both."]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({"subject": "queue_waiting", "value": "Support"}, "There is no queue named “Support”"),
        ({"subject": "since_last_call"}, "Write how many minutes"),
        ({"subject": "country", "value": "Narnia"}, "two letters"),
        ({"subject": "language", "value": "Spanish, please"}, "abbreviated"),
        ({"subject": "digits", "value": "one"}, "0 to 9"),
    ],
)
def test_a_condition_that_says_nothing_is_refused(client, desk, condition, words):
    answer = signed_in("administrator").post("/api/v1/routing/rules/", body(client, desk, condition), format="json")

    assert answer.status_code == 409
    assert words in answer.json()["detail"]
    assert not Rule.objects.exists()


def test_one_rule_is_tested_with_a_sample_call(client, desk):
    number = PhoneNumberFactory(client=client)
    api = signed_in("administrator")
    conditions = [{"subject": "digits", "value": "12"}, {"subject": "language", "value": "es"}]
    rule = api.post("/api/v1/routing/rules/", body(client, desk, *conditions, active=False), format="json").data

    def tested(**sample) -> dict:
        sample = {"number": number.public_id, "caller": "+16465550123", **sample}
        return api.post(f"/api/v1/routing/rules/{rule['id']}/test/", sample, format="json").json()

    assert tested(digits="12", language="es-MX")["decided"] is True
    assert tested(digits="2")["because"] == "the caller did not press 12"
    assert tested(language="es")["groups"][0]["conditions"][0] == {
        "asks": "the caller pressed 12", "held": False, "words": "no key was pressed in a menu"
    }  # fmt: skip
    assert tested(digits="abc")["code"] == "invalid"


def test_the_strategies_of_queues_are_listed(client):
    found = signed_in("supervisor", client).get("/api/v1/routing/strategies/").json()

    assert {"name": "best_skill", "label": "best at the required skills"} in found


def test_the_changes_of_a_rule_are_read(client, desk):
    api = signed_in("administrator")
    rule = api.post("/api/v1/routing/rules/", body(client, desk), format="json").data
    api.patch(f"/api/v1/routing/rules/{rule['id']}/", {"name": "Other"}, format="json")

    changes = api.get(f"/api/v1/routing/rules/{rule['id']}/changes/").json()

    assert [change["kind"] for change in changes] == ["routing.rule_changed", "routing.rule_made"]
    assert "name: Rule → Other" in changes[0]["sentence"]
    assert changes[0]["actor"].startswith("user")


def test_a_call_says_why_it_went_there(client, desk):
    call = CallFactory(client=client)
    RuleFactory(client=client, name="Everybody", destination=desk)
    routing.route(call)

    found = signed_in("supervisor", client).get(f"/api/v1/calls/{call.public_id}/why/").json()

    assert found["sentences"] == ["Rule “Everybody”, because it applies to every call: it goes to “VIP desk”."]
    assert found["decisions"][0]["tried"] == [
        {"rule": "Everybody", "matched": True, "because": "it applies to every call"}
    ]
    assert found["offers"] == []
