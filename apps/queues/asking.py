"""A caller in line presses a key: goes elsewhere, or asks to be called back and keeps the place.

The dialogue's questions and words are the switchboard's; here is what each answer means. Every step is decided by one
conditional UPDATE under the lock of the call, so that a key pressed twice, or told twice, is one key.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from apps.calls.models import Call
from apps.carrier import policy
from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import clock
from apps.core.refused import Refused
from apps.destinations import services as destinations
from apps.hours import opening
from apps.people import services as people
from apps.queues import places, promises
from apps.queues.callbacks import calling_hours
from apps.queues.models import Callback, Choice, QueueEntry
from apps.queues.offers import withdraw_all
from apps.queues.services import expected_wait_seconds

Status, Kind = QueueEntry.Status, QueueEntry.Kind


@dataclass(frozen=True)
class Asked:
    """The callback, and whether it had been asked for before (in another call)."""

    callback: Callback
    before: bool = False


def choose(entry: QueueEntry, key: str) -> Choice | None:
    """The caller pressed `key` while waiting; the choice that it stands for, carried out, or None for no such choice.

    A phone that rings for the caller stops: who chooses does not wait any more. Raises Refused (code too_late) when
    the caller is not in line any more.
    """
    choice = Choice.objects.filter(queue=entry.queue_id, key=key).select_related("destination").first()
    if choice is None:
        return None
    if choice.action == Choice.Action.CALLBACK:
        begin(entry)
    else:
        _go(entry, choice)
    return choice


@transaction.atomic
def begin(entry: QueueEntry) -> None:
    """Into the callback dialogue, keeping the place. Once more is harmless. Raises Refused when not in line."""
    row = places.lock(entry.pk)
    if row.status == Status.CHOOSING:
        return
    if row.kind != Kind.LIVE or not places.move(row, Status.CHOOSING, only_from=places.IN_LINE):
        raise _too_late()
    withdraw_all(row, "The caller asks to be called back.")
    places.record(row, "queues.choosing")


@transaction.atomic
def _go(entry: QueueEntry, choice: Choice) -> None:
    """Out of the line, to where the choice leads; `Call.heading` keeps it until the caller's line is there."""
    row = places.lock(entry.pk)
    if row.kind != Kind.LIVE or not places.move(row, Status.MOVED, only_from=places.IN_LINE, ended_at=clock.now()):
        if row.call.heading_id == choice.destination_id:
            return
        raise _too_late()
    withdraw_all(row, "The caller chose to go elsewhere.")
    places.record(
        row, "queues.chose", pressed=choice.key, destination=str(choice.destination), waited=places.waited_seconds(row)
    )
    Call.objects.filter(pk=row.call_id).update(heading=choice.destination)


@transaction.atomic
def give_up(entry: QueueEntry) -> bool:
    """Back into the line, in the old place. False when the caller is not in the dialogue any more."""
    row = places.lock(entry.pk)
    if not places.move(row, Status.WAITING, only_from=(Status.CHOOSING,)):
        return False
    places.record(row, "queues.waits_on")
    places.wake(row.queue_id)
    return True


def number_for(entry: QueueEntry) -> str:
    """The number that the caller would be called at: the one keyed, else the caller's own.

    Empty when it is withheld, or may not be called: then the caller must key another.
    """
    if entry.given_number:
        return entry.given_number
    try:
        return checked(entry.queue.client, entry.call.customer_number)
    except Refused:
        return ""


@transaction.atomic
def give_number(entry: QueueEntry, digits: str) -> str:
    """Keep the number that the caller keyed, in E.164 form. Raises Refused for one that may not be called."""
    number = checked(entry.queue.client, digits)
    if not QueueEntry.objects.filter(pk=entry.pk, status=Status.CHOOSING).update(given_number=number):
        raise _too_late()
    entry.given_number = number
    return number


def checked(client: Client, text: str) -> str:
    """`text`, as keyed or shown by the carrier, as a number in E.164 form that the client may call back.

    Raises Refused: no number, emergency, forbidden by the number policy, one of our own lines, somebody who asked not
    to be called.
    """
    policy.refuse_emergency(text)
    number = destinations.checked_number(client, text)
    policy.check_destination(number, country=client.country)
    if PhoneNumber.objects.active().filter(number=number).exists():
        raise Refused("That is a number of this house: it cannot be called back.", code="own_number")
    person = people.find_by_number(client, number)
    if person is not None and person.do_not_call:
        raise Refused("This person asked not to be called.", code="do_not_call")
    return number


@transaction.atomic
def ask(entry: QueueEntry) -> Asked:
    """The caller confirms: from here on the entry is a callback that keeps its place after the caller hangs up.

    Who has an open callback at this number in this queue already gets no second one (by constraint): this place is
    given up for that one. Confirming again changes nothing. Raises Refused when the caller is not in the dialogue, when
    there is no number to call, or when callbacks are never made (the schedule has no hours).
    """
    row = places.lock(entry.pk)
    if row.kind == Kind.CALLBACK:
        return Asked(row.callback)
    if row.status != Status.CHOOSING:
        raise _too_late()
    number, at = number_for(row), clock.now()
    if not number:
        raise Refused("There is no number to call back.", code="no_number")
    callback = _plan(row, number, at)
    row.call.fate = Call.Outcome.CALLBACK
    row.call.save(update_fields=["fate"])
    try:
        with transaction.atomic():
            callback.save(force_insert=True)
    except IntegrityError:
        # The constraint has spoken: the same number waits for its callback here.
        return Asked(_keep_the_first(row, number), before=True)
    places.move(row, Status.WAITING, only_from=(Status.CHOOSING,), kind=Kind.CALLBACK)
    places.record(row, "queues.callback_asked", number=number)
    places.wake(row.queue_id)
    return Asked(callback)


def _plan(row: QueueEntry, number: str, at: datetime) -> Callback:
    queue = row.queue
    # Closed by hand says nothing about tomorrow: the promise counts with the usual hours.
    hours = replace(calling_hours(queue), closed_now=False)
    first = opening.next_opening(hours, at)
    if first is None:
        raise Refused(f"{queue} makes no callbacks: its calling hours are empty.", code="never_open")
    expires = first + timedelta(seconds=queue.callback_expires_seconds)
    told = promises.promise(hours, at, wait_seconds=expected_wait_seconds(row), expires_at=expires)
    return Callback(
        entry=row, queue=queue, call=row.call, number=number, asked_at=at, promised_from=told.start,
        promised_until=told.until, next_try_at=first, expires_at=expires,
    )  # fmt: skip


def _keep_the_first(row: QueueEntry, number: str) -> Callback:
    """The callback that this number has already; the second place is given up for it."""
    held = Callback.objects.open().select_related("entry").get(queue=row.queue_id, number=number)
    places.move(row, Status.MOVED, only_from=(Status.CHOOSING,), ended_at=clock.now())
    places.record(row, "queues.callback_kept", number=number)
    return held


def _too_late() -> Refused:
    return Refused("The caller is not in line any more.", code="too_late")
