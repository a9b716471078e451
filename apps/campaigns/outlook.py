"""What is known before a start of how it will go: whether the carrier answers, and how long it may take. Reads only."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Avg, Count, F, Q

from apps.campaigns import pacers, reading
from apps.campaigns.models import Attempt, Campaign
from apps.carrier.models import CarrierRequest

LATELY = timedelta(minutes=15)
A_CALL = timedelta(seconds=60)  # before the campaign has calls of its own
CALLS_TO_LEARN_FROM = 20


def carrier_health(at: datetime) -> str:
    """How the carrier answered lately, in a sentence."""
    sums = CarrierRequest.objects.filter(at__gt=at - LATELY).aggregate(
        every=Count("pk"), failed=Count("pk", filter=~Q(outcome=CarrierRequest.Outcome.DONE))
    )
    if not sums["every"]:
        return "The carrier was not asked for anything in the last 15 minutes."
    if not sums["failed"]:
        return f"The carrier did all {sums['every']:,} requests of the last 15 minutes."
    return f"The carrier failed or refused {sums['failed']:,} of the {sums['every']:,} requests of the last 15 minutes."


def time_needed(campaign: Campaign, contacts: int) -> timedelta | None:
    """For one try of each of so many contacts, with those who are ready now; None with nobody there to talk."""
    at_once = min(campaign.max_concurrent_calls, campaign.client.max_concurrent_calls, settings.GLOBAL_MAX_CALLS)
    if campaign.mode in Campaign.WITH_OPERATORS:
        at_once = min(at_once, len(reading.ready_operators(campaign)))
    if not at_once or not contacts:
        return None
    each = _a_call(campaign) + timedelta(seconds=campaign.preview_seconds if campaign.mode == "preview" else 0)
    pause = timedelta(seconds=pacers.pause_seconds(campaign))
    return max(each / at_once, pause) * contacts


def _a_call(campaign: Campaign) -> timedelta:
    """How long a try holds its line, on average."""
    ended = Attempt.objects.filter(campaign=campaign, ended_at__isnull=False, counted=True)
    known = ended.aggregate(count=Count("pk"), mean=Avg(F("ended_at") - F("began_at")))
    return known["mean"] if known["count"] >= CALLS_TO_LEARN_FROM else A_CALL


def in_words(needed: timedelta) -> str:
    """About: 40 minutes, 3 hours, 2 days."""
    minutes = needed.total_seconds() / 60
    for size, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = round(minutes / size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "a minute"
