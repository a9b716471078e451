import pytest

from apps.core.refused import Refused
from apps.destinations.models import Destination
from apps.queues import advice, presets, setup
from apps.queues import services as queues
from apps.queues.models import Queue
from tests import factories
from tests.queues.conftest import now

pytestmark = pytest.mark.django_db


def queue(client=None, **settings) -> Queue:
    return Queue(client=client or factories.ClientFactory(), **{"name": "Support", **settings})


def test_a_new_queue_gets_a_destination_that_follows_its_name_and_switch():
    support = setup.save(queue())
    assert (support.destination.kind, support.destination.label) == ("queue", "Support")

    support.name, support.active = "Help", False
    setup.save(support)

    destination = now(support.destination)
    assert (destination.label, destination.active) == ("Help", False)


def test_an_overflow_that_comes_round_is_refused_and_names_the_way():
    client = factories.ClientFactory()
    support = setup.save(queue(client))
    sales = setup.save(queue(client, name="Sales", overflow=support.destination))
    support.overflow = sales.destination

    with pytest.raises(Refused, match="Support → Sales → Support"):
        setup.save(support)

    assert now(support).overflow is None


def test_an_overflow_into_itself_is_refused():
    support = setup.save(queue())
    support.overflow = support.destination

    with pytest.raises(Refused, match="circle"):
        setup.save(support)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"overflow": "foreign"}, "overflow"),
        ({"when_closed": "own"}, "schedule"),
        ({"when_unstaffed": "overflow"}, "overflow"),
    ],
)
def test_settings_that_lead_nowhere_are_refused_at_their_field(settings, field):
    client = factories.ClientFactory()
    targets = {
        "foreign": factories.EndingFactory().destination,
        "own": factories.EndingFactory(destination__client=client).destination,
    }
    before = Destination.objects.count()

    with pytest.raises(Refused) as refusal:
        setup.save(queue(client, **{name: targets.get(value, value) for name, value in settings.items()}))

    assert field in refusal.value.fields
    assert not Queue.objects.exists()
    assert Destination.objects.count() == before


def test_two_queues_of_one_client_have_two_names():
    client = factories.ClientFactory()
    setup.save(queue(client))

    with pytest.raises(Refused, match="already"):
        setup.save(queue(client))


def test_members_are_exactly_those_given():
    support = setup.save(queue())
    anna, ben = (factories.OperatorFactory(client=support.client) for _ in range(2))

    setup.set_members(support, [anna, ben])
    setup.set_members(support, [ben])

    assert list(support.members.all()) == [ben]


def test_an_operator_of_another_client_cannot_be_a_member():
    support = setup.save(queue())

    with pytest.raises(Refused, match="another client"):
        setup.set_members(support, [factories.OperatorFactory()])

    assert not support.members.exists()


def test_a_queue_that_was_never_used_can_be_deleted_with_its_destination():
    support = setup.save(queue())

    setup.delete(support)

    assert not Queue.objects.exists()
    assert not Destination.objects.exists()


def test_a_queue_with_a_past_or_a_way_in_is_switched_off_instead():
    used, pointed_at = setup.save(queue()), setup.save(queue())
    queues.join(factories.CallFactory(client=used.client), used)
    factories.PhoneNumberFactory(client=pointed_at.client, destination=pointed_at.destination)

    for support in (used, pointed_at):
        with pytest.raises(Refused):
            setup.delete(support)

    assert Queue.objects.count() == 2


def test_what_is_legal_but_hardly_meant_is_said():
    support = setup.save(queue())

    words = " ".join(found.sentence for found in advice.of(support))

    assert "no members" in words
    assert "no overflow" in words


@pytest.mark.parametrize("name", [preset.name for preset in presets.PRESETS])
def test_every_kind_of_work_makes_a_queue_that_passes_all_checks(name):
    support = queue()

    presets.apply(support, name)

    setup.save(support)
    support.full_clean()


def test_an_unknown_kind_of_work_is_an_error():
    with pytest.raises(KeyError):
        presets.apply(queue(), "by mood")
