"""The demo's company with as many operators as a measurement asks for."""

from __future__ import annotations

from apps.clients.models import Client
from apps.core.models import User
from apps.operators import services as operators
from apps.operators.models import Operator, Team
from apps.queues import setup as queues
from apps.queues.models import Queue


def hire(amount: int) -> list[Operator]:
    """So many new operators, who serve the demo's dispatch queue alone, with no time for wrap-up; all available."""
    client = Client.objects.get(phone_numbers__number="+14155550100")
    team = Team.objects.filter(client=client).order_by("pk").first()
    staff = [
        operators.add_operator(
            User.objects.create(username=f"bench{n}", first_name="Bench", last_name=str(n), password="!"), team
        )
        for n in range(1, amount + 1)
    ]
    queue = Queue.objects.get(client=client, name="Dispatch")
    queue.wrap_up_seconds, queue.max_size, queue.max_wait_seconds = 0, 1000, 3600
    queues.save(queue)
    queues.set_members(queue, staff)
    return staff


def open_for_business(staff: list[Operator]) -> None:
    for operator in staff:
        operators.set_presence(operator, Operator.Presence.AVAILABLE)
