"""What the switchboard itself says to people on the line."""

from apps.calls.models import Call
from apps.carrier.verbs import Hangup, Say, Verb

UNREACHABLE = "We are sorry, we cannot take your call right now. Please try again later. Good-bye."
NOT_IN_USE = "This number is not in use. Good-bye."
ALL_BUSY = "We are sorry, all our lines are busy. Please try again later. Good-bye."
NO_ANSWER = "We are sorry, nobody answers there. Please try again later. Good-bye."
LOST = "We are sorry, the connection to our colleague was lost. Good-bye."
CALLER_GONE = "The caller has gone."
ONE_MOMENT = "One moment, please."


def good_bye(text: str, language: str = "en-US") -> list[Verb]:
    """`text`, then the end of the line."""
    return [Say(text, language=language), Hangup()] if text else [Hangup()]


def consent(call: Call) -> list[Verb]:
    """What the law wants said before a recorded conversation, as the client worded it."""
    text = call.client.recording_announcement if call.client.record_calls else ""
    return [Say(text, language=call.language)] if text else []
