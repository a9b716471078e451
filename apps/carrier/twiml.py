"""Verbs in the carrier's language, TwiML. The only place that writes it.

Written by the SDK's builders, which escape texts and attributes; what they let through and XML forbids (control
characters) is taken out here, and texts are cut at the carrier's limits (`reference`: Say 4096, names 64 and 128).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import singledispatch

from twilio.twiml import TwiML
from twilio.twiml.voice_response import VoiceResponse

from apps.carrier import policy, verbs
from apps.carrier.verbs import Verb

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response />'
LONGEST_TEXT = 4000
ROOM_EVENTS = "start end join leave mute hold"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def render(spoken: Sequence[Verb]) -> str:
    """The document that makes a leg do `spoken` in that order. No verbs is the empty document.

    Raises Refused when a verb dials a number that the policy forbids.
    """
    if not spoken:
        return EMPTY
    response = VoiceResponse()
    for verb in spoken:
        _write(verb, response)
    return str(response)


def clean(text: str, limit: int = LONGEST_TEXT) -> str:
    """`text` without the characters that XML cannot hold, cut to `limit`."""
    return _NOT_XML.sub("", text)[:limit]


@singledispatch
def _write(verb: Verb, parent: TwiML) -> None:
    raise TypeError(f"{type(verb).__name__} is not a verb.")


@_write.register
def _(verb: verbs.Say, parent: TwiML) -> None:
    language = verb.language if _LANGUAGE.fullmatch(verb.language) else None
    parent.say(clean(verb.text), language=language)


@_write.register
def _(verb: verbs.Play, parent: TwiML) -> None:
    # The default is left out: it is what most sounds want and the document stays short.
    parent.play(clean(verb.url), loop=verb.loop if verb.loop != 1 else None)


@_write.register
def _(verb: verbs.Pause, parent: TwiML) -> None:
    parent.pause(length=max(1, verb.seconds))


@_write.register
def _(verb: verbs.Gather, parent: TwiML) -> None:
    gather = parent.gather(
        input="dtmf speech" if verb.phrases else "dtmf",
        **_listening(verb),
        action=clean(verb.action),
        method="POST",
        num_digits=verb.num_digits,
        timeout=max(1, verb.timeout_seconds),
        finish_on_key=verb.finish_on_key,
        # Without it silence would fall through to the end of the document, and the caller with it.
        action_on_empty_result=True,
    )
    for prompt in verb.prompts:
        _write(prompt, gather)


def _listening(verb: verbs.Gather) -> dict[str, str]:
    """What the recognition of speech is told: nothing when only keys count."""
    if not verb.phrases:
        return {}
    heard = {"hints": clean(", ".join(phrase.replace(",", " ") for phrase in verb.phrases)), "speech_timeout": "auto"}
    return heard | ({"language": verb.language} if _LANGUAGE.fullmatch(verb.language) else {})


@_write.register
def _(verb: verbs.Record, parent: TwiML) -> None:
    parent.record(
        action=clean(verb.action),
        method="POST",
        max_length=max(1, verb.max_seconds),
        timeout=max(1, verb.silence_seconds),
        finish_on_key=verb.finish_on_key,
        play_beep=True,
        trim="do-not-trim",
        recording_status_callback=clean(verb.status_url),
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
    )


@_write.register
def _(verb: verbs.Enqueue, parent: TwiML) -> None:
    parent.enqueue(
        clean(verb.name, 64),
        action=clean(verb.action),
        method="POST",
        wait_url=clean(verb.wait_url),
        wait_url_method="POST",
    )


@_write.register
def _(verb: verbs.Leave, parent: TwiML) -> None:
    parent.leave()


@_write.register
def _(verb: verbs.DialRoom, parent: TwiML) -> None:
    dial = parent.dial(action=clean(verb.action), method="POST")
    dial.conference(
        clean(verb.room_name, 128),
        start_conference_on_enter=verb.start_on_enter,
        end_conference_on_exit=verb.end_on_exit,
        muted=verb.muted,
        beep="true" if verb.beep else "false",
        # An empty address is silence; without the attribute the carrier would play music of its own.
        wait_url=clean(verb.wait_url),
        wait_method="POST",
        participant_label=clean(verb.label, 128) or None,
        coach=clean(verb.coach) or None,
        status_callback=clean(verb.status_url) or None,
        status_callback_event=ROOM_EVENTS if verb.status_url else None,
        status_callback_method="POST" if verb.status_url else None,
    )


@_write.register
def _(verb: verbs.DialNumber, parent: TwiML) -> None:
    policy.check_destination(verb.number)
    dial = parent.dial(
        action=clean(verb.action),
        method="POST",
        caller_id=clean(verb.caller_id, 64) or None,
        timeout=min(600, max(5, verb.timeout_seconds)),
        answer_on_bridge=True,
    )
    dial.number(
        verb.number,
        status_callback=clean(verb.status_url) or None,
        status_callback_event="initiated ringing answered completed" if verb.status_url else None,
        status_callback_method="POST" if verb.status_url else None,
    )


@_write.register
def _(verb: verbs.Redirect, parent: TwiML) -> None:
    parent.redirect(clean(verb.url), method="POST")


@_write.register
def _(verb: verbs.Hangup, parent: TwiML) -> None:
    parent.hangup()


@_write.register
def _(verb: verbs.Reject, parent: TwiML) -> None:
    parent.reject(reason=verb.reason if verb.reason in {"rejected", "busy"} else "rejected")
