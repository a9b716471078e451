"""How a callback, its tries and its place change together. Call and entry are locked by whoever asks.

`callbacks` tries them, `callback_care` ends and plans them.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from apps.calls import services as calls
from apps.calls.models import Call
from apps.core import clock
from apps.hours import opening
from apps.hours import services as hours
from apps.queues import places
from apps.queues.models import Callback, CallbackTry, Queue, QueueEntry
from apps.queues.models.callback import CallbackQuerySet
from apps.queues.offers import end_conversation, withdraw_all

Status = Callback.Status
USUAL = (opening.Hours(time(8), time(21)),)


def calling_hours(queue: Queue) -> opening.Facts:
    """When the queue's callbacks may ring: its own hours for that, else the queue's, else 08:00 to 21:00 there."""
    schedule = queue.callback_schedule or queue.schedule
    if schedule is not None:
        return hours.facts(schedule)
    return opening.Facts(queue.client.time_zone, dict.fromkeys(range(7), USUAL))


def next_open(callback: Callback, at: datetime) -> datetime | None:
    """When a callback may ring at the earliest from `at` on; None: never. Closed by hand, nobody knows: `at`."""
    facts = calling_hours(callback.queue)
    return at if facts.closed_now else opening.next_opening(facts, at)


def wait_until(callback: Callback, due: datetime | None, why: str) -> None:
    """Plan the next try for `due`; give up when that is never, or too late."""
    if due is None or due >= callback.expires_at:
        end(callback, Status.EXPIRED, why)
        return
    callback.next_try_at = due
    callback.save(update_fields=["next_try_at"])
    places.announce_change(callback.entry)


def end(callback: Callback, to: str, why: str, *, to_entry: str = QueueEntry.Status.EXPIRED) -> bool:
    """Close callback and place together. Call and entry are locked."""
    now = clock.now()
    if not move(callback, to, only_from=Callback.OPEN, ended_at=now):
        return False
    entry = QueueEntry.objects.select_related("queue", "call__client").get(pk=callback.entry_id)
    places.move(entry, to_entry, only_from=places.IN_LINE, ended_at=now)
    withdraw_all(entry, why)
    kind = "queues.callback_expired" if to == Status.EXPIRED else "queues.callback_cancelled"
    note(callback.call, callback, kind, why=why)
    return True


def free(entry: QueueEntry) -> None:
    """Whoever was engaged for this place is free again; the place waits."""
    if places.move(entry, QueueEntry.Status.WAITING, only_from=(QueueEntry.Status.TALKING,), operator=None):
        end_conversation(entry)
    elif places.move(entry, QueueEntry.Status.WAITING, only_from=(QueueEntry.Status.OFFERED,)):
        withdraw_all(entry, "The callback could not be made now.")


def move(callback: Callback, to: str, *, only_from: tuple[str, ...], **changes: Any) -> bool:
    """One conditional UPDATE; False when it is not in `only_from` any more."""
    legal = [status for status in only_from if to in Callback.NEXT.get(Status(status), ())]
    if not Callback.objects.filter(pk=callback.pk, status__in=legal).update(status=to, **changes):
        return False
    callback.refresh_from_db(fields=["status", *changes])
    return True


def close_try(attempt: CallbackTry, outcome: str) -> bool:
    """End the try, once."""
    rows = CallbackTry.objects.open().filter(pk=attempt.pk)
    return bool(rows.update(ended_at=clock.now(), outcome=outcome[:200]))


def locked(rows: CallbackQuerySet) -> Callback:
    """The one callback of `rows` as it is now, ours until commit."""
    rows = rows.select_for_update(no_key=True, of=("self",))
    return rows.select_related("queue__client", "queue__schedule", "queue__callback_schedule", "call__client").get()


def note(call: Call, callback: Callback, kind: str, **facts: Any) -> None:
    """Write an event about a callback to the timeline of `call`."""
    calls.record(call, kind, subject=f"callback:{callback.public_id}", queue=callback.queue.name, **facts)
