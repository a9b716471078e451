"""What came of a try, read off its call and line once both are over, and what follows from it for the contact."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg
from apps.campaigns import promises, states
from apps.campaigns.models import Attempt, Campaign, RetryRule, Target
from apps.core import clock
from apps.core.nudges import nudge
from apps.core.prepared import OneOf, Prepared
from apps.notify import services as notify
from apps.operators.models import Operator

Outcome = Attempt.Outcome
_OF_LINE = {state.BUSY: Outcome.BUSY, state.FAILED: Outcome.FAILED}
# The carrier's codes that say something about the house, not about the number that was dialled: too many requests,
# a wrong account or password, a caller id that is not ours.
TOO_MANY = frozenset({429, 20429})
OF_THE_HOUSE = frozenset({0, 20001, 20003, 20005, 21210, 21212, 21213, 401, 403})
AFTER_TOO_MANY = timedelta(seconds=2)
AFTER_TROUBLE = timedelta(seconds=30)


_held = Prepared(
    lambda keys: (
        Attempt.objects.filter(pk=OneOf(keys))
        .order_by()
        .select_related("call__client", "call__disposition", "leg", "campaign__client", "target__contact")
        .select_for_update(no_key=True, of=("self",))
    )
)


@transaction.atomic
def settle(attempt_id: int) -> bool:
    """End a try whose call is over and whose customer's line is over too. False while either is not, or if it was.

    Only then may the next one exist: a line whose fate is unknown keeps its try open.
    """
    [attempt] = _held(keys=[attempt_id])
    if attempt.ended_at is not None or attempt.call.status != Call.Status.OVER or attempt.leg.is_open:
        return False
    outcome, counted = judge(attempt)
    now = clock.now()
    leg, call = attempt.leg, attempt.call
    changes = {
        "ended_at": now, "outcome": outcome, "counted": counted,
        "answered_at": attempt.answered_at or (leg.answered_at if leg.sid else None),
        "connected_at": attempt.connected_at or call.answered_at,
    }  # fmt: skip
    for name, value in changes.items():
        setattr(attempt, name, value)
    attempt.save(update_fields=list(changes))
    follow(attempt, now)
    states.changed(attempt.campaign)
    nudge("apps.campaigns.tasks.step", attempt.campaign_id)
    return True


def judge(attempt: Attempt) -> tuple[str, bool]:
    """How the try ended, and whether it counts against the caps."""
    leg, call = attempt.leg, attempt.call
    if leg.sid is None:
        return _never_dialled(leg)
    if leg.status != state.COMPLETED and leg.answered_at is None:
        return _OF_LINE.get(leg.status, Outcome.NO_ANSWER), True
    if attempt.connected_at is not None or call.answered_at is not None:
        return Outcome.REACHED, True
    if attempt.answered_by.startswith(("machine", "fax")):
        return Outcome.MACHINE, True
    if attempt.campaign.mode == Campaign.Mode.AGENTLESS:
        return Outcome.FAILED, True  # answered, and our document did not reach the line
    return Outcome.ABANDONED, True


def _never_dialled(leg: Leg) -> tuple[str, bool]:
    """The carrier has no such call: refused, called back by us in time, or nowhere to be found."""
    refused_number = leg.status == state.FAILED and leg.known_by != "grace" and not is_trouble(leg)
    return (Outcome.FAILED, True) if refused_number else (Outcome.NOT_PLACED, False)


def is_trouble(leg: Leg) -> bool:
    """The carrier refused because of the house, or because we asked too often: the number is not at fault."""
    return leg.error_code in TOO_MANY | OF_THE_HOUSE


def follow(attempt: Attempt, at: datetime) -> None:
    """Decide what comes next for the contact, by the rule of the disposition, else of the outcome."""
    if attempt.outcome == Outcome.NOT_PLACED:
        _again(attempt, at, "It was not dialled, so the next try is at once.")
        _slow_down(attempt, at)
        return
    if attempt.promised_at is not None:
        _again(attempt, attempt.promised_at, "A call was promised.", reserved_for=attempt.promised_to)
        return
    disposition = attempt.call.disposition
    rule = _rule(attempt.campaign, disposition_id=disposition.pk) if disposition else None
    if attempt.filed != disposition:
        attempt.filed = disposition
        attempt.save(update_fields=["filed"])
    rule = rule or _rule(attempt.campaign, outcome=attempt.outcome)
    if rule is not None and rule.add_to_do_not_call:
        keep_off(attempt, source=f"said in a call of {attempt.campaign}")
    reached = attempt.outcome == Outcome.REACHED
    if rule is None and reached:
        _end(attempt, Target.Status.DONE, at, "")
    elif rule is not None and rule.after_seconds is None:
        _end(attempt, Target.Status.DONE if reached else Target.Status.EXHAUSTED, at, f"{rule}: no further try.")
    elif used_up := _used_up(attempt, rule):
        _end(attempt, Target.Status.DONE if reached else Target.Status.EXHAUSTED, at, used_up)
    else:
        seconds = rule.after_seconds if rule is not None else attempt.campaign.retry_seconds
        _again(attempt, at + timedelta(seconds=seconds or 0), f"After “{attempt.get_outcome_display()}”.")


def _rule(campaign: Campaign, **about: object) -> RetryRule | None:
    return RetryRule.objects.filter(campaign=campaign, **about).select_related("disposition").first()


def _used_up(attempt: Attempt, rule: RetryRule | None) -> str:
    """Why there is no try left, or ""."""
    done = Attempt.objects.filter(target=attempt.target_id, counted=True)
    if done.count() >= attempt.campaign.most_tries:
        return f"All {attempt.campaign.most_tries} tries are used up."
    if rule is not None and rule.most_tries:
        same = done.filter(filed=rule.disposition_id) if rule.disposition_id else done.filter(outcome=rule.outcome)
        if same.count() >= rule.most_tries:
            return f"{rule}: {rule.most_tries} tries are used up."
    return ""


def _again(attempt: Attempt, due: datetime, why: str, *, reserved_for: Operator | None = None) -> None:
    Target.objects.filter(pk=attempt.target_id, status=Target.Status.CALLING).update(
        status=Target.Status.WAITING, due_at=due, why=why[:300], last_outcome=attempt.outcome, ended_at=None,
        reserved_for=reserved_for,
    )  # fmt: skip
    _note(attempt, f"again from {due:%Y-%m-%d %H:%M} UTC")


def _end(attempt: Attempt, to: str, at: datetime, why: str) -> None:
    Target.objects.filter(pk=attempt.target_id, status__in=Target.OPEN).update(
        status=to, ended_at=at, why=why[:300], last_outcome=attempt.outcome, reserved_for=None
    )
    _note(attempt, "no further try")


def _note(attempt: Attempt, following: str) -> None:
    calls.record(
        attempt.call, "campaigns.ended", subject=f"campaign:{attempt.campaign.public_id}",
        campaign=attempt.campaign.name, n=attempt.n, outcome=attempt.get_outcome_display(), next=following,
    )  # fmt: skip


def _slow_down(attempt: Attempt, at: datetime) -> None:
    """The carrier is too busy, or does not want us at all: the whole campaign waits a little."""
    leg, campaign = attempt.leg, attempt.campaign
    if not is_trouble(leg):
        return
    pause = AFTER_TOO_MANY if leg.error_code in TOO_MANY else AFTER_TROUBLE
    Campaign.objects.filter(pk=campaign.pk).update(next_try_at=at + pause)
    if pause is AFTER_TROUBLE:
        notify.warn(
            f"campaign-cannot-call:{campaign.public_id}",
            f"The carrier does not make the calls of {campaign} (code {leg.error_code}). See Carrier requests.",
            client=campaign.client,
        )  # fmt: skip


def keep_off(attempt: Attempt, *, source: str) -> None:
    """The number is not called again by any campaign of the client."""
    promises.add_do_not_call(attempt.number, client=attempt.campaign.client, source=source)


@transaction.atomic
def refile(call_id: int) -> bool:
    """The operator filed the call after it had ended: the rule of the disposition decides anew. Twice is once."""
    rows = Attempt.objects.select_for_update(no_key=True, of=("self",))
    rows = rows.select_related("call__client", "call__disposition", "leg", "campaign__client", "target__contact")
    attempt = rows.filter(call=call_id, ended_at__isnull=False, call__disposition__isnull=False).first()
    if attempt is None or attempt.filed_id == attempt.call.disposition_id:
        return False
    if Attempt.objects.filter(target=attempt.target_id, n__gt=attempt.n).exists():
        return False
    if _rule(attempt.campaign, disposition_id=attempt.call.disposition_id) is None:
        Attempt.objects.filter(pk=attempt.pk).update(filed=attempt.call.disposition_id)
        return False
    if attempt.promised_at is not None:
        return False  # somebody named that hour in the call itself: it stands
    Target.objects.filter(pk=attempt.target_id).update(status=Target.Status.CALLING, ended_at=None)
    follow(attempt, clock.now())
    return True
