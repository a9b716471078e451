"""The callback dialogue: which number, and when we call. Each answer is one step of the caller's line.

confirm (1 yes, 2 another number, * wait on) <-> number (digits and #, or *); three answers that lead nowhere put the
caller back into the line, in the old place. The number that was keyed is kept with the place, never in an address.
"""

from __future__ import annotations

from collections.abc import Sequence

from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.carrier import callbacks as addresses
from apps.carrier.incoming import CarrierEvent
from apps.carrier.verbs import Gather, Hangup, Say, Verb
from apps.core import clock, numbers
from apps.core.refused import Refused
from apps.queues import asking, callbacks
from apps.queues.models import QueueEntry
from apps.switchboard import entrances, words

TRIES = 3
CONFIRM, NUMBER = "confirm", "number"


def question(leg: Leg, entry: QueueEntry, *said: str, tries: int = TRIES) -> list[Verb]:
    """What the caller is asked next: to confirm the number that we have, or to key one."""
    number = asking.number_for(entry)
    if not number:
        return _ask_number(leg, entry, *said, words.NUMBER_UNKNOWN, tries=tries)
    spoken = numbers.read_out(number, entry.queue.client.country)
    sentence = words.CONFIRM_NUMBER.format(number=spoken, wait_on=words.WAIT_ON)
    return _gather(leg, CONFIRM, [*said, sentence], tries, num_digits=1)


def _ask_number(leg: Leg, entry: QueueEntry, *said: str, tries: int = TRIES) -> list[Verb]:
    return _gather(leg, NUMBER, [*said, words.ENTER_NUMBER.format(wait_on=words.WAIT_ON)], tries, timeout=8)


def _gather(
    leg: Leg, action: str, said: Sequence[str], tries: int, *, num_digits: int | None = None, timeout: int = 6
) -> list[Verb]:
    return [
        Gather(
            action=addresses.step(leg.public_id, leg.step, f"{action}.{tries}"),
            prompts=tuple(Say(text, language=leg.call.language) for text in said),
            num_digits=num_digits, timeout_seconds=timeout, finish_on_key="" if num_digits else "#",
        )
    ]  # fmt: skip


def confirm(event: CarrierEvent, call: Call, leg: Leg, tries: int) -> list[Verb] | None:
    """The answer to "The number is ...": None when the caller is not in the dialogue any more."""
    entry = _entry(call)
    if entry is None:
        return None
    if event.digits == "1":
        return _promise(call, leg, entry)
    if event.digits == "2":
        return _ask_number(leg, entry)
    if event.digits == "*" or tries <= 1:
        return _back(call, leg, entry)
    return question(leg, entry, words.SAY_AGAIN, tries=tries - 1)


def number(event: CarrierEvent, call: Call, leg: Leg, tries: int) -> list[Verb] | None:
    """The number that the caller keyed: it is read back, to be confirmed. None as for `confirm`."""
    entry = _entry(call)
    if entry is None:
        return None
    if event.digits.startswith("*"):
        return _back(call, leg, entry)
    try:
        asking.give_number(entry, event.digits)
    except Refused as refusal:
        calls.record(call, "switchboard.number_refused", why=refusal.sentence)
        if tries <= 1:
            return _back(call, leg, entry)
        why = words.NUMBER_REFUSED if event.digits else words.SAY_AGAIN
        return _ask_number(leg, entry, why, tries=tries - 1)
    return question(leg, entry)


def _promise(call: Call, leg: Leg, entry: QueueEntry) -> list[Verb]:
    try:
        asked = asking.ask(entry)
    except Refused as refusal:
        calls.record(call, "switchboard.number_refused", why=refusal.sentence)
        return _back(call, leg, entry, words.NO_CALLBACKS)
    call.refresh_from_db(fields=["fate"])
    zone = callbacks.calling_hours(entry.queue).time_zone
    when = words.callback_time(asked.callback, clock.now(), zone)
    said = [Say(words.CALLBACK_KNOWN, language=call.language)] if asked.before else []
    return [*said, Say(words.CALLBACK_PROMISED.format(when=when), language=call.language), Hangup()]


def _back(call: Call, leg: Leg, entry: QueueEntry, *said: str) -> list[Verb]:
    asking.give_up(entry)
    told = [Say(text, language=call.language) for text in (*said, words.BACK_IN_LINE)]
    return [*told, *entrances.wait_in_line(leg, entry)]


def _entry(call: Call) -> QueueEntry | None:
    rows = call.queue_entries.filter(status=QueueEntry.Status.CHOOSING)
    return rows.select_related("queue__client", "call__client").first()
