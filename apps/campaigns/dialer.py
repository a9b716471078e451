"""One step of a campaign: who is called now is decided and reserved in one transaction; the carrier comes after commit.

Lock order: the limits (of house and clients, one lock), the campaign, its targets. What is counted under these locks is
rows, so nothing can leak and no process can exceed a limit. A reservation is an attempt with its call and its line;
from there on `calls` dials it at most once, and only evidence (callback, the carrier's list, the grace) ends it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from apps.calls import limits, outgoing
from apps.calls import services as calls
from apps.calls.models import Leg
from apps.campaigns import completion, leases, pacers, permission, reading, warmup
from apps.campaigns.models import Attempt, Campaign, Permission, Target
from apps.campaigns.permission import ALLOWED, NEVER, Line, Rules, Verdict
from apps.campaigns.reading import Candidate
from apps.core import clock, events
from apps.core.nudges import nudge
from apps.core.refused import Refused
from apps.notify import services as notify

logger = logging.getLogger(__name__)

SPARE = 20  # how many more targets are looked at than calls are wanted: some may not be called now
BATCH = 20  # calls reserved in one transaction: it holds the limits of the house, so it stays short
QUARANTINE = timedelta(hours=1)
_NOBODYS_FAULT = frozenset({"limit_reached"})
_DETECTION = {Campaign.Machine.OFF: "", Campaign.Machine.MESSAGE: "DetectMessageEnd"}


class LostLease(Exception):
    """Somebody else dials for the campaign now, or it does not run any more: nothing was written."""


@dataclass
class Round:
    """What one reservation did: calls made, whether there may be more to do at once, or the house cannot call now."""

    made: int = 0
    more: bool = False
    refused: bool = False


@dataclass(frozen=True)
class Chosen:
    """Who is to be called, on which line, and why that may be."""

    candidate: Candidate
    line: Line
    verdict: Verdict


def step(campaign_id: int, *, go_on: Callable[[], bool] = lambda: True) -> int:
    """Reserve what is due of one campaign; how many calls. Nothing when another process is at it.

    `go_on` is asked between two rounds: false ends the step early, with the lease given back.
    """
    me, at = leases.me(), clock.now()
    # Most that come find somebody at it: a question without a lock tells them.
    campaign = leases.open_to(me).filter(pk=campaign_id).first()
    if campaign is None:
        return 0
    if not warmup.is_awake(campaign, at):
        warmup.ask_soon(campaign, at)
        return 0
    fence = leases.take(campaign_id, me)
    if fence is None:
        return 0
    made = 0
    try:
        while go_on():
            done = reserve(campaign_id, fence)
            made += done.made
            if not done.more:
                break
    except LostLease:
        logger.info("Campaign %s is somebody else's by now; nothing was written.", campaign_id)
    finally:
        leases.release(campaign_id, fence)
        if not go_on():
            nudge("apps.campaigns.tasks.step", campaign_id)  # somebody else goes on at once
    return made


def tick(*, go_on: Callable[[], bool] = lambda: True) -> int:
    """One step of each running campaign that may have something to do, and a heartbeat of those that wait."""
    made, now = 0, clock.now()
    alive = Q(heartbeat_at__gt=now - timedelta(milliseconds=settings.HEARTBEAT_INTERVAL))
    waits = alive & (Q(next_try_at__gt=now) | Q(look_again_at__gt=now))
    for campaign_id in list(Campaign.objects.running().exclude(waits).values_list("pk", flat=True)):
        if go_on():
            made += step(campaign_id, go_on=go_on)
    return made


@transaction.atomic
def reserve(campaign_id: int, fence: int) -> Round:
    """Decide and reserve under `fence`: attempts with their calls and lines, which are dialled after commit.

    Each target that is looked at leaves a row in the ledger. Raises LostLease.
    """
    limits.hold()
    campaign, at = _held(campaign_id, fence), clock.now()
    free, words = reading.room(campaign)
    ready = reading.ready_operators(campaign) if campaign.mode in Campaign.WITH_OPERATORS else set()
    wanted = pacers.count(campaign, at, ready=len(ready), room=free, room_words=words)
    if wanted < 1:
        _rest(campaign, at, full=free < 1)
        return Round()
    more, wanted = wanted > BATCH, min(wanted, BATCH)
    look = wanted + SPARE
    mine = Q(reserved_for__isnull=True) | Q(reserved_for__in=ready)
    rows = Target.objects.due(at).filter(mine, campaign=campaign).select_related("contact__person")
    targets = list(rows.select_for_update(skip_locked=True, of=("self",), no_key=True)[:look])
    done = _decide(campaign, targets, wanted, at)
    # All that was wanted was made and more is, or so many may not be called now that others must be looked at.
    done.more = not done.refused and len(targets) == look and (more or done.made < wanted)
    if not targets:
        completion.complete_if_done(campaign)
    _alive(campaign, at, done)
    return done


def _held(campaign_id: int, fence: int) -> Campaign:
    """The campaign, locked until commit, if it is still ours to dial for."""
    rows = Campaign.objects.select_for_update(no_key=True, of=("self",)).select_related("client", "queue", "schedule")
    campaign = rows.get(pk=campaign_id)
    if campaign.status != Campaign.Status.RUNNING or campaign.fence != fence:
        raise LostLease
    return campaign


def _rest(campaign: Campaign, at: datetime, *, full: bool) -> None:
    """Nothing can be dialled now. With every line in use it is looked at again when a call ends, or after a while."""
    if full:
        wait = timedelta(milliseconds=settings.MAX_CONCURRENT_CALL_WAIT)
        Campaign.objects.filter(pk=campaign.pk).update(look_again_at=at + wait)
    elif not Target.objects.filter(campaign=campaign, status__in=Target.OPEN).exists():
        completion.complete_if_done(campaign)


def _alive(campaign: Campaign, at: datetime, done: Round) -> None:
    changes = {"last_activity_at": at} if done.made else {}
    Campaign.objects.filter(pk=campaign.pk).update(look_again_at=None, **changes)


def _decide(campaign: Campaign, targets: list[Target], wanted: int, at: datetime) -> Round:
    rules, chosen, ledger, numbers = reading.rules_of(campaign, at), [], [], set()
    for candidate in reading.candidates(campaign, targets, at):
        if len(chosen) >= wanted:
            break
        line, verdict = choose(rules, candidate, at)
        if verdict.kind == ALLOWED and line.number in numbers:
            continue  # two contacts with one telephone: the next round finds it engaged
        if verdict.kind == ALLOWED:
            chosen.append(Chosen(candidate, line, verdict))
            numbers.add(line.number)
        else:
            ledger.append(put_off(campaign, rules, candidate, line, verdict, at))
    Permission.objects.bulk_create(ledger)
    began = not chosen or _begin(campaign, rules, chosen, at)
    return Round(made=len(chosen) if began else 0, refused=not began)


def choose(rules: Rules, candidate: Candidate, at: datetime) -> tuple[Line, Verdict]:
    """The number that may be called now, else the one that may be soonest, with its verdict."""
    if not candidate.lines:
        return Line(""), Verdict(NEVER, "no_number", "The contact has no number.")
    verdicts = [permission.decide(rules, candidate.who, line, at) for line in candidate.lines]
    chosen = permission.best(verdicts)
    return candidate.lines[chosen], verdicts[chosen]


def put_off(
    campaign: Campaign, rules: Rules, candidate: Candidate, line: Line, verdict: Verdict, at: datetime
) -> Permission:
    """Not now, or not at all: the target keeps the reason; the row for the ledger holds the facts."""
    changes = {"why": verdict.sentence[:300]}
    if verdict.kind == NEVER:
        used_up = verdict.code == "tries_used_up"
        status = Target.Status.EXHAUSTED if used_up else Target.Status.SKIPPED
        changes |= {"status": status, "ended_at": at}
    else:
        changes |= {"due_at": verdict.until}
    Target.objects.filter(pk=candidate.target.pk, status=Target.Status.WAITING).update(**changes)
    return ledger_row(campaign, rules, candidate, line, verdict, at)


def ledger_row(
    campaign: Campaign, rules: Rules, candidate: Candidate, line: Line, verdict: Verdict, at: datetime,
    attempt: Attempt | None = None,
) -> Permission:  # fmt: skip
    return Permission(
        campaign=campaign, target=candidate.target, at=at, number=line.number, verdict=verdict.kind, code=verdict.code,
        sentence=verdict.sentence[:300], until=verdict.until, facts=permission.as_facts(rules, candidate.who, line),
        attempt=attempt,
    )  # fmt: skip


def _begin(campaign: Campaign, rules: Rules, chosen: Sequence[Chosen], at: datetime) -> bool:
    """Reserve these calls, all with the same few statements. False: the house cannot call now."""
    try:
        with transaction.atomic(), events.gathered():
            attempts = _write(campaign, chosen, at)
            Permission.objects.bulk_create(
                ledger_row(campaign, rules, each.candidate, each.line, each.verdict, at, attempt)
                for each, attempt in zip(chosen, attempts, strict=True)
            )
    except Refused as refusal:
        if refusal.code not in _NOBODYS_FAULT:
            _stop(campaign, refusal.sentence, at)
        return False
    except IntegrityError:
        if len(chosen) > 1:
            # The tables forbid one of them: each alone, so that the others are called.
            return all(_begin(campaign, rules, [each], at) for each in chosen)
        # It is looked at by a person, and not again and again by us.
        logger.exception("Target %s was put aside.", chosen[0].candidate.target.pk)
        _quarantine(campaign, chosen[0].candidate.target, at)
    return True


def _write(campaign: Campaign, chosen: Sequence[Chosen], at: datetime) -> list[Attempt]:
    orders = [
        outgoing.Order(line.number, person=who.person_of(line), language=who.target.contact.language)
        for who, line in ((each.candidate, each.line) for each in chosen)
    ]
    placed = outgoing.place_all(campaign.client, orders, caller_id=campaign.caller_id)
    detection = _DETECTION.get(Campaign.Machine(campaign.machine), "Enable")
    legs = calls.add_legs([
        calls.new_leg(
            call, role=Leg.Role.CUSTOMER, address=call.customer_number, ring_seconds=campaign.ring_seconds,
            machine_detection=detection,
        )
        for call in placed
    ])  # fmt: skip
    return note_attempts(campaign, [each.candidate.target for each in chosen], legs, at)


def note_attempts(campaign: Campaign, targets: Sequence[Target], legs: Sequence[Leg], at: datetime) -> list[Attempt]:
    """The tries of `targets` that `legs` are, each in turn, in the transaction that reserves them."""
    keys = [target.pk for target in targets]
    tries = Attempt.objects.filter(target__in=keys).order_by()
    last = dict(tries.values_list("target").annotate(Max("n")))
    attempts = Attempt.objects.bulk_create(
        Attempt(
            campaign=campaign, target=target, n=last.get(target.pk, 0) + 1, number=leg.address, call=leg.call, leg=leg,
            fence=campaign.fence, began_at=at,
        )
        for target, leg in zip(targets, legs, strict=True)
    )  # fmt: skip
    Target.objects.filter(pk__in=keys, status=Target.Status.WAITING).update(status=Target.Status.CALLING, why="")
    for attempt in attempts:
        calls.record(
            attempt.call, "campaigns.reserved", subject=f"campaign:{campaign.public_id}", campaign=campaign.name,
            contact=str(attempt.target.contact), n=attempt.n,
        )  # fmt: skip
    return attempts


def _stop(campaign: Campaign, sentence: str, at: datetime) -> None:
    """The house cannot call for this campaign (no caller id, say): managers are told, and it is tried again later."""
    Campaign.objects.filter(pk=campaign.pk).update(next_try_at=at + timedelta(minutes=1))
    notify.warn(
        f"campaign-cannot-call:{campaign.public_id}", f"The campaign {campaign} cannot call. {sentence}",
        client=campaign.client,
    )  # fmt: skip


def _quarantine(campaign: Campaign, target: Target, at: datetime) -> None:
    why = "Put aside for an hour: an earlier try of this contact is not over in our books."
    Target.objects.filter(pk=target.pk).update(due_at=at + QUARANTINE, why=why)
    notify.warn(
        f"campaign-target-aside:{campaign.public_id}", f"A contact of {campaign} was put aside: see its contacts.",
        client=campaign.client,
    )  # fmt: skip
