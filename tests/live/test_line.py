"""Who waits, as the board shows it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.live import snapshot
from apps.live.scope import Scope
from tests import factories

pytestmark = pytest.mark.django_db
ALL = Scope(None)


@pytest.fixture(autouse=True)
def still_clock():
    clock.freeze()
    yield
    clock.release()


@pytest.fixture
def queue():
    return factories.QueueFactory(name="Support", priority=5)


def waits(queue, name: str, seconds: int = 0, **facts):
    at = clock.now() - timedelta(seconds=seconds)
    person = factories.PersonFactory(client=queue.client, name=name)
    call = factories.CallFactory(client=queue.client, person=person)
    return factories.QueueEntryFactory(queue=queue, call=call, joined_at=at, place_at=at, **facts)


def shown(scope: Scope = ALL) -> list[tuple[str, int]]:
    return [(row["name"], row["place"]) for row in snapshot.board(scope)["line"]]


def test_callers_stand_in_the_order_in_which_they_are_served(queue):
    waits(queue, "Anna", 30)
    waits(queue, "Ben", 60)
    waits(queue, "Cora", 10, priority=8)
    waits(queue, "Dan", 5, front=True)
    waits(queue, "Eve", 90, status="choosing")
    waits(queue, "Fay", 90, status="answered")

    assert shown() == [("Dan", 1), ("Cora", 2), ("Ben", 3), ("Anna", 4), ("Eve", 0)]


def test_each_queue_counts_its_own_places(queue):
    other = factories.QueueFactory(client=queue.client, name="Sales")
    waits(queue, "Anna", 30)
    waits(other, "Ben", 20)

    assert sorted(shown()) == [("Anna", 1), ("Ben", 1)]


def test_a_row_says_what_is_asked_and_what_the_wait_has_made_of_it(queue):
    for name, level in (("Dispatch", 3), ("Spanish", 6)):
        queue.requirements.create(skill=factories.SkillFactory(client=queue.client, name=name), level=level)
    for after, level in ((20, 4), (60, 0)):
        queue.relaxations.create(after_seconds=after, level=level)
    for name, seconds in (("Anna", 5), ("Ben", 30), ("Cora", 70)):
        waits(queue, name, seconds)

    rows = {row["name"]: (row["asks"], row["content_with"]) for row in snapshot.board(ALL)["line"]}

    asked = "Dispatch 3, Spanish 6"
    assert rows == {"Anna": (asked, asked), "Ben": (asked, "Dispatch 3, Spanish 4"), "Cora": (asked, "anybody")}


def test_a_row_says_priority_with_ageing_and_for_whom_the_caller_is_kept(queue):
    queue.ageing_seconds = 10
    queue.save()
    anna = factories.OperatorFactory(client=queue.client, user__first_name="Anna")
    entry = waits(queue, "Ben", 25, reserved_for=anna)

    (row,) = snapshot.board(ALL)["line"]

    assert (row["id"], row["queue"]) == (str(entry.public_id), str(queue.public_id))
    assert (row["priority"], row["effective"]) == (5, 7)
    assert (row["reserved_for"], row["reserved_id"]) == ("Anna", str(anna.public_id))


def test_another_clients_callers_are_not_shown(queue):
    waits(queue, "Anna")
    waits(factories.QueueFactory(), "Stranger")

    assert shown(Scope(frozenset([queue.client_id]))) == [("Anna", 1)]


def test_the_line_costs_the_same_however_long_it_is(queue):
    costs = []
    for number in range(12):
        waits(queue, f"Caller {number}", number)
        with CaptureQueriesContext(connection) as asked:
            assert len(snapshot.board(ALL)["line"]) == number + 1
        costs.append(len(asked))

    assert len(set(costs)) == 1, costs
