"""Campaigns over /api/v1: rules for further tries, promised calls, the ledger as a file."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest
from rest_framework.test import APIClient

from apps.campaigns import outcomes
from apps.campaigns.models import RetryRule
from apps.core import clock
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> APIClient:
    client = APIClient()
    client.default_format = "json"
    client.force_authenticate(factories.UserFactory(role="administrator"))
    return client


def address(hall, more: str = "") -> str:
    return f"/api/v1/campaigns/{hall.campaign.public_id}/{more}"


def test_retry_rules_are_written_together_with_the_campaign(api, hall):
    later = factories.DispositionFactory(client=hall.campaign.client, name="Call later")
    rules = [
        {"outcome": "busy", "after_seconds": 900, "most_tries": 3},
        {"disposition": str(later.public_id), "after_seconds": 86400},
    ]
    reply = api.patch(address(hall), {"retry_rules": rules, "most_tries": 9})

    assert reply.status_code == 200, reply.content
    shown = [(row["outcome"], row["disposition"], row["after_seconds"]) for row in reply.json()["retry_rules"]]
    assert shown == [("busy", None, 900), ("", str(later.public_id), 86400)]
    assert hall.now(hall.campaign).most_tries == 9

    assert api.patch(address(hall), {"retry_rules": []}).json()["retry_rules"] == []


def test_a_new_campaigns_own_rules_take_the_place_of_the_presets(api, hall):
    campaign = hall.campaign
    reply = api.post("/api/v1/campaigns/", {
        "client": str(campaign.client.public_id), "name": "Second", "preset": "reminder",
        "contact_list": str(campaign.contact_list.public_id), "destination": str(campaign.destination.public_id),
        "retry_rules": [{"outcome": "no_answer", "after_seconds": 60}],
    })  # fmt: skip

    assert reply.status_code == 201, reply.content
    assert [(row["outcome"], row["after_seconds"]) for row in reply.json()["retry_rules"]] == [("no_answer", 60)]


@pytest.mark.parametrize(
    "rules", [[{"after_seconds": 60}], [{"outcome": "busy"}, {"outcome": "busy", "after_seconds": 90}]],
    ids=["about nothing", "twice about one end"],
)  # fmt: skip
def test_rules_that_contradict_themselves_are_refused_and_nothing_changes(api, hall, rules):
    factories.RetryRuleFactory(campaign=hall.campaign, outcome="failed")
    reply = api.patch(address(hall), {"retry_rules": rules, "most_tries": 9})

    assert reply.status_code == 409
    assert "retry_rules" in reply.json()["fields"]
    assert [rule.outcome for rule in RetryRule.objects.all()] == ["failed"]
    assert hall.now(hall.campaign).most_tries == 5


def test_a_call_is_promised_in_a_conversation_and_held(api, hall):
    hall.contact()
    hall.runs()
    hall.reserves()
    attempt, at = hall.attempt(), clock.now() + timedelta(hours=3)
    ann = factories.OperatorFactory(team__client=hall.campaign.client)
    reply = api.post("/api/v1/promised-calls/", {
        "call": str(attempt.call.public_id), "at": at.isoformat(), "operator": str(ann.public_id)
    })  # fmt: skip

    assert reply.status_code == 201, reply.content
    assert (reply.json()["status"], reply.json()["operator"]) == ("calling", str(ann.public_id))
    hall.ends(attempt, "busy")
    outcomes.settle(attempt.pk)
    assert (hall.target().status, hall.target().due_at, hall.target().reserved_for) == ("waiting", at, ann)


def test_only_a_campaigns_call_can_be_promised_again(api, hall):
    call = factories.CallFactory(client=hall.campaign.client)
    sent = {"call": str(call.public_id), "at": (clock.now() + timedelta(hours=1)).isoformat()}

    reply = api.post("/api/v1/promised-calls/", sent)
    assert reply.status_code == 409
    assert "call" in reply.json()["fields"]


def test_the_ledger_is_a_file_with_every_decision_and_its_facts(api, hall):
    hall.contact(name="=2+2", do_not_call=True)
    hall.contact(name="Rosa")
    hall.runs()
    hall.reserves()

    reply = api.get(address(hall, "ledger/"))
    rows = list(csv.reader(io.StringIO(reply.getvalue().decode("utf-8-sig"))))
    assert reply.headers["Content-Type"].startswith("text/csv")
    assert rows[0][2:6] == ["Contact", "Number", "Verdict", "Code"]
    by_verdict = {row[4]: row for row in rows[1:]}
    assert {verdict: row[5] for verdict, row in by_verdict.items()} == {"never": "do_not_call", "allowed": "allowed"}
    assert by_verdict["never"][2] == "'=2+2"
    assert '"window": "00:00-23:59"' in by_verdict["allowed"][8]


def test_the_pre_flight_tells_how_the_carrier_is_and_when_it_may_end(api, hall):
    for _n in range(6):
        hall.contact()
    for outcome in ("done", "done", "lost"):
        factories.CarrierRequestFactory(outcome=outcome)

    found = api.get(address(hall, "preflight/")).json()
    assert found["now"] == 6
    # Six calls of a minute, three at once.
    assert datetime.fromisoformat(found["estimated_end"]) == clock.now() + timedelta(minutes=2)
    assert "The carrier failed or refused 1 of the 3 requests of the last 15 minutes." in found["sentences"]
    assert found["sentences"][-1].startswith("One try of each of the 6 who may be called now takes about 2 minutes")


def test_the_ledger_is_searched_by_number_name_and_reason(api, hall):
    hall.contact(name="Ann Lee", numbers=["+14155558080"])
    hall.contact(name="Bob Ray", do_not_call=True)
    hall.runs()
    hall.reserves()

    def found(question: str) -> list[str]:
        return [row["code"] for row in api.get(address(hall, f"permissions/?{question}")).json()["results"]]

    assert sorted(found("")) == ["allowed", "do_not_call"]
    assert found("search=Bob") == ["do_not_call"]
    assert found("search=5558080") == ["allowed"]
    assert found("code=do_not_call") == ["do_not_call"]
    assert found("verdict=later") == []


def test_a_list_is_searched_by_name_and_number(api, hall):
    hall.contact(name="Ann Lee", numbers=["+14155558080"])
    hall.contact(name="Bob Ray")
    path = f"/api/v1/contact-lists/{hall.campaign.contact_list.public_id}/contacts/"

    assert [row["name"] for row in api.get(path, {"search": "8080"}).json()["results"]] == ["Ann Lee"]
    assert api.get(path).json()["count"] == 2


def test_the_lines_in_use_come_with_their_share_and_with_campaigns_that_nobody_dials(api, hall, settings):
    settings.GLOBAL_MAX_CALLS = 8
    hall.contact()
    hall.contact()
    hall.runs()
    hall.reserves()

    told = api.get("/api/v1/active-calls/?include_calls=true").json()
    assert (told["open"], told["utilisation_percent"], len(told["calls"]), told["orphaned"]) == (2, 25.0, 2, [])
    clock.freeze(clock.now() + timedelta(minutes=3))
    assert api.get("/api/v1/active-calls/").json()["orphaned"] == [str(hall.campaign.public_id)]
