"""What a supervisor does to a caller who waits. Each is one service; asking twice is asking once."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.core.models import User
from apps.core.refused import Refused
from apps.operators.models import Operator, OperatorSkill, can_ring
from apps.queues import places, reading
from apps.queues.models import Membership, QueueEntry
from apps.queues.offers import withdraw_all

HIGHEST = 10


@transaction.atomic
def put_first(entry: QueueEntry, *, by: User | None = None) -> QueueEntry:
    """Serve this caller before all others of the queue; who was put first earlier comes by priority and place.

    Raises Refused when the caller does not wait any more.
    """
    row = _in_line(entry)
    if not row.front:
        _change(row, front=True)
        places.record(row, "queues.put_first", actor=by)
    return row


@transaction.atomic
def set_priority(entry: QueueEntry, priority: int, *, by: User | None = None) -> QueueEntry:
    """Give this caller another priority, 0 to 10. Raises Refused for any other, or when they do not wait any more."""
    if not 0 <= priority <= HIGHEST:
        raise Refused(f"A priority is 0 to {HIGHEST}.", fields={"priority": [f"Choose 0 to {HIGHEST}."]})
    row = _in_line(entry)
    before = row.priority
    if before != priority:
        _change(row, priority=priority)
        places.record(row, "queues.priority_changed", actor=by, priority=priority, before=before)
    return row


@transaction.atomic
def hand_to(entry: QueueEntry, operator: Operator | None, *, by: User | None = None) -> QueueEntry:
    """Keep this caller for one operator, who is asked as soon as they are free; None: for anybody again.

    Whoever is being rung for the caller is not rung any longer. Raises Refused when the caller does not wait any more,
    and for somebody who could not take the call.
    """
    row = _in_line(entry)
    before = row.reserved_for
    if before == operator:
        return row
    if operator is not None:
        _check_able(row, operator)
    _change(row, reserved_for=operator)
    if operator is None:
        places.record(row, "queues.handed_back", actor=by, operator=str(before), why="the supervisor freed the call")
        return row
    places.record(row, "queues.handed", actor=by, operator=str(operator))
    withdraw_all(row, f"The caller was handed to {operator}.", but=operator)
    return row


def kept_for_nobody() -> QuerySet[QueueEntry]:
    """Callers who are kept for an operator who has left."""
    away = ~Q(reserved_for__presence=Operator.Presence.AVAILABLE) | ~can_ring("reserved_for")
    return QueueEntry.objects.in_line().filter(away, reserved_for__isnull=False)


@transaction.atomic
def let_go(entry: QueueEntry) -> bool:
    """Let anybody take a caller who is kept for somebody who has left. False when that is not so any more."""
    row = places.lock(entry.pk)
    if not kept_for_nobody().filter(pk=row.pk).exists():
        return False
    left = row.reserved_for
    _change(row, reserved_for=None)
    places.record(row, "queues.handed_back", operator=str(left), why="they are not there")
    return True


def _in_line(entry: QueueEntry) -> QueueEntry:
    """The entry, locked with its call, while it waits for an answer."""
    row = places.lock(entry.pk)
    if row.status == QueueEntry.Status.TALKING:
        raise Refused(f"{row.operator or 'An operator'} talks with this caller already.", code="talking")
    if row.status not in QueueEntry.OPEN:
        raise Refused("This caller does not wait any more.", code="not_waiting")
    return row


def _change(entry: QueueEntry, **changes: object) -> None:
    for name, value in changes.items():
        setattr(entry, name, value)
    entry.save(update_fields=list(changes))
    places.announce_change(entry)
    places.wake(entry.queue_id)


def _check_able(entry: QueueEntry, operator: Operator) -> None:
    """Raise Refused, with the reason, for an operator who could not take this call."""
    refusals = {
        "other_client": (operator.team.client_id != entry.queue.client_id, "works for another client"),
        "not_a_member": (not _serves(entry, operator), f"is not a member of {entry.queue}"),
        "offline": (operator.presence == Operator.Presence.OFFLINE, "is signed out"),
        "on_break": (operator.presence == Operator.Presence.ON_BREAK, "is on a break"),
        "unreachable": (
            operator.unreachable_since is not None and not operator.fallback_phone,
            "cannot be rung: the desk does not answer",
        ),
        "lacks_skill": (lacking := _lacking(entry, operator), f"lacks {lacking}, which {entry.queue} asks for"),
    }
    for code, (applies, why) in refusals.items():
        if applies:
            raise Refused(
                f"{operator} {why}. Choose another operator.", code=code, fields={"operator": [f"{operator} {why}."]}
            )


def _serves(entry: QueueEntry, operator: Operator) -> bool:
    return Membership.objects.filter(queue=entry.queue, operator=operator, active=True).exists()


def _lacking(entry: QueueEntry, operator: Operator) -> str:
    """The skills that the queue asks for even of a caller who has waited long, and the operator does not have."""
    wanted = reading.wanted_of([entry.queue])[entry.queue_id]
    patient = wanted.asked(entry.queue.max_wait_seconds)
    levels = dict(OperatorSkill.objects.filter(operator=operator).values_list("skill__name", "level"))
    return ", ".join(f"{skill} {level}" for skill, level in patient.items() if levels.get(skill, 0) < level)
