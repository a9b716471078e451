import pytest

from apps.core.refused import Refused
from apps.destinations import graph, kinds
from tests.factories import ClientFactory, DestinationFactory, QueueFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def three():
    client = ClientFactory()
    return [QueueFactory(client=client, name=name) for name in ("Sales", "Support", "Night")]


def lead(queue, target):
    queue.overflow = target.destination if target else None
    queue.save()


def test_a_line_of_overflows_is_no_loop(three):
    sales, support, night = three
    lead(sales, support)
    lead(support, night)
    assert graph.find_loop(sales.destination) is None


def test_a_loop_is_found_and_named_in_words(three):
    sales, support, night = three
    lead(sales, support)
    lead(support, night)
    change = {night.destination.pk: [sales.destination]}
    with pytest.raises(Refused) as refusal:
        graph.refuse_loop(night.destination, replacing=change)
    assert refusal.value.sentence == (
        "Calls would run in a circle: Night → Sales → Support → Night. Choose another destination for one of them."
    )
    assert refusal.value.code == "loop"


def test_a_destination_that_leads_to_itself_is_a_loop(three):
    sales = three[0]
    loop = graph.find_loop(sales.destination, replacing={sales.destination.pk: [sales.destination]})
    assert loop == [sales.destination, sales.destination]


def test_a_loop_further_on_is_found_too(three):
    sales, support, night = three
    lead(sales, support)
    lead(support, night)
    lead(night, support)
    assert graph.in_words(graph.find_loop(sales.destination)) == "Support → Night → Support"


def test_a_change_is_judged_by_what_will_be_not_by_what_is(three):
    sales, support, _night = three
    lead(sales, support)
    lead(support, sales)
    assert graph.find_loop(sales.destination, replacing={support.destination.pk: []}) is None


def test_two_ways_to_one_place_are_no_loop(three):
    sales, support, night = three
    sales.overflow, sales.when_closed = support.destination, night.destination
    sales.save()
    lead(support, night)
    assert graph.find_loop(sales.destination) is None


def test_an_undeclared_kind_leads_nowhere():
    assert kinds.edges(DestinationFactory(kind="something_else")) == []
    assert kinds.label("something_else") == "Something else"


def test_a_kind_cannot_be_declared_by_two_apps():
    with pytest.raises(ValueError, match="declared twice"):
        kinds.register(kinds.ENDING, label="Another thing")
    assert kinds.label(kinds.ENDING) == "Message and hang up"
