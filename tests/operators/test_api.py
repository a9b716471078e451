"""/api/v1/operators, as an operator's desk and a supervisor use it."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from tests import factories

pytestmark = pytest.mark.django_db

ROOT = "/api/v1/operators/"


def signed_in(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def anna() -> Operator:
    user = factories.UserFactory(role="operator", first_name="Anna", last_name="Berg")
    return factories.OperatorFactory(user=user)


@pytest.fixture
def supervisor(anna):
    return factories.UserFactory(role="supervisor", clients=[anna.team.client])


def test_an_operator_learns_who_they_are_and_what_they_serve(anna):
    queue = factories.QueueFactory(client=anna.team.client, name="Dispatch", members=[anna])
    lunch = factories.BreakReasonFactory(client=anna.team.client, name="Lunch")
    factories.BreakReasonFactory()

    me = signed_in(anna.user).get(f"{ROOT}me/").json()

    assert (me["id"], me["identity"], me["name"]) == (str(anna.public_id), f"op_{anna.pk}", "Anna Berg")
    assert (me["presence"], me["engagement"], me["unreachable_since"]) == ("offline", None, None)
    assert me["queues"] == [{"id": str(queue.public_id), "name": "Dispatch", "serving": True}]
    assert [reason["id"] for reason in me["break_reasons"]] == [str(lunch.public_id)]


def test_both_spellings_of_an_address_work(anna):
    assert signed_in(anna.user).get("/api/v1/operators/me").status_code == 200


@pytest.mark.parametrize("method", ["post", "put"])
def test_an_operator_becomes_available(anna, method):
    reply = getattr(signed_in(anna.user), method)(f"{ROOT}me/presence/", {"status": "available"})

    assert reply.status_code == 200
    assert reply.json()["presence"] == "available"
    anna.refresh_from_db()
    assert anna.presence == "available"


def test_an_operator_takes_a_break_with_a_reason(anna):
    lunch = factories.BreakReasonFactory(client=anna.team.client, name="Lunch")

    reply = signed_in(anna.user).post(f"{ROOT}me/presence/", {"status": "on_break", "reason": str(lunch.public_id)})

    assert (reply.json()["presence"], reply.json()["break_reason"]) == ("on_break", "Lunch")
    assert signed_in(anna.user).get(f"{ROOT}me/presence/").json()["presence"] == "on_break"


def test_a_presence_that_does_not_exist_or_a_foreign_reason_is_refused(anna):
    foreign = factories.BreakReasonFactory()
    client = signed_in(anna.user)

    assert client.post(f"{ROOT}me/presence/", {"status": "asleep"}).status_code == 400
    reply = client.post(f"{ROOT}me/presence/", {"status": "on_break", "reason": str(foreign.public_id)})

    assert reply.status_code == 400
    assert "reason" in reply.json()["fields"]
    anna.refresh_from_db()
    assert anna.presence == "offline"


def test_what_holds_the_operator_is_told_and_a_wrap_up_can_be_finished(anna):
    operators.set_presence(anna, "available")
    operators.wrap_up(anna, 30, None)
    client = signed_in(anna.user)

    assert client.get(f"{ROOT}me/").json()["engagement"]["purpose"] == "wrap_up"
    reply = client.post(f"{ROOT}me/finish-wrap-up/")

    assert reply.json()["engagement"] is None
    assert client.post(f"{ROOT}me/finish-wrap-up/").status_code == 200


def test_a_wrap_up_can_be_made_longer_up_to_an_hour(anna):
    operators.set_presence(anna, "available")
    wrap_up = operators.wrap_up(anna, 30, None)
    due_at = wrap_up.due_at
    client = signed_in(anna.user)

    reply = client.post(f"{ROOT}me/extend-wrap-up/")
    assert reply.status_code == 200
    wrap_up.refresh_from_db()
    assert wrap_up.due_at == due_at + timedelta(seconds=60)
    assert operators.finish_due_wrap_ups(due_at + timedelta(seconds=1)) == 0

    for seconds, status in ((3600, 409), (0, 400), (4000, 400)):
        assert client.post(f"{ROOT}me/extend-wrap-up/", {"seconds": seconds}, format="json").status_code == status
    operators.finish_wrap_up(anna)
    refused = client.post(f"{ROOT}me/extend-wrap-up/")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_wrap_up")
    wrap_up.refresh_from_db()
    assert wrap_up.due_at == due_at + timedelta(seconds=60)


def test_a_conversation_is_not_ended_by_finishing_a_wrap_up(anna):
    operators.engage(anna, Engagement.Purpose.OFFER)

    reply = signed_in(anna.user).post(f"{ROOT}me/finish-wrap-up/")

    assert reply.json()["engagement"]["purpose"] == "offer"


def test_the_browsers_telephone_gets_a_token_for_this_operator_only(anna, settings):
    settings.CARRIER, settings.CARRIER_BASE_URL = "sandbox", "http://127.0.0.1:8100"

    reply = signed_in(anna.user).post(f"{ROOT}me/device-token/")

    token = reply.json()
    assert (token["driver"], token["identity"]) == ("sandbox", anna.identity)
    assert token["url"] == "ws://127.0.0.1:8100/sandbox/device"
    assert token["token"].count(".") == 2
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_registered_telephone_makes_the_desk_reachable_again(anna):
    operators.mark_unreachable(anna, "the carrier could not reach it")

    reply = signed_in(anna.user).post(f"{ROOT}me/reachable/")

    assert reply.json()["unreachable_since"] is None


def test_who_takes_no_calls_is_told_so(supervisor):
    for method, path in (("get", "me/"), ("post", "me/device-token/"), ("post", "me/finish-wrap-up/")):
        reply = getattr(signed_in(supervisor), method)(f"{ROOT}{path}")

        assert reply.status_code == 409
        assert reply.json()["code"] == "not_an_operator"


def test_nobody_without_signing_in(anna):
    for path in ("", "me/", f"{anna.public_id}/"):
        assert APIClient().get(f"{ROOT}{path}").status_code == 401


def test_a_supervisor_sees_the_clients_operators_and_sets_their_presence(anna, supervisor):
    factories.OperatorFactory()
    client = signed_in(supervisor)
    assert [row["id"] for row in client.get(ROOT).json()["results"]] == [str(anna.public_id)]

    reply = client.post(f"{ROOT}{anna.public_id}/presence/", {"status": "available"})

    assert reply.json()["presence"] == "available"


def test_an_operator_sets_nobody_elses_presence(anna):
    ben = factories.OperatorFactory(team=anna.team)

    reply = signed_in(anna.user).post(f"{ROOT}{ben.public_id}/presence/", {"status": "available"})

    assert reply.status_code == 403
    ben.refresh_from_db()
    assert ben.presence == "offline"


def test_operators_of_other_clients_do_not_exist(supervisor):
    foreign = factories.OperatorFactory()

    client = signed_in(supervisor)

    assert client.get(f"{ROOT}{foreign.public_id}/").status_code == 404
    assert client.post(f"{ROOT}{foreign.public_id}/presence/", {"status": "available"}).status_code == 404


def test_operators_are_found_by_presence_team_and_name(anna, supervisor):
    factories.OperatorFactory(team=anna.team, presence="available")
    client = signed_in(supervisor)

    for query in ("presence=offline", "search=anna", f"user__username={anna.user.username}"):
        found = client.get(f"{ROOT}?{query}").json()["results"]
        assert [row["name"] for row in found] == ["Anna Berg"], query


def test_an_administrator_makes_an_operator(anna):
    admin = factories.UserFactory(role="administrator")
    user = factories.UserFactory()

    reply = signed_in(admin).post(ROOT, {"user": user.username, "team": str(anna.team.public_id), "extension": "21"})

    assert reply.status_code == 201, reply.json()
    operator = operators.for_user(user)
    assert (operator.extension, operator.team) == ("21", anna.team)
    assert user.groups.get().name == "operator"


def test_a_list_of_operators_costs_the_same_however_long_it_is(anna, supervisor, django_assert_max_num_queries):
    for _ in range(10):
        operators.engage(factories.OperatorFactory(team=anna.team), Engagement.Purpose.OFFER)

    with django_assert_max_num_queries(8):
        signed_in(supervisor).get(ROOT)


def test_teams_and_break_reasons_are_listed(anna, supervisor):
    factories.BreakReasonFactory(client=anna.team.client)
    client = signed_in(supervisor)

    assert client.get("/api/v1/teams/").json()["count"] == 1
    assert client.get("/api/v1/break-reasons/").json()["count"] == 1
