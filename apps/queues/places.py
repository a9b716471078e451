"""How a place in a queue moves: under the lock of its call, by one conditional UPDATE, with an event either way.

Lock order in this app: call, entry, offer, leg, operator. The dispatcher begins at the other end (queue, operator), but
takes calls and entries with SKIP LOCKED only, so it never waits for one and no circle can close.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg
from apps.core import clock
from apps.core.announce import announce
from apps.core.nudges import nudge
from apps.core.prepared import OneOf, PreparedUpdate
from apps.queues import signals
from apps.queues.models import Offer, QueueEntry

Status = QueueEntry.Status
IN_LINE = (Status.WAITING, Status.OFFERED)
UNANSWERED = QueueEntry.UNANSWERED


def lock(entry_id: int) -> QueueEntry:
    """The entry as it is now, with queue and call; both its call and itself are ours until commit."""
    call = Call.objects.select_for_update(no_key=True, of=("self",)).filter(queue_entries=entry_id).first()
    rows = QueueEntry.objects.select_for_update(no_key=True, of=("self",))
    entry = rows.select_related("queue", "call__client", "operator__user").get(pk=entry_id)
    # A callback's entry goes on to the call of its next try: then that call is the one to hold.
    return entry if call is not None and entry.call_id == call.pk else lock(entry_id)


def move(entry: QueueEntry, to: str, *, only_from: tuple[str, ...], **changes: Any) -> bool:
    """Bring `entry` from one of `only_from` to `to` and make `changes`; False when it is not there any more."""
    legal = [status for status in only_from if to in QueueEntry.NEXT.get(Status(status), ())]
    rows = QueueEntry.objects.filter(pk=entry.pk, status__in=legal)
    if not rows.update(status=to, **changes):
        return False
    entry.refresh_from_db(fields=["status", *changes])
    announce_change(entry)
    return True


def offered(entries: Sequence[QueueEntry]) -> None:
    """Waiting entries, all of them locked by the dispatcher: a phone rings for each now."""
    _offer(keys=[entry.pk for entry in entries])
    for entry in entries:
        entry.status = Status.OFFERED
        announce_change(entry)


_offer = PreparedUpdate(
    lambda keys: (QueueEntry.objects.waiting().filter(pk=OneOf(keys)), {"status": Status.OFFERED.value})
)


def announce_change(entry: QueueEntry) -> None:
    """Tell, after commit, that this place is another."""
    announce(signals.queue_changed, queue_id=entry.queue_id, client_id=entry.queue.client_id, entry_id=entry.pk)


def back_in_line(entry: QueueEntry) -> bool:
    """An offered entry that no operator's phone rings for waits again, in its place."""
    if Offer.objects.ringing().filter(entry=entry).exists() or not move(
        entry, Status.WAITING, only_from=(Status.OFFERED,)
    ):
        return False
    wake(entry.queue_id)
    return True


def wake(*queue_ids: int) -> None:
    """Have these queues dispatched after commit."""
    if queue_ids:
        nudge("apps.queues.tasks.dispatch", *queue_ids)


def customer_is_there(entry: QueueEntry) -> bool:
    """Whether the customer holds the line; of a callback: whether they have picked up already."""
    if entry.kind == QueueEntry.Kind.LIVE:
        return True
    return entry.call.legs.filter(role=Leg.Role.CUSTOMER, status=state.IN_PROGRESS).exists()


def waited_seconds(entry: QueueEntry) -> int:
    """How long the caller has waited in line, since joining or since being put back."""
    return max(0, round((clock.now() - entry.place_at).total_seconds()))


def record(entry: QueueEntry, kind: str, **facts: Any) -> None:
    """Write an event of this place to the call's timeline."""
    calls.record(entry.call, kind, subject=f"entry:{entry.public_id}", queue=entry.queue.name, **facts)
