from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.carrier import twiml
from apps.carrier.verbs import DialNumber, DialRoom, Enqueue, Gather, Hangup, Leave, Pause, Play, Redirect, Reject, Say

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def parsed(document: str) -> ElementTree.Element:
    return ElementTree.fromstring(document.encode())  # noqa: S314 - written by us, a moment ago


def inside(*spoken) -> str:
    document = twiml.render(spoken)
    assert document.startswith(f"{HEAD}<Response>")
    return document.removeprefix(f"{HEAD}<Response>").removesuffix("</Response>")


def test_no_verbs_are_the_empty_document():
    assert twiml.render([]) == twiml.render(()) == f"{HEAD}<Response />"


def test_each_verb_has_its_words():
    assert inside(Say("Hello", language="de-DE")) == '<Say language="de-DE">Hello</Say>'
    assert inside(Play("https://x/a.wav")) == "<Play>https://x/a.wav</Play>"
    assert inside(Play("https://x/a.wav", loop=0)) == '<Play loop="0">https://x/a.wav</Play>'
    assert inside(Pause(3)) == '<Pause length="3" />'
    assert inside(Leave()) == "<Leave />"
    assert inside(Hangup()) == "<Hangup />"
    assert inside(Reject("busy")) == '<Reject reason="busy" />'
    assert inside(Reject("rude")) == '<Reject reason="rejected" />'
    assert inside(Redirect("https://x/a?b=1&c=2")) == '<Redirect method="POST">https://x/a?b=1&amp;c=2</Redirect>'


def test_silence_in_a_menu_goes_to_the_action_too():
    menu = Gather("https://x/step", prompts=(Say("Press 1."), Pause(2)), num_digits=1, timeout_seconds=4)
    element = parsed(twiml.render([menu])).find("Gather")
    assert element is not None
    assert element.attrib == {
        "action": "https://x/step", "actionOnEmptyResult": "true", "finishOnKey": "#", "input": "dtmf",
        "method": "POST", "numDigits": "1", "timeout": "4",
    }  # fmt: skip
    assert [child.tag for child in element] == ["Say", "Pause"]


def test_a_caller_is_parked_with_a_wait_document():
    assert inside(Enqueue("queue-7", "https://x/left", "https://x/wait")) == (
        '<Enqueue action="https://x/left" method="POST" waitUrl="https://x/wait" waitUrlMethod="POST">queue-7</Enqueue>'
    )


def test_a_room_is_joined_without_beep_and_in_silence_unless_told():
    room = DialRoom("call-1", "https://x/left", end_on_exit=True, status_url="https://x/room", label="leg-1")
    dial = parsed(twiml.render([room])).find("Dial")
    assert dial is not None
    assert dial.attrib == {"action": "https://x/left", "method": "POST"}
    [conference] = list(dial)
    assert conference.text == "call-1"
    assert conference.attrib == {
        "beep": "false", "endConferenceOnExit": "true", "muted": "false", "participantLabel": "leg-1",
        "startConferenceOnEnter": "true", "statusCallback": "https://x/room",
        "statusCallbackEvent": "start end join leave mute hold", "statusCallbackMethod": "POST",
        "waitMethod": "POST", "waitUrl": "",
    }  # fmt: skip


def test_a_number_is_dialled_with_our_caller_id_and_bounded_ringing():
    verb = DialNumber("+14155550123", "https://x/next", "+14155550100", timeout_seconds=9999, status_url="https://x/s")
    dial = parsed(twiml.render([verb])).find("Dial")
    assert dial is not None
    assert dial.attrib["callerId"] == "+14155550100"
    assert dial.attrib["timeout"] == "600"
    [number] = list(dial)
    assert number.text == "+14155550123"
    assert number.attrib["statusCallbackEvent"] == "initiated ringing answered completed"


@pytest.mark.parametrize("language", ["", "x" * 30, 'en"><Dial>', "en US", "de_DE"])
def test_a_language_that_is_none_is_left_out(language):
    assert inside(Say("Hello", language=language)) == "<Say>Hello</Say>"


def test_a_long_text_is_cut_to_what_the_carrier_reads():
    element = parsed(twiml.render([Say("x" * 10_000)])).find("Say")
    assert element is not None
    assert len(element.text or "") == twiml.LONGEST_TEXT


def test_what_is_not_a_verb_is_a_mistake():
    with pytest.raises(TypeError, match="str is not a verb"):
        twiml.render(["Hello"])  # type: ignore[list-item]


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=100), st.text(max_size=100))
def test_whatever_a_text_holds_the_document_keeps_its_shape(text, url, name):
    """Injection, control characters, broken surrogates: the same verbs come out, and the text comes back whole."""
    document = twiml.render(
        [
            Say(text),
            Gather(url, prompts=(Say(text), Play(url))),
            Enqueue(name, url, url),
            DialRoom(name, url, wait_url=url, status_url=url, label=name),
            Redirect(url),
        ]
    )
    root = parsed(document)
    assert [element.tag for element in root.iter()] == [
        "Response", "Say", "Gather", "Say", "Play", "Enqueue", "Dial", "Conference", "Redirect",
    ]  # fmt: skip
    spoken = root.find("Say")
    assert spoken is not None
    kept = twiml.clean(text)
    # XML reads every line end as one newline.
    assert (spoken.text or "") == kept.replace("\r\n", "\n").replace("\r", "\n")
    assert len(kept) >= len([letter for letter in text if letter.isprintable() and letter < "\ud800"])


def test_a_gather_with_phrases_listens_to_words_as_well():
    menu = Gather("https://x/step", prompts=(Say("Yes or no?"),), phrases=("yes", "no, thanks"), language="en-GB")
    element = parsed(twiml.render([menu])).find("Gather")

    assert (element.get("input"), element.get("hints"), element.get("language")) == (
        "dtmf speech", "yes, no  thanks", "en-GB",
    )  # fmt: skip
    assert element.get("speechTimeout") == "auto"
