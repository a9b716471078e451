"""One step of a campaign: who is called now is decided and reserved in one transaction; the carrier comes after commit.

Lock order: the limits (house, client), the campaign, its targets. What is counted under these locks is rows, so nothing
can leak and no process can exceed a limit. A reservation is an attempt with its call and its line; from there on
`calls` dials it at most once, and only evidence (callback, the carrier's list, the grace) ends it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.campaigns import completion, leases, pacers, permission, reading, warmup
from apps.campaigns.models import Attempt, Campaign, Permission, Target
from apps.campaigns.permission import ALLOWED, NEVER, Line, Rules, Verdict
from apps.campaigns.reading import Candidate
from apps.core import clock
from apps.core.refused import Refused
from apps.notify import services as notify
from apps.people import services as people

logger = logging.getLogger(__name__)

SPARE = 20  # how many more targets are looked at than calls are wanted: some may not be called now
BATCH = 10  # calls reserved in one transaction: it holds the limits of the house, so it stays short
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


def step(campaign_id: int, *, go_on: Callable[[], bool] = lambda: True) -> int:
    """Reserve what is due of one campaign; how many calls. Nothing when another process is at it.

    `go_on` is asked between two rounds: false ends the step early, with the lease given back.
    """
    campaign, at = Campaign.objects.get(pk=campaign_id), clock.now()
    if not warmup.is_awake(campaign, at):
        warmup.ask_soon(campaign, at)
        return 0
    fence = leases.take(campaign_id, leases.me())
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
    client_id = Campaign.objects.values_list("client", flat=True).get(pk=campaign_id)
    calls.hold_limits([client_id])
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
    rules, done, ledger = reading.rules_of(campaign, at), Round(), []
    for candidate in reading.candidates(campaign, targets, at):
        if done.made >= wanted:
            break
        line, verdict = choose(rules, candidate, at)
        if verdict.kind != ALLOWED:
            ledger.append(put_off(campaign, rules, candidate, line, verdict, at))
        elif not _begin(campaign, rules, candidate, line, verdict, at):
            done.refused = True
            break
        else:
            done.made += 1
    Permission.objects.bulk_create(ledger)
    return done


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
    campaign: Campaign, rules: Rules, candidate: Candidate, line: Line, verdict: Verdict, at: datetime
) -> Permission:
    return Permission(
        campaign=campaign, target=candidate.target, at=at, number=line.number, verdict=verdict.kind, code=verdict.code,
        sentence=verdict.sentence[:300], until=verdict.until, facts=permission.as_facts(rules, candidate.who, line),
    )  # fmt: skip


def _begin(campaign: Campaign, rules: Rules, candidate: Candidate, line: Line, verdict: Verdict, at: datetime) -> bool:
    """Reserve one call. False: the house cannot call now, so none of the others can be either."""
    try:
        with transaction.atomic():
            attempt = _write(campaign, candidate.target, line.number, at)
            permitted = ledger_row(campaign, rules, candidate, line, verdict, at)
            permitted.attempt = attempt
            permitted.save(force_insert=True)
    except Refused as refusal:
        if refusal.code in _NOBODYS_FAULT:
            return False
        _stop(campaign, refusal.sentence, at)
        return False
    except IntegrityError:
        # The tables forbid this try: it is looked at by a person, and not again and again by us.
        logger.exception("Target %s was put aside.", candidate.target.pk)
        _quarantine(campaign, candidate.target, at)
    return True


def _write(campaign: Campaign, target: Target, number: str, at: datetime) -> Attempt:
    contact = target.contact
    call = calls.place(
        campaign.client, to=number, caller_id=campaign.caller_id,
        person=contact.person or people.find_by_number(campaign.client, number),
    )  # fmt: skip
    if contact.language:
        call.language = contact.language
        call.save(update_fields=["language"])
    leg = calls.add_leg(
        call, role=Leg.Role.CUSTOMER, address=number, ring_seconds=campaign.ring_seconds,
        machine_detection=_DETECTION.get(Campaign.Machine(campaign.machine), "Enable"),
    )  # fmt: skip
    return note_attempt(campaign, target, number, call, leg, at)


def note_attempt(campaign: Campaign, target: Target, number: str, call: Call, leg: Leg, at: datetime) -> Attempt:
    """The try that `leg` of `call` is, in the transaction that reserves it."""
    last = Attempt.objects.filter(target=target).aggregate(last=Max("n"))["last"] or 0
    attempt = Attempt.objects.create(
        campaign=campaign, target=target, n=last + 1, number=number, call=call, leg=leg, fence=campaign.fence,
        began_at=at,
    )  # fmt: skip
    Target.objects.filter(pk=target.pk, status=Target.Status.WAITING).update(status=Target.Status.CALLING, why="")
    calls.record(
        call, "campaigns.reserved", subject=f"campaign:{campaign.public_id}", campaign=campaign.name,
        contact=str(target.contact), n=attempt.n,
    )  # fmt: skip
    return attempt


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
