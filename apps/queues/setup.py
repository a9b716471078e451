"""Writes on queues themselves: what a manager sets up.

The checks that need other rows are here, with their sentences.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import ProtectedError

from apps.core.announce import announce
from apps.core.refused import Refused
from apps.destinations import graph
from apps.destinations import services as destinations
from apps.destinations.models import Destination
from apps.operators.models import Operator
from apps.queues import places, signals
from apps.queues.models import Membership, Queue

KIND = "queue"


def edges(destination: Destination) -> list[tuple[Destination, str]]:
    """Where a queue sends calls by itself, and when: for the search for loops."""
    queue = Queue.objects.select_related("overflow", "when_closed").filter(destination=destination).first()
    if queue is None:
        return []
    ways = [(queue.overflow, "when full or too long"), (queue.when_closed, "when closed")]
    return [(target, words) for target, words in ways if target is not None]


@transaction.atomic
def save(queue: Queue) -> Queue:
    """Write `queue` as it is set up now; a new one gets its destination, a renamed one renames it.

    Raises Refused (with the field at fault) for settings that lead nowhere: another client's destination or schedule, a
    closed queue's calls without a schedule, an overflow that comes round to the queue itself.
    """
    _check(queue)
    if queue.destination_id is None:
        queue.destination = destinations.create(queue.client, KIND, queue.name)
    elif queue.destination.label != queue.name:
        destinations.rename(queue.destination, queue.name)
    (destinations.restore if queue.active else destinations.retire)(queue.destination)
    targets = [target for target in (queue.overflow, queue.when_closed) if target is not None]
    graph.refuse_loop(queue.destination, replacing={queue.destination.pk: targets})
    queue.save()
    announce(signals.queue_changed, queue_id=queue.pk, client_id=queue.client_id, entry_id=None)
    places.wake(queue.pk)
    return queue


def _check(queue: Queue) -> None:
    for name in ("overflow", "when_closed", "schedule"):
        target = getattr(queue, name)
        if target is not None and target.client_id != queue.client_id:
            raise Refused(
                f"{target} belongs to another client. Choose one of {queue.client}.", fields={name: ["Not ours."]}
            )
    if queue.when_closed is not None and queue.schedule is None:
        raise Refused(
            "A destination for closed hours needs a schedule that says when. Choose a schedule, or leave both empty.",
            fields={"schedule": ["Choose a schedule."]},
        )
    if queue.when_unstaffed == "overflow" and queue.overflow is None:
        raise Refused(
            "Choose where calls go (overflow) when nobody is signed in, or let them wait.",
            fields={"overflow": ["Choose a destination."]},
        )
    if Queue.objects.filter(client=queue.client, name=queue.name).exclude(pk=queue.pk).exists():
        raise Refused(f"There is a queue {queue.name} already. Choose another name.", fields={"name": ["In use."]})


@transaction.atomic
def set_members(queue: Queue, members: Iterable[Operator]) -> Queue:
    """Make `members` exactly those who serve the queue. Raises Refused for an operator of another client."""
    wanted = {operator.pk: operator for operator in members}
    for operator in wanted.values():
        check_member(queue, operator)
    Membership.objects.filter(queue=queue).exclude(operator__in=wanted).delete()
    for operator in wanted.values():
        Membership.objects.update_or_create(queue=queue, operator=operator, defaults={"active": True})
    members_changed(queue)
    return queue


def check_member(queue: Queue, operator: Operator) -> None:
    """Raises Refused unless the operator works for the queue's client."""
    if operator.team.client_id != queue.client_id:
        raise Refused(
            f"{operator} works for another client. Choose operators of {queue.client}.",
            fields={"members": ["Not of this client."]},
        )


def members_changed(queue: Queue) -> None:
    """Who serves the queue is another: boards learn it, and a newcomer may take a waiting call at once."""
    announce(signals.queue_changed, queue_id=queue.pk, client_id=queue.client_id, entry_id=None)
    places.wake(queue.pk)


@transaction.atomic
def delete(queue: Queue) -> None:
    """Take a queue away that was never used. Raises Refused when calls went through it or something points at it."""
    destination = queue.destination
    destinations.refuse_while_used(destination)
    try:
        with transaction.atomic():
            queue.delete()
            destination.delete()
    except ProtectedError as error:
        raise Refused(
            f"{queue} cannot be deleted: calls went through it. Switch it off instead.", code="in_use"
        ) from error


def warnings(queue: Queue) -> list[str]:
    """What is legal but probably not meant, one sentence each, for the manager who saved it."""
    found: list[str] = []
    if not queue.active:
        return found
    if not Membership.objects.filter(queue=queue, active=True).exists():
        found.append(f"{queue} has no members: nobody would ever answer. Add operators below.")
    if queue.overflow is None:
        found.append(f"{queue} has no overflow: callers whom it cannot serve hear an apology and good-bye.")
    if queue.schedule is not None and queue.when_closed is None:
        found.append(
            f"{queue} has hours but no destination when closed: callers then go to the overflow, or hear good-bye."
        )
    return found
