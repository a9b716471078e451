"""What a picture is made of: the questions to the database, and the facts that come back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q

from apps.calls.models import Call, Leg, SoundBucket
from apps.core.prepared import OneOf
from apps.ivr.models import Visit
from apps.live.scope import Scope
from apps.live.statements import Hole, Statement, fetch
from apps.live.touched import Touched
from apps.operators.models import Engagement, Operator
from apps.queues import stats
from apps.queues.models import Callback, Membership, Offer, QueueEntry
from apps.routing.models import Decision


class CallFacts(NamedTuple):
    pk: int
    public_id: UUID
    status: str
    direction: str
    started_at: datetime
    answered_at: datetime | None
    operator_id: int | None
    colleague_id: int | None
    person: str | None
    customer_number: str
    line: str | None
    client: str


class LegFacts(NamedTuple):
    call_id: int
    role: str
    status: str
    outgoing: bool
    created_at: datetime
    joined_at: datetime | None
    on_hold_since: datetime | None
    operator_id: int | None
    muted: bool
    coaches_id: int | None


class VisitFacts(NamedTuple):
    call_id: int
    started_at: datetime


class EntryFacts(NamedTuple):
    call_id: int
    queue_id: int
    status: str
    kind: str
    joined_at: datetime


class OfferFacts(NamedTuple):
    call_id: int
    leg_id: int | None
    offered_at: datetime
    operator_id: int


class OperatorFacts(NamedTuple):
    pk: int
    public_id: UUID
    presence: str
    presence_since: datetime
    idle_since: datetime
    unreachable_since: datetime | None
    unreachable_why: str
    fallback_phone: str
    break_reason_id: int | None
    help_since: datetime | None
    help_note: str


class EngagementFacts(NamedTuple):
    operator_id: int
    purpose: str
    since: datetime
    due_at: datetime | None
    call_ref: UUID | None
    previewed: str | None  # who is looked at before a call, and the number
    preview_number: str | None


class PlaceFacts(NamedTuple):
    """A place in a queue that is not answered yet."""

    public_id: UUID
    call: UUID
    queue_id: int
    status: str
    kind: str
    person: str | None
    customer_number: str
    callback_number: str | None
    joined_at: datetime
    place_at: datetime
    front: bool
    priority: int
    effective: float
    reserved_for_id: int | None


class CallbackFacts(NamedTuple):
    public_id: UUID
    entry: UUID
    queue_id: int
    person: str | None
    number: str
    status: str
    asked_at: datetime
    promised_from: datetime | None
    promised_until: datetime | None
    next_try_at: datetime
    expires_at: datetime
    front: bool
    operator_id: int | None
    tries: int


class SoundFacts(NamedTuple):
    call_id: int
    complaint: str


class VerdictFacts(NamedTuple):
    """What the rules said of a call when they were tried last."""

    call_id: int
    nothing_matched: bool | None


class Facts(NamedTuple):
    calls: list[CallFacts]
    legs: list[LegFacts]
    visits: list[VisitFacts]
    entries: list[EntryFacts]
    offers: list[OfferFacts]
    operators: list[OperatorFacts]
    engagements: list[EngagementFacts]
    places: list[PlaceFacts]
    callbacks: list[CallbackFacts]
    sounds: list[SoundFacts]
    verdicts: list[VerdictFacts]
    lines: list[dict[str, Any]]
    staff: list[dict[str, Any]]


class Questions:
    """All questions about one scope: about everything in it, or about what was touched."""

    def __init__(self, scope: Scope, *, whole: bool) -> None:
        self._scope = scope
        if whole:
            calls, operators = Call.objects.open(), Operator.objects.all()
        else:
            moved = QueueEntry.objects.filter(pk=OneOf(Hole("entries"))).values("call")
            held = Engagement.objects.open().filter(operator=OneOf(Hole("operators")), call_ref__isnull=False)
            chosen = Q(pk=OneOf(Hole("calls"))) | Q(pk__in=moved)
            calls = Call.objects.filter(chosen | Q(public_id__in=held.values("call_ref")))
            refs = Call.objects.filter(chosen).values("public_id")
            holders = Engagement.objects.open().filter(call_ref__in=refs).values("operator")
            operators = Operator.objects.filter(Q(pk=OneOf(Hole("operators"))) | Q(pk__in=holders))
        calls, operators = scope.narrow(calls), scope.narrow(operators, "team__client")
        self._statements = [
            *self._of_calls(calls), *self._of_operators(operators), *self._of_places(), self._of_sound(calls),
            self._of_rules(calls), *self._of_queues(),
        ]  # fmt: skip

    def _of_calls(self, calls: Any) -> list[Statement]:
        chosen = calls.order_by().values("pk")
        offers = Offer.objects.ringing().filter(entry__call__in=chosen).order_by("offered_at")
        return [
            _tuples(
                calls.order_by("pk"), "pk", "public_id", "status", "direction", "started_at", "answered_at",
                "operator_id", "colleague_id", "person__name", "customer_number", "phone_number__label",
                "client__name",
            ),
            _tuples(
                Leg.objects.open().filter(call__in=chosen).order_by("pk"), "call_id", "role", "status", "outgoing",
                "created_at", "joined_at", "on_hold_since", "operator_id", "muted", "coaches_id",
            ),
            _tuples(Visit.objects.open().filter(call__in=chosen).order_by(), "call_id", "started_at"),
            _tuples(
                QueueEntry.objects.open().filter(call__in=chosen).order_by(),
                "call_id", "queue_id", "status", "kind", "joined_at",
            ),
            _tuples(offers, "entry__call_id", "leg_id", "offered_at", "operator_id"),
        ]  # fmt: skip

    def _of_operators(self, operators: Any) -> list[Statement]:
        held = Engagement.objects.open().filter(operator__in=operators.order_by().values("pk")).order_by()
        return [
            _tuples(
                operators.order_by("pk"), "pk", "public_id", "presence", "presence_since", "idle_since",
                "unreachable_since", "unreachable_why", "fallback_phone", "break_reason_id", "help_since", "help_note",
            ),
            _tuples(
                held, "operator_id", "purpose", "since", "due_at", "call_ref", "preview__target__contact__name",
                "preview__number",
            ),
        ]  # fmt: skip

    def _of_sound(self, calls: Any) -> Statement:
        """What the newest measurements of each line complain about."""
        lines = Leg.objects.open().filter(call__in=calls.order_by().values("pk"))
        return _tuples(SoundBucket.objects.filter(leg__in=lines.order_by()).newest(), "leg__call_id", "complaint")

    def _of_rules(self, calls: Any) -> Statement:
        decisions = Decision.objects.filter(call__in=calls.order_by().values("pk")).latest()
        return _tuples(decisions, "call_id", "nothing_matched")

    def _of_places(self) -> list[Statement]:
        unanswered = [QueueEntry.Status.WAITING, QueueEntry.Status.OFFERED, QueueEntry.Status.CHOOSING]
        places = QueueEntry.objects.filter(status__in=unanswered).ranked(Hole("now"))
        dialled = Count("tries", filter=Q(tries__dialled_at__isnull=False))
        callbacks = Callback.objects.open().order_by("next_try_at", "pk").annotate(dialled=dialled)
        return [
            _tuples(
                self._scope.narrow(places, "queue__client").order_by("-front", "-effective", "place_at", "pk"),
                "public_id", "call__public_id", "queue_id", "status", "kind", "call__person__name",
                "call__customer_number", "callback__number", "joined_at", "place_at", "front", "priority",
                "effective", "reserved_for_id",
            ),
            _tuples(
                self._scope.narrow(callbacks, "queue__client"), "public_id", "entry__public_id", "queue_id",
                "call__person__name", "number", "status", "asked_at", "promised_from", "promised_until",
                "next_try_at", "expires_at", "entry__front", "entry__operator_id", "dialled",
            ),
        ]  # fmt: skip

    def _of_queues(self) -> list[Statement]:
        return [
            Statement(stats.lines_now(self._scope.narrow(QueueEntry.objects.all(), "queue__client"))),
            Statement(stats.crews_now(self._scope.narrow(Membership.objects.all(), "queue__client"))),
        ]  # fmt: skip

    def ask(self, touched: Touched, now: datetime) -> Facts:
        """Everything at once."""
        holes = {"calls": list(touched.call), "operators": list(touched.operator), "entries": list(touched.entry)}
        answers = fetch(self._statements, now=now, **holes)
        tuples: Any = [
            [kind._make(row) for row in answer] for kind, answer in zip(_KINDS, answers[: len(_KINDS)], strict=True)
        ]
        lines, staff = (
            statement.named(answer)
            for statement, answer in zip(self._statements[-2:], answers[-2:], strict=True)
        )  # fmt: skip
        return Facts(*tuples, lines, staff)


_KINDS: tuple[Any, ...] = (
    CallFacts, LegFacts, VisitFacts, EntryFacts, OfferFacts, OperatorFacts, EngagementFacts, PlaceFacts, CallbackFacts,
    SoundFacts, VerdictFacts,
)  # fmt: skip


def _tuples(query: Any, *columns: str) -> Statement:
    return Statement(query.values_list(*columns))
