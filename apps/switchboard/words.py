"""What the switchboard itself says to people on the line."""

from collections.abc import Iterable
from datetime import datetime, tzinfo

from apps.carrier.verbs import Hangup, Say, Verb
from apps.queues.models import Callback, Choice

UNREACHABLE = "We are sorry, we cannot take your call right now. Please try again later. Good-bye."
NOT_IN_USE = "This number is not in use. Good-bye."
ALL_BUSY = "We are sorry, all our lines are busy. Please try again later. Good-bye."
NO_ANSWER = "We are sorry, nobody answers there. Please try again later. Good-bye."
LOST = "We are sorry, the connection to our colleague was lost. Good-bye."
TAKE_ON_THE_PHONE = "A call from {client} for {operator}. To take it, press 1."
CALLER_GONE = "The caller has gone."
ONE_MOMENT = "One moment, please."
NO_SUCH_KEY = "Sorry, that key has no meaning here."
CLOSED_MEANWHILE = "We are closed now. We are sorry that we could not help you today."
KEEPS_PLACE = "We will gladly call you back. You keep your place in line."
CONFIRM_NUMBER = "The number is {number}. To be called there, press 1. To give another number, press 2. {wait_on}"
WAIT_ON = "To go on waiting instead, press star."
NUMBER_UNKNOWN = "We have no number that we can call you back at."
ENTER_NUMBER = "Please key the number with its area code, then press the hash key. {wait_on}"
NUMBER_REFUSED = "Sorry, we cannot call that number."
SAY_AGAIN = "Sorry, we did not understand that."
BACK_IN_LINE = "You are back in line, in your old place."
NO_CALLBACKS = "Sorry, we cannot call you back at the moment."
CALLBACK_KNOWN = "Your callback stands already."
CALLBACK_PROMISED = "Thank you. We will call you back {when}. You can hang up now. Good-bye."
CALLING_BACK = "Hello, this is {client}. You asked us to call you back. One moment, please: we connect you."
CALL_AGAIN = "We are sorry, our colleague could not stay on the line. We will call you again. Good-bye."
NOBODY_TO_CALL = "This callback is not needed any more."
CANNOT_CALL = "The customer cannot be called."


def good_bye(text: str, language: str = "en-US") -> list[Verb]:
    """`text`, then the end of the line."""
    return [Say(text, language=language), Hangup()] if text else [Hangup()]


def expected_wait(seconds: int) -> str:
    """An estimate in rounded words: nobody can promise four minutes and ten seconds."""
    minutes = seconds / 60
    if minutes < 1:
        return "We expect to answer you in less than a minute."
    if minutes >= 57.5:
        return "We expect that it takes an hour or longer."
    rounded = max(1, round(minutes)) if minutes <= 10 else 5 * round(minutes / 5)
    return f"We expect to answer you in about {rounded} minute{'s' if rounded > 1 else ''}."


def choices(rows: Iterable[Choice]) -> str:
    """What the keys do, as it is said to somebody who waits."""
    return " ".join(
        f"To be called back and keep your place, press {row.key}."
        if row.action == Choice.Action.CALLBACK
        else f"For {row.destination.label}, press {row.key}."
        for row in rows
    )


def callback_time(callback: Callback, at: datetime, zone: tzinfo) -> str:
    """The promised window as it is said: "between 14:10 and 14:40", or until when at the latest."""
    start, until = callback.promised_from, callback.promised_until or callback.expires_at
    if start is None:
        return f"as soon as an operator is free, at the latest {_moment(until, at, zone)}"
    if start <= at:
        return f"before {_moment(until, at, zone, word='')}"
    day, end = _day(start, at, zone), _day(until, at, zone)
    if day == end:
        return f"{day} between {_clock(start, zone)} and {_clock(until, zone)}".strip()
    return f"between {_clock(start, zone)} {day or 'today'} and {_clock(until, zone)} {end}"


def _moment(moment: datetime, at: datetime, zone: tzinfo, word: str = "at ") -> str:
    return f"{_day(moment, at, zone)} {word}{_clock(moment, zone)}".strip()


def _day(moment: datetime, at: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    days = (local.date() - at.astimezone(zone).date()).days
    if days <= 1:
        return "tomorrow" if days == 1 else ""
    return f"on {local:%A}" if days < 7 else f"on {local:%B} {local.day}"


def _clock(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%-H:%M")
