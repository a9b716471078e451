"""What an operator asks for at their own desk: help, favourites, the directory, the figures of the day."""

from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from apps.live import desk_state, snapshot
from apps.live.scope import Scope
from apps.operators import services as operators
from apps.queues import reading, setup
from tests import factories

pytestmark = pytest.mark.django_db

ME = "/api/v1/operators/me/"
NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    clock.freeze(NOON)
    yield
    clock.release()


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def anna():
    return factories.OperatorFactory(user__first_name="Anna", user__last_name="Berg", presence="available")


@pytest.fixture
def supervisor(anna):
    return factories.UserFactory(role="supervisor", clients=[anna.team.client])


def on_board(operator) -> tuple[str | None, str]:
    (row,) = [row for row in snapshot.board(Scope(None))["operators"] if row["id"] == str(operator.public_id)]
    return row["help"], row["help_note"]


def test_who_asks_for_help_is_seen_on_the_board_until_they_have_it(anna, supervisor):
    assert api(anna.user).post(f"{ME}help/", {"note": "An angry driver"}, format="json").status_code == 204
    clock.advance(30)
    api(anna.user).post(f"{ME}help/", {"note": "He shouts"}, format="json")

    assert on_board(anna) == ("2026-03-02T12:00:00.000Z", "He shouts")
    assert desk_state.states([anna.pk])[anna.pk]["me"]["help"]["note"] == "He shouts"

    assert api(supervisor).post(f"/api/v1/operators/{anna.public_id}/helped/").status_code == 200

    assert on_board(anna) == (None, "")
    kinds = Event.objects.filter(kind__in=["operators.asked_help", "operators.helped"]).order_by("pk")
    assert [event.kind for event in kinds] == ["operators.asked_help", "operators.helped"]


def test_an_operator_takes_the_call_for_help_back(anna):
    api(anna.user).post(f"{ME}help/")
    assert api(anna.user).delete(f"{ME}help/").status_code == 204
    assert on_board(anna) == (None, "")


def test_the_directory_shows_favourites_first_and_who_is_free(anna):
    team = anna.team
    names = {"Ben": "available", "Cora": "on_break", "Dan": "available", "Eve": "offline"}
    people = {
        name: factories.OperatorFactory(user__first_name=name, user__last_name="", team=team, presence=presence)
        for name, presence in names.items()
    }
    factories.OperatorFactory(user__first_name="Stranger")
    operators.engage(people["Dan"], "offer")
    for name in ("Eve", "Eve"):
        put = api(anna.user).put(f"{ME}favourites/{people[name].public_id}/")
        assert put.status_code == 204

    def shown() -> list[tuple[str, str, bool]]:
        rows = api(anna.user).get(f"{ME}directory/").json()["colleagues"]
        return [(row["name"], row["state"], row["favourite"]) for row in rows]

    free = [("Ben", "free", False), ("Dan", "busy", False), ("Cora", "on_break", False)]
    assert shown() == [("Eve", "offline", True), *free]
    api(anna.user).delete(f"{ME}favourites/{people['Eve'].public_id}/")
    assert shown() == [*free, ("Eve", "offline", False)]


def test_a_stranger_is_no_favourite(anna):
    stranger = factories.OperatorFactory()

    assert api(anna.user).put(f"{ME}favourites/{stranger.public_id}/").status_code == 404
    assert not anna.favourites.exists()


def test_the_own_figures_count_the_day_of_the_client(anna):
    queue = factories.QueueFactory(client=anna.team.client, members=[anna])
    for status, hours in (("accepted", 1), ("accepted", 2), ("missed", 3), ("declined", 4), ("accepted", 20)):
        at = NOON - timedelta(hours=hours)
        entry = factories.QueueEntryFactory(queue=queue, status="answered", joined_at=at, place_at=at)
        over = at + timedelta(minutes=4)
        held = factories.EngagementFactory(operator=anna, purpose="offer", since=at, ended_at=over)
        factories.OfferFactory(
            entry=entry, operator=anna, engagement=held, status=status, offered_at=at, decided_at=at, ended_at=over
        )

    day = api(anna.user).get(f"{ME}figures/").json()

    assert day["since"] == "2026-03-02T00:00:00Z"
    assert (day["answered"], day["missed"], day["declined"]) == (2, 1, 1)


def test_an_operator_takes_no_calls_of_a_queue_for_a_while_and_then_again(anna):
    sales = factories.QueueFactory(client=anna.team.client, name="Sales", members=[anna])
    support = factories.QueueFactory(client=anna.team.client, name="Support", members=[anna])
    address = f"{ME}queues/{sales.public_id}/"

    def ready() -> set[str]:
        return {row[0] for row in reading.ready([sales.pk, support.pk]).values_list("memberships__queue__name")}

    left = api(anna.user).delete(address)
    assert [(row["name"], row["serving"]) for row in left.json()["queues"]] == [("Sales", False), ("Support", True)]
    assert ready() == {"Support"}
    shown = desk_state.states([anna.pk])[anna.pk]["me"]["queues"]
    assert [(row["name"], row["serving"]) for row in shown] == [("Sales", False), ("Support", True)]

    assert api(anna.user).delete(address).status_code == 200, "twice is once"
    assert api(anna.user).put(address).json()["queues"][0]["serving"]
    assert ready() == {"Sales", "Support"}
    kinds = Event.objects.filter(kind__startswith="queues.signed").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["queues.signed_out", "queues.signed_in"]


def test_nobody_takes_up_a_queue_that_they_were_not_given(anna):
    closed = factories.QueueFactory(client=anna.team.client, name="Cash")

    assert api(anna.user).put(f"{ME}queues/{closed.public_id}/").status_code == 404
    with pytest.raises(Refused, match="You are no member of Cash"):
        setup.serve(anna, closed, on=True)

    assert not closed.memberships.exists()
