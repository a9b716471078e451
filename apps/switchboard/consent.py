"""What the law wants said before a recorded conversation, and the proof that it was heard to its end.

It stands in a document in front of the queue or the room. That the customer got there proves it heard: the event
`calls.announced`, one per call. Who was called away before that hears it in the next document instead.
"""

from __future__ import annotations

from datetime import timedelta

from apps.calls import services as calls
from apps.calls.models import Call
from apps.carrier.verbs import Say, Verb
from apps.core.models import Event

SLOWEST = timedelta(seconds=1) / 8  # a letter, read aloud by a slow voice


def announcement(call: Call) -> list[Verb]:
    """The words of the client, if its calls are recorded and this customer has not heard them to the end yet."""
    text = _text(call)
    return [Say(text, language=call.language)] if text and not was_heard(call) else []


def was_heard(call: Call) -> bool:
    """Whether the customer of `call` knows that it may be recorded."""
    return Event.objects.filter(key=_key(call)).exists()


def heard(call: Call) -> None:
    """The customer got to where a document led that had the announcement in it. Twice is once."""
    if _text(call) and not was_heard(call):
        calls.record(call, "calls.announced", key=_key(call))


def length(call: Call) -> timedelta:
    """How long the customer may need to hear what is still to be said, at most."""
    text = _text(call)
    return SLOWEST * len(text) if text and not was_heard(call) else timedelta()


def _text(call: Call) -> str:
    is_recorded = call.client.record_calls and call.colleague_id is None
    return call.client.recording_announcement if is_recorded else ""


def _key(call: Call) -> str:
    return f"announced:{call.public_id}"
