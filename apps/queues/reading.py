"""The rows of queues as the values that `strategies` decides over. A fixed number of queries, however many wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db.models import (
    Case,
    Count,
    DurationField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from apps.calls.models import Call, Leg
from apps.operators.models import Operator, OperatorSkill
from apps.queues import stats
from apps.queues.models import Membership, Offer, OwnOperator, Queue, QueueEntry, SkillRelaxation, SkillRequirement
from apps.queues.strategies import FEWEST_CALLS, LEAST_ACTIVE, Candidate, Waiting, Wanted

PASSED = (Offer.Status.DECLINED, Offer.Status.MISSED, Offer.Status.WITHDRAWN)
_NO_SKILLS: dict[str, int] = {}


class Today(NamedTuple):
    """What an operator has done since midnight: conversations of queues, and the time in them."""

    calls: int = 0
    seconds: float = 0


def free() -> QuerySet[Operator]:
    """Who may be rung now: ready, and no line of theirs is open at the carrier.

    A line outlives its engagement by the moment that the carrier needs to close it.
    """
    return Operator.objects.ready().exclude(Exists(Leg.objects.open().filter(operator=OuterRef("pk"))))


def wanted_of(queues: Iterable[Queue]) -> dict[int, Wanted]:
    """What these queues ask for, by queue."""
    rows = {queue.pk: queue for queue in queues}
    requirements, relaxations = defaultdict(list), defaultdict(list)
    asked = SkillRequirement.objects.filter(queue__in=rows).order_by("skill__name")
    for queue_id, skill, level in asked.values_list("queue", "skill__name", "level"):
        requirements[queue_id].append((skill, level))
    for queue_id, after, level in SkillRelaxation.objects.filter(queue__in=requirements).values_list(
        "queue", "after_seconds", "level"
    ):
        relaxations[queue_id].append((after, level))
    return {
        key: Wanted(
            strategy=queue.strategy, requirements=tuple(requirements[key]), relaxations=tuple(relaxations[key]),
            tier_wait=queue.tier_wait_seconds, prefer_wait=queue.prefer_wait_seconds, ageing=queue.ageing_seconds,
        )
        for key, queue in rows.items()
    }  # fmt: skip


def candidates_of(
    queues: Mapping[int, Queue], wanted: Mapping[int, Wanted], at: datetime
) -> dict[int, list[Candidate]]:
    """The ready members of each queue; who rests is among them."""
    members = Membership.objects.filter(queue__in=queues, active=True, operator__in=free()).order_by()
    skills = _skills(members, wanted)
    today = _today(queues, members, at) if _asks_for_today(wanted) else {}
    found: dict[int, list[Candidate]] = defaultdict(list)
    for row in members.values_list(
        "queue", "operator", "operator__idle_since", "operator__user__first_name", "operator__user__last_name",
        "operator__user__username", "last_offered_at", "tier", "weight", "position", "rests_until", "rests_after",
    ):  # fmt: skip
        queue_id, key, idle, first, last, username, offered, tier, weight, position, until, after = row
        done = today.get(key, _NOTHING_DONE)
        found[queue_id].append(
            Candidate(
                key, idle.timestamp(), f"{first} {last}".strip() or username, offered and offered.timestamp(),
                done.calls, done.seconds, skills.get(key, _NO_SKILLS), tier, weight, position,
                until and until.timestamp(), after,
            )
        )  # fmt: skip
    return found


_NOTHING_DONE = Today()


def callers_of(queues: Mapping[int, Queue], entries: QuerySet[QueueEntry]) -> list[Waiting]:
    """These entries of these queues, with whom they passed and whom they should get."""
    passes, tries = _passes(entries)
    preferred = _preferred(queues, entries)
    return [
        Waiting(
            key, place_at.timestamp(), queue_id, priority, front, passes.get(key, {}), reserved_for,
            *preferred.get(key, (None, "")), seed=f"{key}/{tries.get(key, 0)}",
        )
        for key, place_at, queue_id, priority, front, reserved_for in entries.order_by().values_list(
            "pk", "place_at", "queue", "priority", "front", "reserved_for"
        )
    ]  # fmt: skip


def _skills(members: QuerySet[Membership], wanted: Mapping[int, Wanted]) -> dict[int, dict[str, int]]:
    names = {name for one in wanted.values() for name, _level in one.requirements}
    if not names:
        return {}
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = OperatorSkill.objects.filter(skill__name__in=names, operator__in=members.values("operator"))
    for operator_id, name, level in rows.values_list("operator", "skill__name", "level"):
        found[operator_id][name] = level
    return found


def _asks_for_today(wanted: Mapping[int, Wanted]) -> bool:
    return any(one.strategy in (FEWEST_CALLS, LEAST_ACTIVE) for one in wanted.values())


def _today(queues: Mapping[int, Queue], members: QuerySet[Membership], at: datetime) -> dict[int, Today]:
    """What each ready member has done since midnight at the client's place."""
    client = next(iter(queues.values())).client
    accepted = Offer.objects.filter(
        status=Offer.Status.ACCEPTED,
        decided_at__gte=stats.midnight(client, at),
        operator__in=members.values("operator"),
    )
    lasted = Coalesce("ended_at", Value(at)) - F("decided_at")
    rows = (
        accepted.order_by()
        .values_list("operator")
        .annotate(n=Count("pk"), time=Sum(lasted, output_field=DurationField()))
    )
    return {key: Today(n, time.total_seconds()) for key, n, time in rows}


def _passes(entries: QuerySet[QueueEntry]) -> tuple[dict[int, dict[int, float]], dict[int, int]]:
    """Who passed which caller, and when last, {entry: {operator: when}}; and how often each was offered."""
    passes: dict[int, dict[int, float]] = defaultdict(dict)
    tries: dict[int, int] = defaultdict(int)
    rows = Offer.objects.filter(entry__in=entries.order_by(), status__in=PASSED).order_by()
    for entry_id, operator_id, when, n in rows.values_list("entry", "operator").annotate(
        Max("decided_at"), Count("pk")
    ):
        passes[entry_id][operator_id] = when.timestamp()
        tries[entry_id] += n
    return passes, tries


def _preferred(queues: Mapping[int, Queue], entries: QuerySet[QueueEntry]) -> dict[int, tuple[int, str]]:
    """Whom each caller's queue asks first, and why: {entry: (operator, "own" | "last")}.

    Only members who are there: who is signed out or on a break is not waited for.
    """
    asking = [key for key, queue in queues.items() if queue.prefer != Queue.Prefer.NOBODY]
    if not asking:
        return {}
    own = OwnOperator.objects.filter(person=OuterRef("call__person")).values("operator")
    rows = entries.filter(queue__in=asking).annotate(
        own=Case(When(queue__prefer=Queue.Prefer.OWN, then=Subquery(own[:1]))),
        of_person=Subquery(_last(person=OuterRef("call__person"))),
        of_number=Subquery(_last(customer_number=OuterRef("call__customer_number"), person__isnull=True)),
    )
    wishes = [
        (key, queue_id, ((own, "own"), (of_person or of_number, "last")))
        for key, queue_id, own, of_person, of_number in rows.values_list("pk", "queue", "own", "of_person", "of_number")
    ]
    there = those_there(asking, {operator for *_rest, wanted in wishes for operator, _why in wanted if operator})
    found: dict[int, tuple[int, str]] = {}
    for key, queue_id, wanted in wishes:
        for operator, why in wanted:
            if (queue_id, operator) in there:
                found.setdefault(key, (operator, why))
    return found


def _last(**who: object) -> QuerySet:
    """The operator of the latest conversation with somebody; two indexes know persons and numbers."""
    spoken = Call.objects.filter(client=OuterRef("queue__client"), operator__isnull=False, answered_at__isnull=False)
    return spoken.filter(**who).exclude(pk=OuterRef("call")).order_by("-started_at").values("operator")[:1]


def those_there(queue_ids: Collection[int], operator_ids: Collection[int]) -> set[tuple[int, int]]:
    """(queue, operator) of the members who are signed in, on no break, and whose desk can ring."""
    rows = Membership.objects.filter(
        Q(operator__presence=Operator.Presence.AVAILABLE, operator__unreachable_since__isnull=True),
        queue__in=queue_ids, operator__in=operator_ids, active=True,
    )  # fmt: skip
    return set(rows.values_list("queue", "operator"))
