"""What a manager may draw, and the sentence for what they may not."""

import pytest

from apps.core import telephone_sound
from apps.core.refused import Refused
from apps.destinations.models import Destination
from apps.ivr import faults
from apps.ivr import services as ivr
from apps.ivr.models import Flow, Menu, Option, Prompt
from tests.factories import (
    ClientFactory,
    DestinationFactory,
    MenuFactory,
    PhoneNumberFactory,
    PromptFactory,
    QueueFactory,
    VisitFactory,
)
from tests.support.sounds import mp3, wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    return ClientFactory()


@pytest.fixture
def yard(client):
    return QueueFactory(client=client, name="Yard").destination


@pytest.fixture
def flow(client):
    return ivr.create_flow(client, name="Main menu")


def add_menu(flow: Flow, name: str = "First", **options) -> Menu:
    """A menu whose options are given as `key_1=destination`, or a menu."""
    menu = Menu(flow=flow, name=name, prompt=PromptFactory(client=flow.client))
    rows = [
        Option(key=key[-1], **{"next_menu" if isinstance(place, Menu) else "destination": place})
        for key, place in options.items()
    ]
    return ivr.save_menu(menu, rows)


def test_a_new_flow_is_off_and_has_its_destination(flow):
    assert not flow.active
    assert (flow.destination.kind, flow.destination.label, flow.destination.active) == ("flow", "Main menu", False)


def test_the_first_menu_becomes_the_start_and_the_flow_can_be_switched_on(flow, yard):
    menu = add_menu(flow, key_1=yard)
    flow.refresh_from_db()

    ivr.switch(flow, on=True)

    assert flow.start == menu
    assert Destination.objects.get(pk=flow.destination_id).active


def test_switching_off_stops_calls(flow, yard):
    add_menu(flow, key_1=yard)
    flow.refresh_from_db()
    ivr.switch(flow, on=True)

    ivr.switch(flow, on=False)

    assert not Destination.objects.get(pk=flow.destination_id).active


def test_renaming_a_flow_renames_its_destination(flow):
    flow.name = "Evening menu"

    ivr.save_flow(flow)

    assert Destination.objects.get(pk=flow.destination_id).label == "Evening menu"


def test_a_flow_without_a_menu_cannot_be_switched_on(flow):
    with pytest.raises(Refused, match="no menu yet: add one"):
        ivr.switch(flow, on=True)

    flow.refresh_from_db()
    assert not flow.active
    assert not flow.destination.active


def test_a_flow_without_a_start_cannot_be_switched_on(flow, yard):
    add_menu(flow, "First", key_1=yard)
    add_menu(flow, "Second", key_1=yard)
    flow.refresh_from_db()
    flow.start = None

    with pytest.raises(Refused, match="choose the menu that it starts with") as refused:
        ivr.switch(flow, on=True)

    assert "start" in refused.value.fields


def test_a_menu_without_options_is_refused(flow):
    with pytest.raises(Refused, match="has no options: give it at least one key"):
        add_menu(flow)

    assert not Menu.objects.exists()


def test_a_key_cannot_lead_into_another_flow(flow, client, yard):
    other = add_menu(ivr.create_flow(client, name="Other"), key_1=yard)

    with pytest.raises(Refused, match="menu of another flow"):
        add_menu(flow, key_1=other)

    assert not flow.menus.exists()


def test_a_key_cannot_lead_to_a_place_that_is_switched_off(flow, client):
    closed = DestinationFactory(client=client, label="Old yard", active=False)

    with pytest.raises(Refused, match="Key 1 of “First” leads to “Old yard”, which is switched off"):
        add_menu(flow, key_1=closed)


def test_another_clients_rows_cannot_be_used(flow, client):
    with pytest.raises(Refused, match="belongs to another client"):
        add_menu(flow, key_1=DestinationFactory())

    flow.greeting = PromptFactory()
    with pytest.raises(Refused, match="belongs to another client"):
        ivr.save_flow(flow)


def test_a_circle_that_needs_no_key_is_refused(flow, client, yard):
    """Silence in the menu → queue; queue full → the menu again."""
    menu = add_menu(flow, key_1=yard)
    yard.queue.overflow = flow.destination
    yard.queue.save()
    menu.otherwise = yard
    ivr.save_menu(menu)
    flow.refresh_from_db()

    with pytest.raises(Refused, match="Main menu → Yard → Main menu"):
        ivr.switch(flow, on=True)


def test_a_circle_through_a_key_is_allowed(flow, yard):
    yard.queue.overflow = flow.destination
    yard.queue.save()
    add_menu(flow, key_1=yard, key_2=flow.destination)
    flow.refresh_from_db()

    assert ivr.switch(flow, on=True).active


def test_a_flow_that_is_on_stays_whole(flow, yard):
    menu = add_menu(flow, key_1=yard)
    flow.refresh_from_db()
    ivr.switch(flow, on=True)

    with pytest.raises(Refused, match="no options"):
        ivr.save_menu(menu, [])
    with pytest.raises(Refused, match="no menu yet"):
        ivr.delete_menu(menu)

    assert Option.objects.get().menu.flow == flow


def test_menus_that_no_key_leads_to_are_named(flow, yard):
    first = add_menu(flow, "First", key_1=yard)
    lonely = add_menu(flow, "Lonely", key_1=yard)
    flow.refresh_from_db()

    assert flow.start == first
    assert faults.unreachable(flow) == [lonely]


def test_a_menu_that_a_key_leads_to_cannot_be_deleted(flow, yard):
    second = add_menu(flow, "Second", key_1=yard)
    add_menu(flow, "First", key_1=second)

    with pytest.raises(Refused, match="Key 1 of “First” leads to “Second”"):
        ivr.delete_menu(second)

    assert flow.menus.count() == 2


def test_a_flow_that_nothing_uses_can_be_deleted(flow, yard):
    add_menu(flow, key_1=yard, key_9=flow.destination)
    flow.refresh_from_db()

    ivr.delete_flow(flow)

    assert not Flow.objects.exists()
    assert list(Destination.objects.all()) == [yard]


def test_a_flow_in_use_cannot_be_deleted(flow, client, yard):
    add_menu(flow, key_1=yard)
    flow.refresh_from_db()
    PhoneNumberFactory(client=client, destination=flow.destination)

    with pytest.raises(Refused, match="Point them elsewhere"):
        ivr.delete_flow(flow)

    assert flow.menus.exists()


def test_a_flow_with_a_past_cannot_be_deleted(flow):
    VisitFactory(flow=flow)

    with pytest.raises(Refused, match="Switch it off instead"):
        ivr.delete_flow(flow)


def test_a_bad_sound_is_refused_and_the_good_one_stays(client, django_capture_on_commit_callbacks):
    prompt = ivr.add_prompt(client, name="Welcome", text="Welcome.", audio=wav(1))

    with pytest.raises(Refused, match="neither a WAV nor an MP3"):
        ivr.save_prompt(prompt, audio=b"a letter")

    kept = Prompt.objects.get()
    assert kept.audio.read() == telephone_sound.convert(wav(1))


def test_a_new_sound_replaces_the_file_and_another_address(client, django_capture_on_commit_callbacks):
    prompt = ivr.add_prompt(client, name="Welcome", text="Welcome.", audio=wav(1))
    old, address = prompt.audio.name, prompt.audio_path

    with django_capture_on_commit_callbacks(execute=True):
        ivr.save_prompt(prompt, audio=mp3(80))

    assert not prompt.audio.storage.exists(old)
    assert prompt.audio_path != address
    assert prompt.audio_path.endswith(".wav")  # converted
    assert prompt.audio_seconds == 2


def test_a_sound_can_be_taken_away(client, django_capture_on_commit_callbacks):
    prompt = ivr.add_prompt(client, name="Welcome", text="Welcome.", audio=wav(1))

    with django_capture_on_commit_callbacks(execute=True):
        ivr.save_prompt(prompt, audio=b"")

    kept = Prompt.objects.get()
    assert (bool(kept.audio), kept.audio_seconds, kept.audio_path) == (False, 0, "")


def test_the_factory_of_menus_makes_startable_flows():
    flow = MenuFactory().flow

    assert flow.start is not None
