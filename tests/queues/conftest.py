from __future__ import annotations

from dataclasses import dataclass

import pytest

from apps.calls.models import Call, Leg
from apps.core import clock
from apps.core.models import Event
from apps.operators.models import Operator
from apps.queues import services as queues
from apps.queues.models import Offer, Queue, QueueEntry
from tests import factories


@pytest.fixture(autouse=True)
def still_clock():
    clock.freeze()
    yield
    clock.release()


@dataclass
class Desk:
    """A queue of one client, with short words for what happens in it."""

    queue: Queue

    def operator(self, **facts) -> Operator:
        """A ready member of the queue."""
        facts = {"presence": "available", "client": self.queue.client, **facts}
        operator = factories.OperatorFactory(**facts)
        factories.MembershipFactory(queue=self.queue, operator=operator)
        return operator

    def call(self) -> Call:
        """A call with the customer on the line."""
        call = factories.CallFactory(client=self.queue.client)
        factories.LegFactory(call=call)
        return call

    def waits(self, call: Call | None = None, *, queue: Queue | None = None) -> QueueEntry:
        return queues.join(call or self.call(), queue or self.queue)

    def offer(self) -> Offer:
        """The one offer that dispatch makes now."""
        (offer,) = self.dispatch()
        return offer

    def dispatch(self, *others: Queue) -> list[Offer]:
        """The offers made now; the carrier has closed by now what rang before."""
        Leg.objects.open().filter(engagement__ended_at__isnull=False).update(status="canceled")
        return queues.dispatch([queue.pk for queue in (self.queue, *others)])

    def talking(self) -> QueueEntry:
        """A caller in conversation with a member."""
        entry = self.waits()
        queues.accept(self.offer())
        return now(entry)


def now(row):
    """The row as it is in the database now."""
    return type(row).objects.get(pk=row.pk)


def kinds(call: Call) -> list[str]:
    """What happened to the call in its queues, in order."""
    events = Event.objects.of_call(call.public_id).filter(kind__startswith="queues.", applied=True)
    return list(events.values_list("kind", flat=True))


def ended(leg: Leg, status: str) -> None:
    """The carrier's report of a line's end, without the reactions to it."""
    Leg.objects.filter(pk=leg.pk).update(status=status, ended_at=clock.now())


@pytest.fixture
def desk(db) -> Desk:
    return Desk(factories.QueueFactory(max_size=3, wrap_up_seconds=30, ring_seconds=20))
