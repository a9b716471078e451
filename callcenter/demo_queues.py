"""The queues of the demo's company: a dispatch desk, a billing desk, and dispatch in Spanish, which asks for skills."""

from __future__ import annotations

from typing import Any

from apps.calls.models import Disposition
from apps.clients.models import Client
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.operators.models import Operator, OperatorSkill, Skill
from apps.queues import setup
from apps.queues.models import Choice, Membership, Queue, SkillRelaxation, SkillRequirement
from callcenter.demo_rows import one

DISPATCH, BILLING, IN_SPANISH = "Dispatch", "Billing", "Dispatch in Spanish"
# Operators by their number, with the level of each skill.
SKILLS = {"Spanish": {2: 8, 4: 4, 5: 8}, "Dispatch": {1: 9, 2: 7, 3: 6, 4: 4, 5: 2}}
# Operators by their number, with their tier.
MEMBERS = {DISPATCH: {1: 1, 2: 1, 3: 1, 4: 1}, BILLING: {1: 1, 4: 1, 5: 1, 6: 1}, IN_SPANISH: {2: 1, 5: 1, 4: 2}}
GREETINGS = {
    DISPATCH: "You are in line for dispatch.",
    BILLING: "You are in line for billing.",
    IN_SPANISH: "You are in line for a dispatcher who speaks Spanish.",
}
SCRIPT = """Good day, {name}. This is {operator} of Northline Freight.

1. Ask for the load number; it stands on the order confirmation.
2. Say where the truck is and when it arrives, with the half hour that traffic may take.
3. Ask whether anything else can be done, and thank them for calling."""


def load(
    client: Client, staff: list[Operator], always: Schedule, endings: dict[str, Destination]
) -> dict[str, Destination]:
    """The destinations of the three queues; what is there stays as it is."""
    by_number = dict(enumerate(staff, start=1))
    skills = {name: _skill(client, name, by_number) for name in SKILLS}
    lines: dict[str, Destination] = {}

    def make(name: str) -> Queue:
        queue = Queue(
            client=client, name=name, greeting=GREETINGS[name], schedule=always,
            when_closed=endings["Office closed"], **_settings(name, lines, endings),
        )  # fmt: skip
        setup.save(queue, choices=[Choice(key="1")], **(_in_spanish(skills) if name == IN_SPANISH else {}))
        queue.dispositions.set(Disposition.objects.filter(client=client, parent=None))
        members = [Membership(operator=by_number[n], tier=tier) for n, tier in MEMBERS[name].items()]
        return setup.set_memberships(queue, members)

    # In this order: who calls for Spanish in vain gets to dispatch.
    for name in (DISPATCH, BILLING, IN_SPANISH):
        lines[name] = one(Queue, client, name, make).destination
    return lines


def _skill(client: Client, name: str, staff: dict[int, Operator]) -> Skill:
    skill, is_new = Skill.objects.get_or_create(client=client, name=name)
    for number, level in SKILLS[name].items() if is_new else ():
        OperatorSkill.objects.create(operator=staff[number], skill=skill, level=level)
    return skill


def _settings(name: str, lines: dict[str, Destination], endings: dict[str, Destination]) -> dict[str, Any]:
    settings: dict[str, dict[str, Any]] = {
        DISPATCH: {
            "overflow": endings["Night dispatcher"], "max_wait_seconds": 600, "wrap_up_seconds": 20, "priority": 7,
            "script": SCRIPT, "form": "Load number\nTruck: ours, a partner's",
            "ageing_seconds": 120,
        },
        BILLING: {
            "overflow": endings["All busy"], "max_wait_seconds": 300, "strategy": Queue.Strategy.ROUND_ROBIN,
            "prefer": Queue.Prefer.OWN, "prefer_wait_seconds": 10,
        },
        IN_SPANISH: {
            "overflow": lines.get(DISPATCH), "max_wait_seconds": 120, "wrap_up_seconds": 20, "priority": 7,
            "strategy": Queue.Strategy.BEST_SKILL, "tier_wait_seconds": 20,
        },
    }  # fmt: skip
    return settings[name]


def _in_spanish(skills: dict[str, Skill]) -> dict[str, Any]:
    """Fluent dispatchers first; after a minute anybody of the team, rather than nobody."""
    return {
        "requirements": [
            SkillRequirement(skill=skills["Spanish"], level=6), SkillRequirement(skill=skills["Dispatch"], level=5),
        ],
        "relaxations": [
            SkillRelaxation(after_seconds=after, level=level) for after, level in ((20, 4), (40, 3), (60, 0))
        ],
    }  # fmt: skip
