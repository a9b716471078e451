"""How a call enters each kind of destination. `enter` is the one way in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.carrier import callbacks
from apps.carrier.verbs import DialNumber, Enqueue, Gather, Hangup, Pause, Record, Redirect, Say, Verb
from apps.core import clock
from apps.core.refused import Refused
from apps.destinations.models import Destination
from apps.hours import services as hours
from apps.ivr import services as ivr
from apps.notify import services as notify
from apps.queues import services as queues
from apps.queues.models import Queue, QueueEntry
from apps.recordings import services as recordings
from apps.routing import services as routing
from apps.switchboard import consent, words

DEPTH = 10  # hand-overs in one breath; loops are refused in the admin, this is for what slips through


def enter(call: Call, leg: Leg, destination: Destination | None, *, depth: int = 0) -> list[Verb]:
    """What the customer hears on being sent to `destination`. Never silence: a way that leads nowhere is an apology."""
    if destination is None or not destination.active:
        where = f"“{destination.label}” is switched off." if destination else "No destination is set."
        return strand(call, where, key=f"off:{destination.pk if destination else call.phone_number_id}")
    if depth >= DEPTH:
        return strand(call, f"“{destination.label}” is part of a loop.", key=f"loop:{destination.pk}")
    calls.record(call, "switchboard.sent", destination=destination.label)
    entrance = _ENTRANCES.get(destination.kind)
    if entrance is None:
        return strand(call, f"Nothing takes calls for “{destination.label}”.", key=f"kind:{destination.pk}")
    return entrance(call, leg, destination, depth)


def strand(call: Call, why: str, *, key: str, text: str = words.UNREACHABLE) -> list[Verb]:
    """The way ends here by mistake: the caller hears an apology, the manager gets a notice."""
    calls.record(call, "switchboard.stranded", why=why)
    notify.warn(f"switchboard.stranded:{key}", f"A caller was turned away. {why}", client=call.client)
    _expect(call, Call.Outcome.FAILED)
    return words.good_bye(text, call.language)


def follow(call: Call, leg: Leg, turn: ivr.Turn, *, depth: int = 0) -> list[Verb]:
    """The document for a turn of a voice menu."""
    prompts = list(turn.prompts)
    if isinstance(turn, ivr.Ask):
        return [
            Gather(
                action=callbacks.step(leg.public_id, leg.step, "menu"), prompts=tuple(prompts),
                num_digits=turn.num_digits, finish_on_key=turn.finish_on_key,
                timeout_seconds=turn.timeout_seconds, phrases=turn.phrases, language=turn.language,
            )
        ]  # fmt: skip
    if isinstance(turn, ivr.Wait):
        return [*prompts, Pause(), Redirect(callbacks.step(leg.public_id, leg.step, "menu"))]
    if isinstance(turn, ivr.Record):
        return [*prompts, *_record(leg, turn)]
    if isinstance(turn, ivr.Go):
        return [*prompts, *enter(call, leg, turn.destination, depth=depth + 1)]
    _expect(call, Call.Outcome.REFUSED)
    return [*prompts, Hangup()]


def _record(leg: Leg, turn: ivr.Record) -> list[Verb]:
    """The message, and the way on for who says nothing."""
    onward = callbacks.step(leg.public_id, leg.step, "menu")
    status = callbacks.recording(recordings.expect_message(leg).public_id)
    return [Record(onward, status, turn.max_seconds, turn.silence_seconds), Redirect(onward)]


def wait_in_line(leg: Leg, entry: QueueEntry) -> list[Verb]:
    """Park the customer in the carrier's queue; our dispatcher decides who gets the call."""
    told = consent.announcement(leg.call)
    return [
        *told,
        Enqueue(
            name=str(entry.queue.public_id),
            action=callbacks.step(leg.public_id, leg.step, "queue"),
            wait_url=callbacks.wait(entry.public_id, announced=bool(told)),
        ),
    ]


def _queue(call: Call, leg: Leg, destination: Destination, depth: int) -> list[Verb]:
    queue = destination.queue
    try:
        entry = queues.join(call, queue)
    except queues.QueueClosed as refusal:
        return _closed(call, leg, queue, refusal, depth)
    except (queues.QueueFull, queues.QueueUnstaffed) as refusal:
        return _pass_on(call, leg, queue.name, refusal, queue.overflow, depth)
    greeting = [Say(queue.greeting, language=call.language)] if queue.greeting else []
    return [*greeting, *wait_in_line(leg, entry)]


def _closed(call: Call, leg: Leg, queue: Queue, refusal: Refused, depth: int) -> list[Verb]:
    """What the schedule says about the closing, then where the queue sends its callers meanwhile."""
    said = hours.closing_message(queue.schedule, clock.now()) if queue.schedule is not None else ""
    if said and queue.when_closed is None:
        calls.record(call, "switchboard.passed_on", queue=queue.name, why=refusal.sentence)
        _expect(call, Call.Outcome.REFUSED)
        return words.good_bye(said, call.language)
    heard = [Say(said, language=call.language)] if said else []
    return [*heard, *_pass_on(call, leg, queue.name, refusal, queue.when_closed, depth)]


def _pass_on(call: Call, leg: Leg, queue: str, refusal: Refused, target: Destination | None, depth: int) -> list[Verb]:
    calls.record(call, "switchboard.passed_on", queue=queue, why=refusal.sentence)
    if target is None:
        _expect(call, Call.Outcome.REFUSED)
        return words.good_bye(words.ALL_BUSY, call.language)
    return enter(call, leg, target, depth=depth + 1)


def _flow(call: Call, leg: Leg, destination: Destination, depth: int) -> list[Verb]:
    return follow(call, leg, ivr.begin(call, destination.flow), depth=depth)


def _rules(call: Call, leg: Leg, destination: Destination, depth: int) -> list[Verb]:
    """From a menu to the routing rules, which know by now what was pressed."""
    decision = routing.route(call)
    if decision.destination is None:
        return strand(call, decision.sentence, key=f"number:{call.phone_number_id}")
    return enter(call, leg, decision.destination, depth=depth + 1)


def _number(call: Call, leg: Leg, destination: Destination, depth: int) -> list[Verb]:
    outside = destination.outside_number
    external = calls.expect_leg(call, role=Leg.Role.EXTERNAL, address=outside.number, operator=None, engagement=None)
    return [
        DialNumber(
            outside.number, action=callbacks.step(leg.public_id, leg.step, "dialled"), caller_id=call.our_number,
            timeout_seconds=outside.ring_seconds, status_url=callbacks.status(external.public_id),
        )
    ]  # fmt: skip


def _ending(call: Call, leg: Leg, destination: Destination, depth: int) -> list[Verb]:
    _expect(call, Call.Outcome.REFUSED)
    return words.good_bye(destination.ending.message, call.language)


def _expect(call: Call, outcome: str) -> None:
    call.fate = outcome
    call.save(update_fields=["fate"])


Entrance = Callable[[Call, Leg, Destination, int], Sequence[Verb]]
_ENTRANCES: dict[str, Entrance] = {
    "queue": _queue, "flow": _flow, "rules": _rules, "number": _number, "ending": _ending,
}  # fmt: skip
