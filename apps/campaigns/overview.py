"""How a campaign stands, in figures and in words. Reads only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q

from apps.campaigns import dialer, floor, outlook, pacers, reading, warmup
from apps.campaigns.models import Attempt, Campaign, Contact, Permission, Target
from apps.campaigns.permission import ALLOWED, LATER
from apps.core import clock

SAMPLE = 2000  # contacts that the pre-flight looks at; more are counted from these
RATE_OVER = timedelta(minutes=15)
SHORTEST = timedelta(minutes=1)  # of dialling, from which a rate is told


@dataclass(frozen=True)
class Progress:
    """`position` is how many contacts are through; `remaining` wait or are being called. Nothing of it is stored."""

    total: int
    position: int
    remaining: int
    waiting: int
    calling: int
    done: int
    exhausted: int
    skipped: int
    percent: float
    tries: dict[str, int]
    talking: int
    unknown: int
    answered: int
    abandoned: int
    abandoned_percent: float
    calls_per_hour: float
    estimated_end: datetime | None
    heartbeat_at: datetime | None
    last_activity_at: datetime | None
    orphaned: bool


def progress(campaign: Campaign, at: datetime | None = None) -> Progress:
    """Where the campaign stands at `at`, by default now."""
    at = at or clock.now()
    sums = dict(Target.objects.filter(campaign=campaign).order_by().values_list("status").annotate(count=Count("pk")))
    if campaign.status == Campaign.Status.DRAFT and not sums:
        # Contacts become targets with the start.
        sums = {Target.Status.WAITING: Contact.objects.filter(list=campaign.contact_list_id).count()}
    total, left = sum(sums.values()), sum(sums.get(status, 0) for status in Target.OPEN)
    attempts = Attempt.objects.filter(campaign=campaign).order_by()
    tries = dict(attempts.exclude(outcome="").values_list("outcome").annotate(count=Count("pk")))
    stages = Counter(attempts.open().staged().values_list("stage", flat=True))
    answered, abandoned = reading.abandoned_of(campaign, at)
    running = campaign.status == Campaign.Status.RUNNING
    per_hour = _per_hour(campaign, at)
    return Progress(
        total=total, position=total - left, remaining=left, waiting=sums.get("waiting", 0),
        calling=sums.get("calling", 0), done=sums.get("done", 0), exhausted=sums.get("exhausted", 0),
        skipped=sums.get("skipped", 0),
        percent=round(100 * (total - left) / total, 1) if total else 0.0, tries=tries,
        talking=stages[Attempt.Stage.TALKING], unknown=stages[Attempt.Stage.UNKNOWN], answered=answered,
        abandoned=abandoned, abandoned_percent=round(100 * abandoned / answered, 2) if answered else 0.0,
        calls_per_hour=round(per_hour, 1),
        estimated_end=at + timedelta(hours=left / per_hour) if running and per_hour and left else None,
        heartbeat_at=campaign.heartbeat_at, last_activity_at=campaign.last_activity_at,
        orphaned=running and is_stale(campaign, at),
    )  # fmt: skip


def _per_hour(campaign: Campaign, at: datetime) -> float:
    """Tries that ended, by what was dialled since it runs, and of that the last quarter of an hour."""
    begun = max(filter(None, (campaign.started_at, campaign.resumed_at)), default=at)
    since = max(begun, at - RATE_OVER)
    ended = Attempt.objects.filter(campaign=campaign, ended_at__gt=since, ended_at__lte=at, counted=True).count()
    return ended * 3600 / max(at - since, SHORTEST).total_seconds()


def is_stale(campaign: Campaign, at: datetime) -> bool:
    """Of a running campaign: whether no dialer has looked at it for ORPHAN_DETECTION_THRESHOLD."""
    since = max(filter(None, (campaign.heartbeat_at, campaign.started_at, campaign.resumed_at)), default=None)
    return since is not None and since < at - timedelta(milliseconds=settings.ORPHAN_DETECTION_THRESHOLD)


# --- Failed calls ----------------------------------------------------------------------------------------------------

_ADVICE = {
    Attempt.Outcome.BUSY: "Busy lines are often free soon: a retry after 15 minutes reaches most.",
    Attempt.Outcome.NO_ANSWER: "Try at another time of day: a retry after some hours, or on another weekday.",
    Attempt.Outcome.MACHINE: "Leave a message, or try in the evening, when people are at home.",
    Attempt.Outcome.ABANDONED: "They picked up and nobody was free: dial fewer at once, or have more operators ready.",
    Attempt.Outcome.FAILED: "The carrier cannot reach these numbers: check them, and take the wrong ones off the list.",
    Attempt.Outcome.NOT_PLACED: "The carrier did not take these calls: see Carrier requests for its reasons.",
}  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """How often tries ended so, how many contacts get another one, and what helps."""

    outcome: str
    words: str
    tries: int
    contacts: int
    retried: int
    advice: str


def failures(campaign: Campaign) -> list[Failure]:
    """The tries that reached nobody, the most frequent end first."""
    ended = Attempt.objects.filter(campaign=campaign, outcome__in=_ADVICE).order_by()
    rows = ended.values("outcome").annotate(
        tries=Count("pk"), contacts=Count("target", distinct=True),
        retried=Count("target", distinct=True, filter=Q(target__status__in=Target.OPEN)),
    )  # fmt: skip
    found = [
        Failure(
            row["outcome"], Attempt.Outcome(row["outcome"]).label, row["tries"], row["contacts"], row["retried"],
            _ADVICE[row["outcome"]],
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda row: -row.tries)


def moment(campaign: Campaign, at: datetime) -> str:
    """Day and hour by the client's clock, with the zone's name."""
    return f"{at.astimezone(campaign.client.time_zone):%Y-%m-%d %H:%M %Z}"


# --- Before the start ------------------------------------------------------------------------------------------------


@dataclass
class Preflight:
    """How many contacts could be called now, later or never, why not, and what else is to know before the start.

    With more than SAMPLE contacts the first so many are looked at, and `sampled` says so.
    """

    contacts: int = 0
    looked_at: int = 0
    now: int = 0
    later: int = 0
    never: int = 0
    reasons: list[tuple[str, int]] = field(default_factory=list)
    next_at: datetime | None = None
    estimated_end: datetime | None = None
    sentences: list[str] = field(default_factory=list)

    @property
    def sampled(self) -> bool:
        return self.looked_at < self.contacts


def preflight(campaign: Campaign, at: datetime | None = None) -> Preflight:
    """What would happen if the campaign ran at `at`."""
    at, found = at or clock.now(), Preflight()
    contacts = Contact.objects.filter(list=campaign.contact_list_id)
    over = Target.objects.filter(campaign=campaign).exclude(status__in=Target.OPEN).values("contact")
    contacts = contacts.exclude(pk__in=over)
    found.contacts = contacts.count()
    begun = Target.objects.filter(campaign=campaign, status__in=Target.OPEN)[:SAMPLE]
    known = {target.contact_id: target for target in begun}
    rows = list(contacts.select_related("person").order_by("pk")[:SAMPLE])
    targets = [known.get(row.pk) or Target(campaign=campaign, contact=row) for row in rows]
    rules, reasons = reading.rules_of(campaign, at), Counter[str]()
    untils = []
    for candidate in reading.candidates(campaign, targets, at):
        _line, verdict = dialer.choose(rules, candidate, at)
        found.looked_at += 1
        if verdict.kind == ALLOWED:
            found.now += 1
            continue
        reasons[_REASONS.get(verdict.code, verdict.code)] += 1
        if verdict.kind == LATER:
            found.later += 1
            untils.append(verdict.until)
        else:
            found.never += 1
    found.reasons, found.next_at = reasons.most_common(), min(filter(None, untils), default=None)
    found.sentences = [*_about_the_house(campaign), outlook.carrier_health(at)]
    callable_now = round(found.now * found.contacts / found.looked_at) if found.looked_at else 0
    if (needed := outlook.time_needed(campaign, callable_now)) is not None:
        found.estimated_end = at + needed
        found.sentences.append(
            f"One try of each of the {callable_now:,} who may be called now takes about {outlook.in_words(needed)}, "
            f"until {moment(campaign, found.estimated_end)}."
        )
    return found


_REASONS = {
    "do_not_call": "on a do-not-call list", "no_consent": "without consent", "outside_hours": "outside calling hours",
    "forbidden_number": "a number that must not be called", "tries_used_up": "all tries used up",
    "tries_of_the_day": "called enough today", "no_number": "without a number",
    "in_a_call": "in a call now", "no_hours": "schedule and hours exclude each other",
    "closed_by_hand": "closed by hand", "no_common_hours": "no hour suits all their time zones",
}  # fmt: skip


def _about_the_house(campaign: Campaign) -> list[str]:
    said = []
    if campaign.mode in Campaign.WITH_OPERATORS:
        ready = len(reading.ready_operators(campaign))
        members = campaign.queue.memberships.filter(active=True) if campaign.queue else None
        count = members.count() if members is not None else 0
        there = floor.signed_in(campaign).count()
        said.append(f"{ready} of {count} operators of {campaign.queue} are ready now, {there} signed in.")
    limit, client = campaign.max_concurrent_calls, campaign.client
    said.append(
        f"At most {min(limit, client.max_concurrent_calls, settings.GLOBAL_MAX_CALLS)} calls at once (campaign "
        f"{limit}, client {client.max_concurrent_calls}, house {settings.GLOBAL_MAX_CALLS})."
    )
    shown = campaign.caller_id or client.caller_id
    said.append(f"Those called see {shown}." if shown else "There is no caller id yet: set one before the start.")
    return said


# --- Why is nothing dialling? ----------------------------------------------------------------------------------------


def why(campaign: Campaign, at: datetime | None = None) -> list[str]:
    """What the campaign does at this moment and what it waits for, in sentences; the most important one first."""
    at = at or clock.now()
    if campaign.status != Campaign.Status.RUNNING:
        return [
            _STOPPED[campaign.status].format(by=campaign.paused_by.display_name if campaign.paused_by else "Somebody")
        ]
    said = []
    if campaign.next_try_at and campaign.next_try_at > at:
        local = campaign.next_try_at.astimezone(campaign.client.time_zone)
        said.append(f"The carrier refused or was too busy: the next try is at {local:%H:%M:%S %Z}.")
    if not warmup.is_awake(campaign, at):
        said.append("The bot is being woken: calls begin when it answers.")
    due = Target.objects.due(at).filter(campaign=campaign)
    reserved = due.filter(reserved_for__isnull=False).count()
    count = due.count()
    if not count:
        said.append(_nobody_due(campaign))
    elif reserved == count:
        said.append(f"Contacts that wait for the operator who promised to call them: {reserved}.")
    said.append(_pace(campaign, at))
    if is_stale(campaign, at):
        said.append("No dialer has looked at this campaign for a while: is a worker or `manage.py dialer` running?")
    return said


_STOPPED = {
    Campaign.Status.DRAFT: "It is a draft: nobody is called before it is started.",
    Campaign.Status.PAUSED: "{by} paused it: nobody is dialled until it is resumed.",
    Campaign.Status.COMPLETED: "It is through with its contacts. With new ones on the list it can be started again.",
    Campaign.Status.CANCELLED: "It was cancelled for good: nobody is called any more.",
}


def _nobody_due(campaign: Campaign) -> str:
    waiting = Target.objects.waiting().filter(campaign=campaign)
    following = waiting.aggregate(at=Min("due_at"))["at"]
    if following is None:
        return "Nobody waits to be called: the last calls are under way."
    last = Permission.objects.filter(campaign=campaign, verdict=Permission.Verdict.LATER).first()
    because = f" {last.sentence}" if last and last.until == following else ""
    due = moment(campaign, following)
    return f"Contacts that wait: {waiting.count():,}. The next is due at {due}.{because}"


def _pace(campaign: Campaign, at: datetime) -> str:
    """What the pacer would do now."""
    free, words = reading.room(campaign)
    ready = len(reading.ready_operators(campaign)) if campaign.mode in Campaign.WITH_OPERATORS else 0
    if free < 1:
        return f"Every line is in use ({words}): it goes on when a call ends."
    advice = pacers.advise(campaign, at, ready=ready, room=free, room_words=words)
    if campaign.mode in Campaign.WITH_OPERATORS and not ready and not advice.dial:
        return floor.why_none_is_ready(campaign) or advice.why
    return advice.why
