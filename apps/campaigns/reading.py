"""What the decisions are made from, read in few queries: people, numbers, limits, operators."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from django.db.models import Count, Q
from phonenumbers import timezone as number_zones

from apps.calls import limits
from apps.campaigns.models import Attempt, Campaign, ContactNumber, DoNotCall, Target
from apps.campaigns.pacing import Memory, Seen, Situation
from apps.campaigns.permission import Line, Rules, Somebody
from apps.carrier import policy
from apps.core.refused import Refused
from apps.hours import services as hours
from apps.operators.models import Engagement, Operator
from apps.people.models import Consent, Person
from apps.people.services import find_by_numbers
from apps.queues.models import QueueEntry

_TWO_DAYS = timedelta(days=2)
_REMEMBERED = 400  # attempts that predictive pacing learns from


def rules_of(campaign: Campaign, at: datetime) -> Rules:
    """What the campaign asks of a call."""
    schedule = campaign.schedule
    return Rules(
        call_from=campaign.call_from, call_until=campaign.call_until, most_tries=campaign.most_tries,
        most_tries_per_day=campaign.most_tries_per_day, needs_consent=campaign.needs_consent,
        hours=hours.facts(schedule, at) if schedule is not None else None,
    )  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A target with the facts about who it is and about each number, the one to try first in front."""

    target: Target
    who: Somebody
    lines: Sequence[Line]
    people: Mapping[str, Person]  # whose number it is

    def person_of(self, line: Line) -> Person | None:
        """Who is called on this line, where we know them."""
        return self.target.contact.person or self.people.get(line.number)


def candidates(campaign: Campaign, targets: Sequence[Target], at: datetime) -> list[Candidate]:
    """The facts of these targets, as they stand in this transaction."""
    numbers = defaultdict(list)
    for row in ContactNumber.objects.filter(contact__in=[target.contact_id for target in targets]):
        numbers[row.contact_id].append(row.number)
    every = {number for each in numbers.values() for number in each}
    listed = dict(DoNotCall.objects.standing_against(campaign).filter(number__in=every).values_list("number", "source"))
    people = find_by_numbers(campaign.client, every)
    objectors = {number: f"{who.name} asked not to be called" for number, who in people.items() if who.do_not_call}
    listed = objectors | listed
    called = _called(campaign, targets, every, at)
    consents = _consents(targets)
    found = []
    for target in targets:
        tried = called.tries[target.pk]
        order = sorted(numbers[target.contact_id], key=lambda number: tried[number])
        who = _who(campaign, target, order, sum(tried.values()), consents)
        lines = [
            Line(
                number, forbidden(number, campaign.client.country), listed.get(number),
                list((called.of_target[target.pk] | called.of_number[number]).values()),
                bool(called.engaged[number] - {target.pk}),
            )
            for number in order
        ]  # fmt: skip
        found.append(Candidate(target, who, lines, people))
    return found


@dataclass
class _Called:
    tries: dict[int, Counter[str]]  # by target: how often which number
    of_target: dict[int, dict[int, datetime]]  # by target: when, by key of the try
    of_number: dict[str, dict[int, datetime]]
    engaged: dict[str, set[int]]  # by number: the targets whose call to it is under way


def _called(campaign: Campaign, targets: Sequence[Target], every: Iterable[str], at: datetime) -> _Called:
    """Earlier tries: all of these targets, and those of the numbers in the last two days by any campaign."""
    found = _Called(defaultdict(Counter), defaultdict(dict), defaultdict(dict), defaultdict(set))
    counted = Attempt.objects.filter(counted=True)
    known = [target.pk for target in targets if target.pk]
    for key, target_id, number, began in counted.filter(target__in=known).values_list(
        "pk", "target", "number", "began_at"
    ):
        found.tries[target_id][number] += 1
        if began > at - _TWO_DAYS:
            found.of_target[target_id][key] = began
    recent = counted.filter(number__in=every, began_at__gt=at - _TWO_DAYS, campaign__client=campaign.client_id)
    rows = recent.values_list("pk", "number", "began_at", "ended_at", "target")
    for key, number, began, ended, target_id in rows:
        found.of_number[number][key] = began
        if ended is None:
            found.engaged[number].add(target_id)
    return found


def _consents(targets: Sequence[Target]) -> dict[int, Consent]:
    """The newest word of each person about being called."""
    people = [target.contact.person_id for target in targets if target.contact.person_id]
    rows = Consent.objects.filter(person__in=people, subject=Consent.Subject.CALLS).order_by("at", "pk")
    return {row.person_id: row for row in rows}


def _who(
    campaign: Campaign, target: Target, numbers: Sequence[str], tries: int, consents: dict[int, Consent]
) -> Somebody:
    contact, said = target.contact, consents.get(target.contact.person_id or 0)
    objection = ""
    if contact.do_not_call:
        objection = "The list says that this contact is not to be called."
    elif contact.person is not None and contact.person.do_not_call:
        objection = f"{contact.person.name} asked not to be called."
    return Somebody(
        zones=zones_of(contact.time_zone, numbers, campaign.client.time_zone),
        consent=said.given if said is not None else contact.consent,
        source=said.source if said is not None else contact.consent_source,
        objection=objection,
        tries=tries,
    )


def zones_of(own: tzinfo | None, numbers: Sequence[str], house: tzinfo) -> tuple[tzinfo, ...]:
    """The contact's own zone, else every zone that one of their numbers may be in, else the house's."""
    if own is not None:
        return (own,)
    return tuple(dict.fromkeys(zone for number in numbers for zone in _zones(number))) or (house,)


@lru_cache(maxsize=8192)
def _zones(number: str) -> tuple[ZoneInfo, ...]:
    try:
        names = number_zones.time_zones_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(ZoneInfo(name) for name in names if name != "Etc/Unknown")


def forbidden(number: str, country: str) -> str:
    """Why the number policy refuses this number; "" when it does not. The port asks again when it dials."""
    try:
        policy.check_destination(number, country=country)
    except Refused as refusal:
        return refusal.sentence
    return ""


# --- Room and operators ----------------------------------------------------------------------------------------------


def room(campaign: Campaign) -> tuple[int, str]:
    """How many more calls the limits allow now, and which limit that is. True until commit for who holds the limits, a
    look for others."""
    own = campaign.max_concurrent_calls - Attempt.objects.open().filter(campaign=campaign).count()
    shared = limits.free_places(campaign.client)
    if own <= shared:
        return max(0, own), f"the campaign's limit of {campaign.max_concurrent_calls}"
    return max(0, shared), "the lines of the client and of the house"


def ready_operators(campaign: Campaign) -> set[int]:
    """Members of the campaign's queue who could take a call at once."""
    members = Operator.objects.ready().filter(memberships__queue=campaign.queue_id, memberships__active=True)
    return set(members.values_list("pk", flat=True))


def situation(campaign: Campaign, at: datetime, *, ready: int, room: int, room_words: str) -> Situation:
    """The moment as the pacers want it. Callers who wait already will have the next operators."""
    if campaign.mode == Campaign.Mode.AGENTLESS:
        mine = Attempt.objects.unanswered().filter(campaign=campaign)
        return Situation(ready=0, dialling=_ages(mine.values_list("began_at", flat=True), at), room=room)
    queue = campaign.queue_id
    entries = QueueEntry.objects.filter(queue=queue)
    waiting = entries.servable(at).count()
    # All campaigns of the queue wait for the same operators.
    dialling = Attempt.objects.unanswered().filter(campaign__queue=queue).values_list("began_at", flat=True)
    talking = entries.filter(status__in=["talking", "offered"]).values_list("place_at", flat=True)
    wrap_ups = Engagement.objects.open().filter(
        purpose=Engagement.Purpose.WRAP_UP, operator__memberships__queue=queue, operator__memberships__active=True
    )
    answered, abandoned = abandoned_of(campaign, at)
    predictive = campaign.mode == Campaign.Mode.PREDICTIVE
    # Of thirty days those of the oldest one: what they allow is gone tomorrow.
    leaving = abandoned_of(campaign, at, until=at - _window(campaign) * 29 / 30) if predictive else (0, 0)
    return Situation(
        ready=max(0, ready - waiting), talking=_ages(talking, at),
        wrapping_up=_ages(wrap_ups.values_list("since", flat=True), at), dialling=_ages(dialling, at),
        room=room, room_words=room_words, answered=answered, abandoned=abandoned,
        leaving_answered=leaving[0], leaving_abandoned=leaving[1], seen=seen(campaign) if predictive else Seen(),
    )  # fmt: skip


def _ages(moments: Iterable[datetime], at: datetime) -> tuple[float, ...]:
    return tuple(max(0.0, (at - moment).total_seconds()) for moment in moments)


def _window(campaign: Campaign) -> timedelta:
    return timedelta(days=campaign.abandoned_window_days)


def abandoned_of(campaign: Campaign, at: datetime, *, until: datetime | None = None) -> tuple[int, int]:
    """Calls that a person answered within the policy's window (of those, up to `until`), and those among them that
    nobody was free for."""
    window = Attempt.objects.filter(
        campaign=campaign, answered_at__gt=at - _window(campaign), ended_at__isnull=False
    ).exclude(outcome=Attempt.Outcome.MACHINE)
    if until is not None:
        window = window.filter(answered_at__lte=until)
    sums = window.aggregate(answered=Count("pk"), abandoned=Count("pk", filter=Q(outcome=Attempt.Outcome.ABANDONED)))
    return sums["answered"], sums["abandoned"]


def seen(campaign: Campaign) -> Seen:
    """What the last attempts have shown, for predictive pacing."""
    memory = Memory()
    rows = Attempt.objects.filter(campaign=campaign, ended_at__isnull=False, counted=True).order_by("-ended_at")
    for attempt in reversed(rows[:_REMEMBERED]):
        person = attempt.answered_at is not None and attempt.outcome != Attempt.Outcome.MACHINE
        decided = attempt.answered_at or attempt.ended_at
        memory.dialled(answered=person, ring_seconds=max(0.0, (decided - attempt.began_at).total_seconds()))
        if attempt.connected_at is not None and attempt.ended_at is not None:
            memory.talked(max(0.0, (attempt.ended_at - attempt.connected_at).total_seconds()))
    return memory.seen()
