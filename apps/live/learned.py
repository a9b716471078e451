"""What seldom changes and need not be read with every change: names, teams, members and settings of queues."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from apps.core.models import display_name
from apps.live.scope import Scope
from apps.live.statements import Statement, fetch
from apps.operators.models import BreakReason, Operator, OperatorSkill
from apps.queues import reading
from apps.queues.models import Membership, Queue


class Person(NamedTuple):
    """An operator as the board names them."""

    public_id: str
    name: str
    team: str
    client: str
    queues: list[str]
    skills: list[str]  # "Spanish 7"


class Reason(NamedTuple):
    """Why operators are on a break, and how long that should last (0: no limit)."""

    name: str
    limit_seconds: int


class Learned:
    """Of one scope. `learn` reads it all, in a handful of queries."""

    def __init__(self, scope: Scope) -> None:
        self._queues = scope.narrow(Queue.objects.select_related("client")).order_by("pk")
        operators = scope.narrow(Operator.objects.order_by("pk"), "team__client")
        names = ("user__first_name", "user__last_name", "user__username")
        members = scope.narrow(Membership.objects.filter(active=True), "queue__client").order_by("queue__name")
        able = scope.narrow(OperatorSkill.objects.all(), "operator__team__client").order_by("skill__name")
        self._statements = [
            Statement(operators.values_list("pk", "public_id", *names, "team__name", "team__client__name")),
            Statement(members.values_list("operator", "queue__name")),
            Statement(able.values_list("operator", "skill__name", "level")),
            Statement(scope.narrow(BreakReason.objects.all()).values_list("pk", "name", "limit_seconds")),
        ]
        self.queues: dict[int, Queue] = {}
        self.wanted: dict[int, reading.Wanted] = {}
        self.operators: dict[int, Person] = {}
        self.reasons: dict[int, Reason] = {}

    def learn(self) -> None:
        queues = list(self._queues.all())
        self.queues = {queue.pk: queue for queue in queues}
        self.wanted = reading.wanted_of(queues)
        operators, members, able, reasons = fetch(self._statements)
        self.reasons = {key: Reason(*what) for key, *what in reasons}
        served, skills = defaultdict(list), defaultdict(list)
        for key, queue in members:
            served[key].append(queue)
        for key, skill, level in able:
            skills[key].append(f"{skill} {level}")
        self.operators = {
            key: Person(str(public_id), display_name(*names), team, client, served[key], skills[key])
            for key, public_id, *names, team, client in operators
        }

    @property
    def active(self) -> list[Queue]:
        return [queue for queue in self.queues.values() if queue.active]

    def knows(self, operators: set[int], queues: set[int]) -> bool:
        """Whether nobody and nothing is new."""
        return operators <= self.operators.keys() and queues <= self.queues.keys()
