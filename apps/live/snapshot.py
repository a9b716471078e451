"""The board's picture of one scope, from the database: one round trip, however much is going on."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from apps.calls.models import Call, Leg
from apps.core import clock
from apps.live import callbacks, line, whereabouts
from apps.live.campaigns import Campaigns
from apps.live.diff import Picture, Row, apply
from apps.live.learned import Learned
from apps.live.questions import CallFacts, EngagementFacts, Facts, LegFacts, OperatorFacts, Questions
from apps.live.scope import Scope
from apps.live.touched import Touched
from apps.live.whereabouts import Whereabouts
from apps.live.words import iso, number_of
from apps.operators.models import Engagement, Operator
from apps.queues import stats
from apps.queues.models import Queue

# Figures of the day change with calls, not with every second; adding them up costs more than all the rest.
DAY_EVERY = timedelta(seconds=1)
# What an operator with an open engagement does, by its purpose and by where the call is.
_BUSY = {"ringing": "ringing", "dialling": "dialling", "connecting": "dialling", "held": "held"}


def board(scope: Scope) -> Picture:
    """Queues, operators, open calls, who waits and who is to be called back, and campaigns, of `scope`."""
    return Reader(scope).whole()


class Reader:
    """Reads the picture of one scope: all of it, or what was touched since.

    A part costs what was touched and not what is there. Names and settings, which cost most of all and seldom change,
    are read by `learn`, when somebody is new and when a queue was touched.
    """

    def __init__(self, scope: Scope) -> None:
        self._learned, self._campaigns = Learned(scope), Campaigns(scope)
        self._everything, self._part = Questions(scope, whole=True), Questions(scope, whole=False)
        self._day: dict[int, stats.QueueDay] = {}
        self._day_at: datetime | None = None
        self._day_is_behind = False

    @property
    def is_behind(self) -> bool:
        """Figures of the day or of campaigns may be different by now: read a part again soon, whatever of."""
        return self._day_is_behind or self._campaigns.is_behind

    def learn(self) -> None:
        """Names and settings anew; the next picture that is read `again` shows them."""
        self._learned.learn()
        self._campaigns.forget()
        self._day_at = None

    def whole(self) -> Picture:
        """Everything."""
        self.learn()
        now = clock.now()
        return self._everybody(self._everything.ask(Touched(), now), now)

    def again(self) -> Picture:
        """Everything, by the names and settings that are known."""
        now = clock.now()
        facts = self._everything.ask(Touched(), now)
        return self._everybody(facts, now) if self._knows(facts) else self.whole()

    def after(self, picture: Picture, touched: Touched) -> Picture:
        """`picture` with all that is different because of what was `touched`."""
        if touched.queue:
            return self.whole()
        now = clock.now()
        facts = self._part.ask(touched, now)
        self._day_is_behind = self._day_is_behind or bool(touched.call or touched.entry)
        self._campaigns.note(touched)
        if not self._knows(facts):
            return self.whole()
        calls, operators = self._moving(facts)
        over = [str(call.public_id) for call in facts.calls if call.status != Call.Status.OPEN]
        delta = {"calls": {"put": calls, "drop": over}, "operators": {"put": operators, "drop": []}}
        return apply(picture, delta) | self._tables(facts, now)

    def _knows(self, facts: Facts) -> bool:
        return self._learned.knows({row.pk for row in facts.operators}, {row.queue_id for row in facts.places})

    def _everybody(self, facts: Facts, now: datetime) -> Picture:
        calls, operators = self._moving(facts)
        return {"queues": [], "operators": operators, "calls": calls} | self._tables(facts, now)

    def _moving(self, facts: Facts) -> tuple[list[Row], list[Row]]:
        """The rows of calls and of operators."""
        is_open = [call for call in facts.calls if call.status == Call.Status.OPEN]
        where = _where(is_open, facts)
        calls = {call.public_id: call for call in is_open}
        held = {row.operator_id: row for row in facts.engagements}
        operators = []
        for row in facts.operators:
            engagement = held.get(row.pk)
            call = calls.get(engagement.call_ref) if engagement and engagement.call_ref else None
            operators.append(self._operator(row, engagement, call, where[call.pk] if call else None))
        ears = defaultdict(list)
        for leg in facts.legs:
            if leg.role == Leg.Role.SUPERVISOR:
                ears[leg.call_id].append(leg)
        sounds = {row.call_id: row.complaint for row in facts.sounds if row.complaint}
        unmatched = {row.call_id for row in facts.verdicts if row.nothing_matched}
        rows = [
            self._call(call, where[call.pk], ears[call.pk], sounds.get(call.pk, ""), unmatched=call.pk in unmatched)
            for call in is_open
        ]
        return rows, operators

    def _tables(self, facts: Facts, now: datetime) -> Picture:
        """What is read as a whole each time: it is short, or every change is a change of its order."""
        learned = self._learned
        return {
            "queues": self._queues(facts, now), "line": line.rows(facts.places, learned, now),
            "callbacks": callbacks.rows(facts.callbacks, learned), "campaigns": self._campaigns.rows(now),
        }  # fmt: skip

    def _queues(self, facts: Facts, now: datetime) -> list[Row]:
        queues = self._learned.active
        if self._day_at is None or not timedelta() <= now - self._day_at < DAY_EVERY:
            self._day, self._day_at, self._day_is_behind = stats.since_midnight(queues), now, False
        figures = stats.now_from([queue.pk for queue in queues], facts.lines, facts.staff, now)
        first = {row["queue"]: row["first"] for row in facts.lines}
        return [_queue(queue, figures[queue.pk], self._day[queue.pk], first.get(queue.pk)) for queue in queues]

    def _operator(
        self, operator: OperatorFacts, engagement: EngagementFacts | None, call: CallFacts | None,
        where: Whereabouts | None,
    ) -> Row:  # fmt: skip
        leads = call is not None and call.operator_id == operator.pk
        doing, since = _doing(operator, engagement, where, leads=leads)
        person = self._learned.operators[operator.pk]
        reason = self._learned.reasons.get(operator.break_reason_id or 0)
        return {
            "id": str(operator.public_id), "name": person.name, "team": person.team, "client": person.client,
            "presence": operator.presence, "status": doing, "since": iso(since),
            "reason": reason.name if reason else operator.unreachable_why if doing == "unreachable" else "",
            "limit_seconds": reason.limit_seconds if reason else 0,
            "due_at": iso(engagement.due_at) if engagement else None,
            "call": str(call.public_id) if call else None,
            "with": self._with(operator, engagement, call),
            "help": iso(operator.help_since), "help_note": operator.help_note,
            "queues": person.queues, "skills": person.skills,
        }  # fmt: skip

    def _with(self, operator: OperatorFacts, engagement: EngagementFacts | None, call: CallFacts | None) -> str:
        """Whom the operator talks with, or looks at before the call."""
        if engagement is not None and engagement.preview_number:
            return engagement.previewed or number_of(engagement.preview_number)
        if call is None:
            return ""
        if call.colleague_id == operator.pk and call.operator_id in self._learned.operators:
            return self._learned.operators[call.operator_id].name
        return self._name_of(call) or number_of(call.customer_number)

    def _name_of(self, call: CallFacts) -> str:
        """The colleague or the person who is at the other end; empty for a stranger."""
        if call.colleague_id in self._learned.operators:
            return self._learned.operators[call.colleague_id].name
        return call.person or ""

    def _call(self, call: CallFacts, where: Whereabouts, ears: list[LegFacts], sound: str, *, unmatched: bool) -> Row:
        names = self._learned.operators
        operators = where.ringing or ([call.operator_id] if call.operator_id else [])
        return {
            "id": str(call.public_id), "direction": call.direction, "status": where.status,
            "since": iso(where.since), "name": self._name_of(call),
            "number": "" if call.colleague_id else number_of(call.customer_number),
            "line": call.line or "", "queue": self._learned.queues[where.queue].name if where.queue else "",
            "operator": ", ".join(names[key].name for key in operators if key in names),
            "started_at": iso(call.started_at), "client": call.client,
            "teams": sorted({names[key].team for key in operators if key in names}),
            "listeners": [self._listener(leg) for leg in ears if leg.operator_id in names],
            "sound": sound,
            "remark": "no rule matched" if unmatched else "",
        }  # fmt: skip

    def _listener(self, leg: LegFacts) -> Row:
        """A supervisor in the call; not here yet while their telephone rings."""
        person = self._learned.operators[leg.operator_id or 0]
        mode = "listen" if leg.muted else "whisper" if leg.coaches_id else "barge"
        return {"id": person.public_id, "name": person.name, "mode": mode, "here": leg.joined_at is not None}


def _where(calls: list[CallFacts], facts: Facts) -> dict[int, Whereabouts]:
    legs = {leg.call_id: leg for leg in facts.legs if leg.role == Leg.Role.CUSTOMER}
    visits = {visit.call_id: visit for visit in facts.visits}
    entries = {entry.call_id: entry for entry in facts.entries}
    offers = defaultdict(list)
    for offer in facts.offers:
        offers[offer.call_id].append(offer)
    return {
        call.pk: whereabouts.place(
            call, legs.get(call.pk), visits.get(call.pk), entries.get(call.pk), offers.get(call.pk, [])
        )
        for call in calls
    }  # fmt: skip


def _queue(queue: Queue, n: stats.QueueNow, day: stats.QueueDay, first: datetime | None) -> Row:
    return {
        "id": str(queue.public_id), "name": queue.name, "client": queue.client.name,
        "waiting": n.waiting, "longest_since": iso(first), "talking": n.talking,
        "ready": n.ready, "busy": n.busy, "on_break": n.on_break, "unreachable": n.unreachable,
        "signed_in": n.signed_in, "places": queue.max_size, "target_seconds": queue.service_level_seconds,
        "offered": day.offered, "answered": day.answered, "abandoned": day.abandoned,
        "overflowed": day.overflowed, "in_time": day.in_time, "measured": day.measured,
        "service_level_percent": day.service_level_percent, "average_answer_seconds": day.average_answer_seconds,
        "wanted_percent": queue.service_level_percent, "alert_wait_seconds": queue.alert_wait_seconds,
        "alert_waiting": queue.alert_waiting, "alert_abandoned_percent": queue.alert_abandoned_percent,
    }  # fmt: skip


def _doing(
    operator: OperatorFacts, engagement: EngagementFacts | None, where: Whereabouts | None, *, leads: bool
) -> tuple[str, datetime]:
    if engagement is not None and engagement.purpose == Engagement.Purpose.WRAP_UP:
        return "wrap_up", engagement.since
    if engagement is not None and engagement.purpose == Engagement.Purpose.MONITORING:
        return "monitoring", engagement.since
    if engagement is not None and engagement.purpose == Engagement.Purpose.PREVIEW:
        return "previewing", engagement.since
    if engagement is not None and engagement.purpose == Engagement.Purpose.CONSULT and not leads:
        return "consulting", engagement.since
    if engagement is not None:
        return (_BUSY.get(where.status, "talking"), where.since) if where else ("busy", engagement.since)
    at_phone = operator.unreachable_since is None or operator.fallback_phone
    if operator.presence == Operator.Presence.AVAILABLE and operator.unreachable_since and not at_phone:
        return "unreachable", operator.unreachable_since
    if operator.presence == Operator.Presence.AVAILABLE:
        return "ready", operator.idle_since
    return operator.presence, operator.presence_since
