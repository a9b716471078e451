"""A supervisor writes to operators; each reads it at their desk."""

import pytest
from rest_framework.test import APIClient

from apps.core.models import Event
from apps.core.refused import Refused
from apps.live import desk_state
from apps.operators import messages
from apps.operators.models import MessageCopy, OperatorMessage
from tests import factories

pytestmark = pytest.mark.django_db

PATH = "/api/v1/operators/messages/"


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def team():
    return factories.TeamFactory(name="Dispatch")


@pytest.fixture
def anna(team):
    return factories.OperatorFactory(user__first_name="Anna", user__last_name="Berg", team=team)


@pytest.fixture
def ben(team):
    return factories.OperatorFactory(user__first_name="Ben", user__last_name="Cole", team=team)


@pytest.fixture
def supervisor(team):
    return factories.UserFactory(role="supervisor", first_name="Sue", last_name="Dahl", clients=[team.client])


def on_desk(operator) -> list[tuple[str, str]]:
    return [(row["by"], row["text"]) for row in desk_state.states([operator.pk])[operator.pk]["messages"]]


def test_a_message_stays_on_the_desk_until_it_is_read(anna, ben, supervisor):
    first = messages.send([anna, ben], "Fog on the coast.", to="everybody", by=supervisor)
    messages.send([anna], "Lunch at one?", to="Anna Berg", by=supervisor)
    assert on_desk(anna) == [("Sue Dahl", "Fog on the coast."), ("Sue Dahl", "Lunch at one?")]
    assert on_desk(ben) == [("Sue Dahl", "Fog on the coast.")]

    assert messages.acknowledge(anna, first.public_id)
    assert not messages.acknowledge(anna, first.public_id)

    assert on_desk(anna) == [("Sue Dahl", "Lunch at one?")]
    assert on_desk(ben) == [("Sue Dahl", "Fog on the coast.")]
    kinds = Event.objects.filter(kind__startswith="operators.message").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["operators.message_sent", "operators.message_sent", "operators.message_read"]


def test_what_was_not_sent_to_one_cannot_be_read_away(anna, ben, supervisor):
    sent = messages.send([anna], "Fog on the coast.", to="Anna Berg", by=supervisor)

    assert not messages.acknowledge(ben, sent.public_id)

    assert MessageCopy.objects.unread().count() == 1


def test_it_goes_to_a_team_the_members_of_a_queue_and_single_operators_once_each(anna, ben, supervisor, team):
    cora = factories.OperatorFactory(client=team.client)
    queue = factories.QueueFactory(client=team.client, name="Billing", members=[ben, cora])
    body = {
        "text": "Fog.", "operators": [str(anna.public_id)], "team": str(team.public_id), "queue": str(queue.public_id),
    }  # fmt: skip

    reply = api(supervisor).post(PATH, body, format="json")

    assert reply.status_code == 201
    assert reply.json()["to"] == "Anna Berg, team Dispatch and queue Billing"
    assert (reply.json()["sent_to"], reply.json()["read_by"]) == (3, 0)
    api(ben.user).post(f"/api/v1/operators/me/messages/{reply.json()['id']}/read/")
    (listed,) = api(supervisor).get(PATH).json()
    assert (listed["text"], listed["by"], listed["sent_to"], listed["read_by"]) == ("Fog.", "Sue Dahl", 3, 1)


@pytest.mark.parametrize(
    ("text", "chosen", "sentence"),
    [
        ("Fog.", [], "nobody to write to"),
        ("  ", ["anna"], "empty"),
        ("Fog.", ["anna", "stranger"], "different clients"),
    ],
)
def test_a_message_to_nobody_of_nothing_or_across_clients_is_refused(anna, supervisor, text, chosen, sentence):
    people = {"anna": anna, "stranger": factories.OperatorFactory()}

    with pytest.raises(Refused, match=sentence):
        messages.send([people[name] for name in chosen], text, to="them", by=supervisor)

    assert not OperatorMessage.objects.exists()


def test_an_operator_writes_to_nobody(anna):
    refused = api(anna.user).post(PATH, {"text": "Hello.", "team": str(anna.team.public_id)}, format="json")

    assert refused.status_code == 403
    assert not OperatorMessage.objects.exists()
