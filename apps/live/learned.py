"""What seldom changes and need not be read with every change: names, teams, members and settings of queues."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from apps.live.scope import Scope
from apps.operators.models import BreakReason, Operator, OperatorSkill
from apps.queues import reading
from apps.queues.models import Membership, Queue


@dataclass(frozen=True, slots=True)
class Person:
    """An operator as the board names them."""

    public_id: str
    name: str
    team: str
    client: str
    queues: list[str]
    skills: list[str]  # "Spanish 7"


class Learned:
    """Of one scope. `learn` reads it all, in a handful of queries."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.queues: dict[int, Queue] = {}
        self.wanted: dict[int, reading.Wanted] = {}
        self.operators: dict[int, Person] = {}
        self.reasons: dict[int, BreakReason] = {}

    def learn(self) -> None:
        scope = self._scope
        queues = list(scope.narrow(Queue.objects.select_related("client")).order_by("pk"))
        self.queues = {queue.pk: queue for queue in queues}
        self.wanted = reading.wanted_of(queues)
        self.reasons = {row.pk: row for row in scope.narrow(BreakReason.objects.all())}
        operators = list(scope.narrow(Operator.objects.select_related("user", "team__client"), "team__client").only(
            "public_id", "user__username", "user__first_name", "user__last_name", "team__name", "team__client__name",
        ))  # fmt: skip
        served = defaultdict(list)
        memberships = Membership.objects.filter(queue__in=self.queues, active=True).order_by("queue__name")
        for operator_id, name in memberships.values_list("operator", "queue__name"):
            served[operator_id].append(name)
        able = defaultdict(list)
        levels = OperatorSkill.objects.filter(operator__in=operators).order_by("skill__name")
        for operator_id, name, level in levels.values_list("operator", "skill__name", "level"):
            able[operator_id].append(f"{name} {level}")
        self.operators = {
            row.pk: Person(
                str(row.public_id), str(row), row.team.name, row.team.client.name, served[row.pk], able[row.pk]
            )
            for row in operators
        }

    @property
    def active(self) -> list[Queue]:
        return [queue for queue in self.queues.values() if queue.active]

    def knows(self, operators: set[int], queues: set[int]) -> bool:
        """Whether nobody and nothing is new."""
        return operators <= self.operators.keys() and queues <= self.queues.keys()
