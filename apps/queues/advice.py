"""What is legal in a queue's setup but probably not meant: one sentence each, beside the setting that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apps.calls.models import Disposition
from apps.core.words import names
from apps.destinations.models import Destination
from apps.hours import services as hours
from apps.operators.models import OperatorSkill
from apps.queues import reading
from apps.queues.models import Choice, Membership, Queue

TOP = 10  # the highest priority


@dataclass(frozen=True)
class Advice:
    """`field` is a field of Queue, or the rows: memberships, requirements, relaxations, choices."""

    field: str
    sentence: str


@dataclass(frozen=True)
class _Known:
    """The queue with its rows, read once. `skills`: levels by member's key and skill's name."""

    queue: Queue
    members: list[Membership]
    required: dict[str, int]
    relaxed: list[tuple[int, int]]
    choices: list[Choice]
    skills: dict[int, dict[str, int]]

    @classmethod
    def of(cls, queue: Queue) -> _Known:
        members = list(queue.memberships.filter(active=True).select_related("operator__user"))
        required = {row.skill.name: row.level for row in queue.requirements.select_related("skill")}
        skills: dict[int, dict[str, int]] = {}
        if required:
            rows = OperatorSkill.objects.filter(operator__in=[member.operator_id for member in members])
            for row in rows.select_related("skill"):
                skills.setdefault(row.operator_id, {})[row.skill.name] = row.level
        relaxed = [(row.after_seconds, row.level) for row in queue.relaxations.order_by("after_seconds")]
        choices = list(queue.choices.select_related("destination"))
        return cls(queue, members, required, relaxed, choices, skills)

    @property
    def name(self) -> str:
        return self.queue.name

    @property
    def longest(self) -> int:
        return self.queue.max_wait_seconds

    @property
    def asked_at_last(self) -> dict[str, int]:
        """The levels that are asked of those who have waited as long as they can."""
        return reading.wanted_of([self.queue])[self.queue.pk].asked(self.longest - 1)

    def level(self, member: Membership, skill: str) -> int:
        return self.skills.get(member.operator_id, {}).get(skill, 0)


def of(queue: Queue) -> list[Advice]:
    """What the manager should look at again, in the order of the page; nothing for a queue that is off."""
    if not queue.active:
        return []
    known = _Known.of(queue)
    return [Advice(field, sentence) for part in _PARTS for field, sentence in part(known)]


Found = Iterator[tuple[str, str]]


def _members(known: _Known) -> Found:
    if not known.members:
        yield "memberships", f"{known.name} has no members: nobody would ever answer. Add operators."
    gone = [str(member.operator) for member in known.members if not member.operator.user.is_active]
    if gone:
        yield "memberships", f"{names(gone)} can no longer sign in. Take them out, or let them in again."


def _strategy(known: _Known) -> Found:
    queue, strategy = known.queue, Queue.Strategy
    several = len(known.members) > 1
    if queue.strategy == strategy.BEST_SKILL and not known.required:
        yield (
            "strategy",
            "No skill is required, so nobody is best at one. Require a skill, or choose another.",
        )
    if queue.strategy == strategy.WEIGHTED and several and len({member.weight for member in known.members}) == 1:
        yield "memberships", "All members have the same weight, so chance treats them alike. Give some another weight."
    if queue.strategy == strategy.LINEAR:
        by_place: dict[tuple[int, int], list[str]] = {}
        for member in known.members:
            by_place.setdefault((member.tier, member.position), []).append(str(member.operator))
        for (_tier, place), alike in by_place.items():
            if len(alike) > 1:
                yield "memberships", f"{names(alike)} all have order {place}. Number them in the order to be asked."


def _tiers(known: _Known) -> Found:
    tiers = {member.tier for member in known.members}
    wait = known.queue.tier_wait_seconds
    if not tiers or not wait:
        return
    if tiers == {1}:
        yield "tier_wait_seconds", "All members are in tier 1, so there is no next tier to wait for."
    elif min(tiers) > 1:
        first = (min(tiers) - 1) * wait
        yield "memberships", f"Nobody is in tier 1, so each caller waits {first} s before anybody is asked."
    late = [str(member.operator) for member in known.members if (member.tier - 1) * wait >= known.longest]
    if late:
        yield (
            "tier_wait_seconds",
            f"{names(late)} would never be asked: by then the caller has been passed on, after {known.longest} s.",
        )


def _skills(known: _Known) -> Found:
    if not known.members:
        return
    asked = known.asked_at_last
    for skill, level in known.required.items():
        best = max(known.members, key=lambda member: known.level(member, skill))
        top = known.level(best, skill)
        if top >= level:
            continue
        if top < asked[skill]:
            falls = f", and later {asked[skill]}" if asked[skill] < level else ""
            which = f"the best is {best.operator} with {top}" if top else "nobody has it at all"
            yield (
                "requirements",
                f"No call would ever be answered: {known.name} asks for {skill} {level}{falls}, but {which}. "
                "Give it to a member, or ask for less.",
            )
        else:
            # Somebody will do once the level has fallen far enough.
            after = next(after for after, lowest in known.relaxed if min(lowest, level) <= top)
            which = f"{best.operator} with {top} is the best" if top else "nobody has it"
            yield (
                "requirements",
                f"Every caller waits {after} s before anybody is asked: {known.name} asks for {skill} {level}, "
                f"and {which}.",
            )
    yield from _together(known, asked)


def _together(known: _Known, asked: dict[str, int]) -> Found:
    """Each skill is there, but not in one person."""
    reached = [
        skill for skill, level in asked.items() if any(known.level(member, skill) >= level for member in known.members)
    ]
    if len(asked) < 2 or len(reached) < len(asked):
        return
    if any(all(known.level(member, skill) >= level for skill, level in asked.items()) for member in known.members):
        return
    wanted = names([f"{skill} {level}" for skill, level in asked.items()])
    yield "requirements", f"No call would ever be answered: no member has all of {wanted}."


def _relaxations(known: _Known) -> Found:
    if not known.relaxed:
        return
    if not known.required:
        yield "relaxations", "No skill is required, so there is nothing to be content with less of."
        return
    most = max(known.required.values())
    for after, level in known.relaxed:
        if level >= most:
            yield "relaxations", f"Level {level} after {after} s changes nothing: no more than {most} is asked anyway."
        if after >= known.longest:
            yield "relaxations", f"{after} s is too late: the caller is passed on after {known.longest} s."


def _priority(known: _Known) -> Found:
    queue = known.queue
    if not queue.ageing_seconds:
        return
    until = (TOP - queue.priority) * queue.ageing_seconds
    if until == 0:
        yield (
            "ageing_seconds",
            f"The priority is {TOP} already: waiting puts these callers beyond all others.",
        )
    elif until * 2 < known.longest:
        yield (
            "ageing_seconds",
            f"After {until} s these callers come before new ones of the highest priority, {TOP}, and they may wait "
            f"{known.longest} s. Let it rise more slowly.",
        )


def _limits(known: _Known) -> Found:
    queue = known.queue
    if queue.overflow is None:
        yield "overflow", f"{queue} has no overflow: callers whom it cannot serve hear an apology and good-bye."
    if queue.ring_seconds >= known.longest:
        yield "ring_seconds", f"The first phone rings for {queue.ring_seconds} s, but the caller is passed on before."
    if queue.prefer != Queue.Prefer.NOBODY and queue.prefer_wait_seconds >= known.longest:
        yield "prefer_wait_seconds", f"The caller is passed on after {known.longest} s, before others are asked."


def _targets(known: _Known) -> Found:
    queue = known.queue
    ways = [("overflow", queue.overflow), ("when_closed", queue.when_closed)]
    ways += [("choices", choice.destination) for choice in known.choices]
    for field, target in ways:
        if target is not None and (fault := _doubt(queue, field, target)):
            yield field, fault


def _doubt(queue: Queue, field: str, target: Destination) -> str:
    """Why calls that go to `target` would not be served there; "" when they would, as far as can be known."""
    if not target.active:
        return f"“{target.label}” is switched off, so calls do not get there. Switch it on, or choose another."
    other = Queue.objects.select_related("schedule").filter(destination=target).first()
    if other is None:
        return ""
    if not other.memberships.filter(active=True).exists():
        return f"“{other}” has no members: nobody would answer there. Add some, or choose another."
    if other.schedule is None:
        return ""
    if field == "when_closed" and other.schedule_id == queue.schedule_id:
        return f"“{other}” keeps the same hours, so it is closed as well then. Choose another."
    if field != "when_closed" and queue.schedule is not None and not hours.meet(queue.schedule, other.schedule):
        return f"“{other}” ({other.schedule}) is never open while {queue} ({queue.schedule}) is. Choose another."
    return ""


def _callbacks(known: _Known) -> Found:
    queue, between = known.queue, known.queue.callback_schedule
    if not any(choice.action == Choice.Action.CALLBACK for choice in known.choices):
        return
    if between is not None and not hours.ever_opens(between):
        yield "callback_schedule", f"“{between}” is never open, so nobody would be called back. Give it hours."
    elif between is not None and queue.schedule is not None and not hours.meet(between, queue.schedule):
        yield (
            "callback_schedule",
            f"“{between}” and the queue's hours, “{queue.schedule}”, never meet, so nobody would be called back.",
        )
    last = (queue.callback_tries - 1) * queue.callback_retry_seconds
    if last >= queue.callback_expires_seconds:
        yield (
            "callback_expires_seconds",
            f"The last of {queue.callback_tries} tries would come after {last} s, when the callback has been given up.",
        )


def _hours(known: _Known) -> Found:
    queue = known.queue
    if queue.schedule is None:
        return
    if not hours.ever_opens(queue.schedule):
        yield "schedule", f"“{queue.schedule}” is never open, so every caller is turned away. Give it hours."
    if queue.when_closed is None:
        yield (
            "when_closed",
            f"{queue} has hours but no destination when closed: callers then go to the overflow, or hear good-bye.",
        )


def _times(known: _Known) -> Found:
    queue = known.queue
    if queue.service_level_seconds > known.longest:
        yield (
            "service_level_seconds",
            f"Nobody waits that long: callers are passed on after {known.longest} s, so every answer is in time.",
        )
    if queue.short_abandon_seconds > queue.service_level_seconds:
        yield "short_abandon_seconds", "Callers who give up would not count until long after they should be answered."
    if queue.disposition_required and not Disposition.objects.filter(client=queue.client_id, active=True).exists():
        yield "dispositions", "Each call must be filed, but there is nothing to file it under. Make dispositions first."


_PARTS = (
    _members, _strategy, _tiers, _skills, _relaxations, _priority, _limits, _targets, _callbacks, _hours, _times,
)  # fmt: skip
