"""The rows of queues as the values that `strategies` decides over. A fixed number of queries, however many wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    Count,
    DurationField,
    Exists,
    F,
    FloatField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Extract

from apps.calls.models import Call, Leg
from apps.core.models import display_name
from apps.core.prepared import OneOf, Prepared
from apps.operators.models import Operator, OperatorSkill, can_ring
from apps.queues import stats
from apps.queues.models import (
    Callback,
    Membership,
    Offer,
    OwnOperator,
    Queue,
    QueueEntry,
    SkillRequirement,
)
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
    return Operator.objects.ready().without(Leg.objects.open())


def wanted_of(queues: Iterable[Queue]) -> dict[int, Wanted]:
    """What these queues ask for, by queue."""
    rows = {queue.pk: queue for queue in queues}
    # Each queue's skills times its relaxations: both are few, and a statement more would cost more than the rows.
    requirements, relaxations = defaultdict(dict), defaultdict(dict)
    for queue_id, skill, level, after, enough in _asked(queues=list(rows)):
        requirements[queue_id][skill] = level
        if after is not None:
            relaxations[queue_id][after] = enough
    return {
        key: Wanted(
            strategy=queue.strategy, requirements=tuple(requirements[key].items()),
            relaxations=tuple(relaxations[key].items()),
            tier_wait=queue.tier_wait_seconds, prefer_wait=queue.prefer_wait_seconds, ageing=queue.ageing_seconds,
        )
        for key, queue in rows.items()
    }  # fmt: skip


_asked = Prepared(
    lambda queues: (
        SkillRequirement.objects.filter(queue=OneOf(queues))
        .order_by("skill__name", "queue__relaxations__after_seconds")
        .values_list("queue", "skill__name", "level", "queue__relaxations__after_seconds", "queue__relaxations__level")
    )
)


def candidates_of(
    queues: Mapping[int, Queue], wanted: Mapping[int, Wanted], at: datetime
) -> dict[int, list[Candidate]]:
    """The ready members of each queue; who rests is among them."""
    return candidates_from(_ready(queues=list(queues)), queues, wanted, at)


def ready(queues: list[int], which: Q | None = None) -> QuerySet[Any, Any]:
    """A row of OF_A_MEMBER for each queue and each member of it who may be rung now; `which` of the memberships."""
    members = Q(memberships__queue=OneOf(queues), memberships__active=True)
    return free().filter(members if which is None else members & which).order_by().values_list(*OF_A_MEMBER)


class Moment(Cast):
    """A moment as the strategies take it. Made by the database: Python takes its time to read a date."""

    def __init__(self, field: str) -> None:
        super().__init__(Extract(field, "epoch", tzinfo=UTC), FloatField())

    @property
    def convert_value(self) -> Any:
        """It is a float already."""
        return self._convert_value_noop


OF_A_MEMBER = (
    "memberships__queue", "pk", Moment("idle_since"), "user__first_name", "user__last_name", "user__username",
    Moment("memberships__last_offered_at"), "memberships__tier", "memberships__weight", "memberships__position",
    Moment("memberships__rests_until"), "memberships__rests_after",
)  # fmt: skip
_ready = Prepared(ready)


def candidates_from(
    rows: Iterable[tuple[Any, ...]], queues: Mapping[int, Queue], wanted: Mapping[int, Wanted], at: datetime
) -> dict[int, list[Candidate]]:
    """Rows of OF_A_MEMBER as candidates, by queue, with their skills and what they have done today."""
    rows = list(rows)
    people = list({row[1] for row in rows})
    skills = _skills(people, wanted)
    today = _today(queues, people, at) if people and _asks_for_today(wanted) else {}
    found: dict[int, list[Candidate]] = defaultdict(list)
    for queue_id, key, idle, first, last, username, offered, tier, weight, position, until, after in rows:
        done = today.get(key, _NOTHING_DONE)
        found[queue_id].append(
            Candidate(
                key, idle, display_name(first, last, username), offered, done.calls, done.seconds,
                skills.get(key, _NO_SKILLS), tier, weight, position, until, after,
            )
        )  # fmt: skip
    return found


_NOTHING_DONE = Today()


def callers_of(
    queues: Mapping[int, Queue], at: datetime, *, calling_back: bool, most: int | None = None
) -> list[Waiting]:
    """Who may be served in these queues at `at`, with whom they passed and whom they should get.

    `most`: only so many, those who are served first. Without `calling_back`, no callbacks but those whose customer is
    on the line.
    """
    ageing = any(queue.ageing_seconds for queue in queues.values())
    rows = _line(queues=list(queues), at=at, calling_back=calling_back, ageing=ageing, most=most)
    keys = [row[0] for row in rows]
    passes, tries = _passes([row[0] for row in rows if row[-1]])
    preferred = _preferred(queues, keys)
    return [
        Waiting(
            key, place_at, queue_id, priority, front, passes.get(key, {}), reserved_for,
            *preferred.get(key, (None, "")), seed=f"{key}/{tries.get(key, 0)}",
        )
        for key, place_at, queue_id, priority, front, reserved_for, _was_passed in rows
    ]  # fmt: skip


def _servable(
    queues: list[int], at: datetime, *, calling_back: bool, ageing: bool, most: int | None
) -> QuerySet[Any, Any]:
    line = QueueEntry.objects.servable(at).filter(queue=OneOf(queues))
    if not calling_back:
        line = line.exclude(callback__status=Callback.Status.WAITING)
    if most is None:
        line = line.order_by()
    else:
        # Without ageing an index knows the order.
        line = (line.in_turn(at) if ageing else line.in_line())[:most]
    passed = Exists(Offer.objects.filter(entry=OuterRef("pk"), status__in=PASSED))
    return line.values_list("pk", Moment("place_at"), "queue", "priority", "front", "reserved_for", passed)


_line = Prepared(_servable)


def _skills(people: list[int], wanted: Mapping[int, Wanted]) -> dict[int, dict[str, int]]:
    """The levels in what these queues ask for, by operator."""
    asking = [key for key, one in wanted.items() if one.requirements]
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for operator_id, name, level in _levels(people=people, queues=asking) if asking and people else ():
        found[operator_id][name] = level
    return found


_levels = Prepared(
    lambda people, queues: OperatorSkill.objects.filter(
        operator=OneOf(people), skill__in=SkillRequirement.objects.filter(queue=OneOf(queues)).values("skill")
    ).values_list("operator", "skill__name", "level")
)


def _asks_for_today(wanted: Mapping[int, Wanted]) -> bool:
    return any(one.strategy in (FEWEST_CALLS, LEAST_ACTIVE) for one in wanted.values())


def _today(queues: Mapping[int, Queue], people: list[int], at: datetime) -> dict[int, Today]:
    """What each ready member has done since midnight at the client's place."""
    client = next(iter(queues.values())).client
    accepted = Offer.objects.filter(
        status=Offer.Status.ACCEPTED,
        decided_at__gte=stats.midnight(client, at),
        operator=OneOf(people),
    )
    lasted = Coalesce("ended_at", Value(at)) - F("decided_at")
    rows = (
        accepted.order_by()
        .values_list("operator")
        .annotate(n=Count("pk"), time=Sum(lasted, output_field=DurationField()))
    )
    return {key: Today(n, time.total_seconds()) for key, n, time in rows}


def _passes(keys: list[int]) -> tuple[dict[int, dict[int, float]], dict[int, int]]:
    """Who passed which caller, and when last, {entry: {operator: when}}; and how often each was offered."""
    passes: dict[int, dict[int, float]] = defaultdict(dict)
    tries: dict[int, int] = defaultdict(int)
    for entry_id, operator_id, when, n in _passed(keys=keys) if keys else ():
        passes[entry_id][operator_id] = when.timestamp()
        tries[entry_id] += n
    return passes, tries


_passed = Prepared(
    lambda keys: (
        Offer.objects.filter(entry=OneOf(keys), status__in=PASSED).order_by().values_list("entry", "operator")
    ).annotate(Max("decided_at"), Count("pk"))
)


def _preferred(queues: Mapping[int, Queue], keys: list[int]) -> dict[int, tuple[int, str]]:
    """Whom each caller's queue asks first, and why: {entry: (operator, "own" | "last")}.

    Only members who are there: who is signed out or on a break is not waited for.
    """
    asking = [key for key, queue in queues.items() if queue.prefer != Queue.Prefer.NOBODY]
    if not asking or not keys:
        return {}
    own = OwnOperator.objects.filter(person=OuterRef("call__person")).values("operator")
    rows = QueueEntry.objects.filter(pk=OneOf(keys), queue__in=asking).annotate(
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
        can_ring("operator"), Q(operator__presence=Operator.Presence.AVAILABLE),
        queue__in=queue_ids, operator__in=operator_ids, active=True,
    )  # fmt: skip
    return set(rows.values_list("queue", "operator"))
