"""A call's way through a menu, told to the service as the switchboard tells it."""

import pytest

from apps.carrier.verbs import Play, Say
from apps.core.models import Event
from apps.core.refused import Refused
from apps.ivr import publishing, tasks, versions
from apps.ivr import services as ivr
from apps.ivr.models import Visit
from apps.notify.models import Message, Notice
from tests.factories import (
    CallFactory,
    DestinationFactory,
    FlowFactory,
    MenuFactory,
    OptionFactory,
    PhoneNumberFactory,
    PromptFactory,
)
from tests.support.signed import about_a_call, post
from tests.support.sounds import wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow():
    flow = FlowFactory(name="Main menu")
    flow.greeting = PromptFactory(client=flow.client, text="Welcome.")
    flow.save()
    return flow


@pytest.fixture
def menu(flow):
    menu = MenuFactory(flow=flow, name="First", prompt__text="Press 1 or 2.", tries=2, timeout_seconds=4)
    OptionFactory(
        menu=menu, key="1", label="Dispatch", destination=DestinationFactory(client=flow.client, label="Yard")
    )
    return menu


@pytest.fixture
def call(flow):
    return CallFactory(client=flow.client)


def begin(call, flow) -> ivr.Turn:
    flow.refresh_from_db()
    ivr.publish(flow)
    return ivr.begin(call, flow)


def kinds(call) -> list[str]:
    return [event.kind for event in Event.objects.of_call(call.public_id)]


def test_the_greeting_is_heard_once_and_the_menu_asked(call, flow, menu):
    turn = begin(call, flow)

    assert isinstance(turn, ivr.Ask)
    assert turn.prompts == (Say("Welcome."), Say("Press 1 or 2."))
    assert (turn.num_digits, turn.timeout_seconds, turn.finish_on_key) == (1, 4, "")
    assert kinds(call) == ["ivr.entered", "ivr.asked"]


def test_a_key_leads_to_its_destination_and_ends_the_visit(call, flow, menu):
    visit = begin(call, flow).visit

    turn = ivr.hear(visit, "1")

    visit.refresh_from_db()
    assert isinstance(turn, ivr.Go)
    assert turn.destination.label == "Yard"
    assert (visit.outcome, visit.ended_at is not None) == ("to Yard", True)
    assert [(step["name"], step["key"], step["cause"], step["label"]) for step in visit.path][1:2] == [
        ("First", "1", "pressed", "Dispatch")
    ]
    assert kinds(call) == ["ivr.entered", "ivr.asked", "ivr.pressed", "ivr.left"]


def test_a_key_leads_to_the_next_menu(call, flow, menu):
    second = MenuFactory(flow=flow, name="Second", prompt__text="Press 9.")
    OptionFactory(menu=second, key="9")
    OptionFactory(menu=menu, key="2", label="More", destination=None, next_menu=second)

    turn = ivr.hear(begin(call, flow).visit, "2")

    assert isinstance(turn, ivr.Ask)
    assert turn.prompts == (Say("Press 9."),)
    assert turn.visit.node == f"menu-{second.pk}"


def test_a_wrong_key_and_silence_are_answered_each_in_its_way(call, flow, menu):
    menu.tries = 3
    menu.invalid_prompt = PromptFactory(client=flow.client, text="That key means nothing.")
    menu.silence_prompt = PromptFactory(client=flow.client, text="We heard nothing.")
    menu.save()
    visit = begin(call, flow).visit

    wrong, silent = ivr.hear(visit, "7"), ivr.hear(visit, "")

    assert wrong.prompts == (Say("That key means nothing."), Say("Press 1 or 2."))
    assert silent.prompts == (Say("We heard nothing."), Say("Press 1 or 2."))
    assert Visit.objects.get().tries == 2


def test_after_the_last_try_the_call_goes_otherwise(call, flow, menu):
    menu.otherwise = DestinationFactory(client=flow.client, label="Reception")
    menu.save()
    visit = begin(call, flow).visit
    ivr.hear(visit, "")

    turn = ivr.hear(visit, "8")

    assert isinstance(turn, ivr.Go)
    assert turn.destination.label == "Reception"


def test_without_anywhere_to_go_the_menu_apologises(call, flow, menu):
    visit = begin(call, flow).visit
    ivr.hear(visit, "")

    turn = ivr.hear(visit, "")

    assert isinstance(turn, ivr.GiveUp)
    assert turn.prompts == (Say(ivr.APOLOGY),)
    assert Visit.objects.get().outcome == "no choice was made"
    assert not Notice.objects.exists()


def test_an_answer_after_the_end_changes_nothing(call, flow, menu):
    visit = begin(call, flow).visit
    ivr.hear(visit, "1")
    before = Event.objects.count()

    with pytest.raises(Refused, match="left this menu"):
        ivr.hear(visit, "1")

    assert Event.objects.count() == before


def test_asking_again_uses_up_no_try(call, flow, menu):
    visit = begin(call, flow).visit
    ivr.hear(visit, "")
    visit.refresh_from_db()

    turn = ivr.ask_again(visit)

    assert turn.prompts == (Say("Press 1 or 2."),)
    assert Visit.objects.get().tries == 1


def test_a_second_menu_ends_the_first_visit(call, flow, menu):
    begin(call, flow)

    begin(call, flow)

    assert Visit.objects.open().count() == 1
    assert Visit.objects.exclude(ended_at=None).get().outcome == "into another menu"


def test_a_flow_without_a_menu_apologises_and_warns(call, flow):
    turn = ivr.begin(call, flow)

    assert isinstance(turn, ivr.GiveUp)
    assert "nothing to ask" in Notice.objects.get().text


def switch_off(destination) -> None:
    destination.active = False
    destination.save()


def test_a_key_to_a_place_that_is_switched_off_falls_back_and_warns(call, flow, menu):
    menu.otherwise = DestinationFactory(client=flow.client, label="Reception")
    menu.save()
    visit = begin(call, flow).visit
    switch_off(menu.options.get().destination)

    turn = ivr.hear(visit, "1")

    assert turn.destination.label == "Reception"
    assert "“Yard”, which is switched off" in Notice.objects.get().text


def test_when_everything_is_switched_off_the_caller_still_gets_an_answer(call, flow, menu):
    menu.otherwise = menu.options.get().destination
    menu.save()
    visit = begin(call, flow).visit
    switch_off(menu.otherwise)

    turn = ivr.hear(visit, "1")

    assert isinstance(turn, ivr.GiveUp)
    assert Notice.objects.get().times >= 1


def test_a_call_finishes_on_the_version_with_which_it_began(call, flow, menu):
    visit = begin(call, flow).visit
    menu.prompt.text = "Press 5."
    ivr.save_prompt(menu.prompt)
    menu.options.all().delete()
    OptionFactory(menu=menu, key="5", destination=DestinationFactory(client=flow.client, label="Gate"))
    later = begin(CallFactory(client=flow.client), flow)
    versions.load.cache_clear()  # as after a restart

    assert ivr.ask_again(visit).prompts == (Say("Press 1 or 2."),)
    assert ivr.hear(visit, "1").destination.label == "Yard"
    assert ivr.hear(later.visit, "5").destination.label == "Gate"


def test_a_menu_deleted_under_the_caller_is_still_answered(call, flow, menu):
    visit = begin(call, flow).visit
    flow.start = None
    flow.save()
    menu.delete()

    assert ivr.hear(visit, "1").destination.label == "Yard"


def test_strange_input_is_a_wrong_key(call, flow, menu):
    for strange in ("<b>", "11", "é", "1" * 500):
        visit = begin(call, flow).visit
        assert isinstance(ivr.hear(visit, strange), ivr.Ask)


def test_an_uploaded_sound_is_played_instead_of_spoken(settings, flow):
    settings.PUBLIC_BASE_URL = "https://calls.example.com"
    prompt = ivr.save_prompt(PromptFactory(client=flow.client), audio=wav(2))

    verb = ivr.prompt_verb(prompt)

    assert isinstance(verb, Play)
    assert verb.url == f"https://calls.example.com/audio/{prompt.public_id}/{prompt.audio_digest}.wav"
    assert prompt.audio_seconds == 2


def test_the_sweeper_ends_visits_whose_call_is_over(call, flow, menu):
    visit = begin(call, flow).visit
    tasks.sweep()
    visit.refresh_from_db()
    assert visit.ended_at is None

    ivr.calls.close(call, "abandoned")
    tasks.sweep()
    tasks.sweep()

    visit.refresh_from_db()
    assert visit.outcome == "the caller hung up"
    assert kinds(call).count("ivr.left") == 1


def test_the_first_request_of_a_call_reads_the_menu_from_memory(flow, menu, django_assert_max_num_queries):
    """Number, leg, person, rules, and the open visit are looked up; of the menu only its row, with the number."""
    flow.refresh_from_db()
    ivr.publish(flow)
    number = PhoneNumberFactory(client=flow.client, destination=flow.destination)
    for calls in range(2):
        with django_assert_max_num_queries(14 if calls else 99) as asked:
            answer = post("/carrier/voice", about_a_call(To=number.number, CallStatus="ringing"))
    assert b"Press 1 or 2." in answer.content
    assert not [
        one["sql"] for one in asked.captured_queries if "ivr_flowversion" in one["sql"] or "ivr_menu" in one["sql"]
    ]


def test_a_caller_is_understood_when_words_are_asked_for(client_with_words):
    call, flow = client_with_words
    first = ivr.begin(call, flow)

    assert (first.phrases, first.language) == (("dispatch", "the yard"), "en-US")
    assert ivr.hear(first.visit, "", "I want the yard, please").destination.label == "Yard"
    assert "ivr.said" in kinds(call)


@pytest.fixture
def client_with_words(flow, call):
    place = DestinationFactory(client=flow.client, label="Yard")
    option = {"label": "Dispatch", "phrases": ["dispatch", "the yard"], "to": "yard"}
    document = {"start": "main", "nodes": {
        "main": {"kind": "menu", "prompt": {"say": {"en-US": "Where to?"}}, "options": {"1": option}},
        "yard": {"kind": "send", "destination": {"id": str(place.public_id)}},
    }}  # fmt: skip
    flow = publishing.save_draft(flow, document, revision=0)
    publishing.publish(flow)
    return call, flow


def test_a_text_message_leaves_once_and_not_to_a_withheld_number(flow):
    document = {"start": "sms", "nodes": {
        "sms": {"kind": "sms", "text": "Hello {caller_name}from {company}.", "next": "bye"}, "bye": {"kind": "hangup"},
    }}  # fmt: skip
    flow = publishing.save_draft(flow, document, revision=0)
    publishing.publish(flow)

    ivr.begin(CallFactory(client=flow.client, customer_number="+12125550123", person=None), flow)
    ivr.begin(CallFactory(client=flow.client, customer_number="anonymous", person=None), flow)

    message = Message.objects.get()
    assert (message.to, message.body) == ("+12125550123", f"Hello from {flow.client.name}.")
