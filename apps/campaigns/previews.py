"""Preview mode: an operator looks at a contact, then calls, or passes it on. The same rules hold as for every dialling.

Showing a contact decides and reserves it; when the desk's line is in its room the decision is made anew, in the
transaction that adds the contact's line: what changed in between (a do-not-call entry, the hour) counts.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from apps.calls import services as calls
from apps.calls.models import Call, Leg, Room
from apps.campaigns import dialer, permission, reading, states
from apps.campaigns.models import Campaign, Permission, Preview, Target
from apps.campaigns.permission import ALLOWED, LATER, Line, Rules, Verdict
from apps.campaigns.reading import Candidate
from apps.core import clock
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator

PATIENCE = timedelta(seconds=30)  # after the countdown, until a silent desk loses the contact
LOOK = 20  # contacts that are looked at for one that may be called now


def campaigns_of(operator: Operator):
    """The running preview campaigns whose contacts this operator is shown, by name."""
    mine = Campaign.objects.running().filter(
        mode=Campaign.Mode.PREVIEW, queue__memberships__operator=operator, queue__memberships__active=True
    )
    return mine.select_related("client", "schedule", "queue").order_by("name", "pk")


def showing(operator: Operator) -> Preview | None:
    """What the operator is looking at."""
    rows = Preview.objects.showing().filter(operator=operator)
    return rows.select_related("target__contact__person", "target__campaign__client", "operator").first()


@transaction.atomic
def show_next(operator: Operator) -> Preview | None:
    """The next contact for this operator, or the one that they look at already; None when nobody is due.

    Raises Refused for an operator who is not free.
    """
    if (already := showing(operator)) is not None:
        return already
    if not Operator.objects.ready().filter(pk=operator.pk).exists():
        raise Refused("You are not free now. Be available and finish your wrap-up first.", code="operator_busy")
    for campaign in campaigns_of(operator):
        if (found := _choose(campaign, operator, clock.now())) is not None:
            return found
    return None


def _choose(campaign: Campaign, operator: Operator, at: datetime) -> Preview | None:
    """The first contact of the campaign that may be called now; those that may not get their row in the ledger."""
    mine = Q(reserved_for__isnull=True) | Q(reserved_for=operator)
    free = Target.objects.due(at).filter(mine, campaign=campaign).exclude(previews__status=Preview.Status.SHOWING)
    rows = free.select_related("contact__person").select_for_update(skip_locked=True, of=("self",), no_key=True)
    rules = reading.rules_of(campaign, at)
    for candidate in reading.candidates(campaign, list(rows[:LOOK]), at):
        line, verdict = dialer.choose(rules, candidate, at)
        if verdict.kind != ALLOWED:
            dialer.put_off(campaign, rules, candidate, line, verdict, at).save()
            continue
        due = at + timedelta(seconds=campaign.preview_seconds)
        engagement = operators.engage(operator, Engagement.Purpose.PREVIEW)
        states.note(campaign, "campaigns.previewed", operator=str(operator), contact=str(candidate.target.contact))
        return Preview.objects.create(
            target=candidate.target, operator=operator, engagement=engagement, number=line.number, shown_at=at,
            due_at=due, expires_at=due + PATIENCE,
        )  # fmt: skip
    return None


def skips_left(preview: Preview) -> int:
    """How often this contact may still be passed over."""
    skipped = Preview.objects.filter(target=preview.target_id, status=Preview.Status.SKIPPED).count()
    return max(0, preview.target.campaign.preview_skips - skipped)


@transaction.atomic
def skip(preview: Preview, *, why: str) -> Preview:
    """Pass the contact on: it comes again after the campaign's retry time. Twice is once.

    Raises Refused without a reason, and when the campaign does not allow it (any more).
    """
    row = _held(preview)
    if row.status == Preview.Status.SKIPPED:
        return row
    _refuse_unless_showing(row)
    if not why.strip():
        raise Refused("Say in a word why you pass them over.", fields={"why": ["Needed."]})
    if not skips_left(row):
        raise Refused("This contact may not be passed over (again): call them.", code="no_skips_left")
    target, at = row.target, clock.now()
    again = at + timedelta(seconds=target.campaign.retry_seconds)
    verdict = Verdict(LATER, "skipped", f"{row.operator} passed them over: {why.strip()}"[:300], again)
    _finish(row, Preview.Status.SKIPPED, why=why.strip()[:200])
    Target.objects.filter(pk=target.pk, status=Target.Status.WAITING).update(due_at=again, why=verdict.sentence)
    _note(row, verdict, at)
    return row


@transaction.atomic
def take_for_call(preview: Preview) -> Preview:
    """The operator calls now: they are free for the desk's own call, which must follow in this transaction.

    Raises Refused for one that is not shown any more, and when the campaign was stopped meanwhile.
    """
    row = _held(preview)
    _refuse_unless_showing(row)
    campaign = row.target.campaign
    if campaign.status != Campaign.Status.RUNNING:
        raise Refused(f"{campaign} does not run any more: it is {campaign.get_status_display()}.", code="not_running")
    operators.release(row.engagement, keep_turn=True)
    return row


def called(preview: Preview, call: Call) -> None:
    """Note which call came of it."""
    _finish(preview, Preview.Status.CALLED, call=call)
    Target.objects.filter(pk=preview.target_id).update(status=Target.Status.CALLING, why="")


def of_call(call: Call) -> Preview | None:
    """The preview from which this call was placed."""
    rows = Preview.objects.filter(call=call).select_related("target__contact__person", "target__campaign__client")
    return rows.select_related("target__campaign__schedule", "operator").first()


@transaction.atomic
def dial(preview: Preview, call: Call, room: Room) -> bool:
    """The desk's line is in `room`: decide anew and ring the contact. False: they may not be called (any more)."""
    target, campaign, at = preview.target, preview.target.campaign, clock.now()
    rules = reading.rules_of(campaign, at)
    [candidate] = reading.candidates(campaign, [target], at)
    line = next((line for line in candidate.lines if line.number == preview.number), Line(preview.number))
    verdict = _verdict(campaign, rules, candidate, line, at)
    if verdict.kind != ALLOWED:
        Target.objects.filter(pk=target.pk).update(status=Target.Status.WAITING)
        dialer.put_off(campaign, rules, candidate, line, verdict, at).save()
        return False
    leg = calls.add_leg(
        call, role=Leg.Role.CUSTOMER, address=preview.number, ring_seconds=campaign.ring_seconds, room=room
    )
    [attempt] = dialer.note_attempts(campaign, [target], [leg], at)
    dialer.ledger_row(campaign, rules, candidate, line, verdict, at, attempt).save(force_insert=True)
    return True


def _verdict(campaign: Campaign, rules: Rules, candidate: Candidate, line: Line, at: datetime) -> Verdict:
    """Of the number that was shown. Where only another one may be called, the contact waits to be shown with that."""
    if campaign.status != Campaign.Status.RUNNING:
        return Verdict(LATER, "not_running", "The campaign was stopped meanwhile.", at)
    if line not in candidate.lines:
        return Verdict(LATER, "number_gone", "The number is not the contact's any more.", at)
    verdict = permission.decide(rules, candidate.who, line, at)
    if verdict.kind != ALLOWED and dialer.choose(rules, candidate, at)[1].kind == ALLOWED:
        return Verdict(LATER, verdict.code, verdict.sentence, at)
    return verdict


def give_back(call_id: int) -> None:
    """The call is over and never dialled the contact: they wait again."""
    left = Target.objects.filter(previews__call=call_id, status=Target.Status.CALLING).exclude(attempts__call=call_id)
    Target.objects.filter(pk__in=left.values("pk")).update(status=Target.Status.WAITING)


def sweep() -> None:
    """Take contacts away from desks that fell silent, and back from calls that never dialled them."""
    for preview in Preview.objects.overdue(clock.now()).select_related("operator", "engagement", "target__campaign"):
        with transaction.atomic():
            row = _held(preview)
            if row.status == Preview.Status.SHOWING:
                _finish(row, Preview.Status.EXPIRED)
    ended = Preview.objects.filter(call__status=Call.Status.OVER, target__status=Target.Status.CALLING)
    for call_id in ended.values_list("call", flat=True)[:100]:
        give_back(call_id)


def _held(preview: Preview) -> Preview:
    rows = Preview.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("operator", "engagement__operator", "target__contact", "target__campaign__client").get(
        pk=preview.pk
    )


def _refuse_unless_showing(preview: Preview) -> None:
    if preview.status != Preview.Status.SHOWING:
        raise Refused(f"This contact was {preview.get_status_display()} already. Take the next one.", code="over")


def _finish(preview: Preview, status: str, **changes: object) -> None:
    for name, value in {"status": status, **changes}.items():
        setattr(preview, name, value)
    preview.save(update_fields=["status", *changes])
    operators.release(preview.engagement)


def _note(preview: Preview, verdict: Verdict, at: datetime) -> None:
    Permission.objects.create(
        campaign=preview.target.campaign, target=preview.target, at=at, number=preview.number, verdict=verdict.kind,
        code=verdict.code, sentence=verdict.sentence, until=verdict.until, facts={"operator": str(preview.operator)},
    )  # fmt: skip
