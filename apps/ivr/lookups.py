"""The facts that a walk asks for, found in the rows of the house."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from apps.clients.models import Client
from apps.destinations.models import Destination
from apps.hours import services as hours
from apps.hours.models import Schedule
from apps.ivr import traversal
from apps.ivr.graph import Graph
from apps.ivr.values import Facts, Heard, Position, Question, Unknown, Variables, Walk
from apps.people.models import Person

Warn = Callable[[str, Destination | None], None]


def as_id(text: str) -> UUID | None:
    """The identifier; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


class Lookups:
    """Answers for one caller. `dead(id, destination)` is told of a place that takes no calls (None: it is gone).

    `given` facts are not looked up: those of a trial. `found` holds all that were asked for.
    """

    def __init__(
        self, client: Client, person: Person | None, dead: Warn | None = None, given: Facts | None = None
    ) -> None:
        self.client, self.person, self.dead = client, person, dead
        self.given, self.found = given or {}, dict[Question, bool]()
        self.places: dict[str, Destination] = {}

    def walk(self, graph: Graph, position: Position, variables: Variables, heard: Heard, language: str) -> Walk:
        """The walk with all the facts that it needs."""
        facts: dict[Question, bool] = {}
        while True:
            walk = traversal.walk(graph, position, variables, heard, facts, language=language)
            if not isinstance(walk.turn, Unknown):
                return walk
            question = walk.turn.question
            facts[question] = self.given[question] if question in self.given else self._answer(*question)
            self.found[question] = facts[question]

    def _answer(self, subject: str, name: str) -> bool:
        if subject == "hours":
            named = as_id(name)
            rows = Schedule.objects.complete().filter(client=self.client)
            schedule = rows.filter(public_id=named).first() if named else None
            return schedule is not None and hours.is_open(schedule)
        if subject == "destination":
            return self._takes_calls(name)
        if self.person is None:
            return False
        if subject == "known":
            return True
        return (self.person.lists if subject == "list" else self.person.tags).filter(name=name).exists()

    def _takes_calls(self, public_id: str) -> bool:
        named = as_id(public_id)
        place = Destination.objects.filter(public_id=named, client=self.client).first() if named else None
        if place is not None and place.active:
            self.places[public_id] = place
            return True
        if self.dead is not None:
            self.dead(public_id, place)
        return False
