"""Who dials for a campaign: one process at a time, known by a number that grows with each change.

The lease is only courtesy: it keeps processes from working on the same campaign at once. What makes it safe is the
fence: each reservation reads it under the campaign's lock, so that a process that slept through its lease writes
nothing. Times are the database's, because clocks of machines differ.
"""

from __future__ import annotations

import os
import socket
import threading
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Func, Q, Value, When

from apps.campaigns.models import Campaign
from apps.core import clock, events


class _DatabaseClock(Func):
    """The moment by the database's clock, also within a transaction."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


def me() -> str:
    """This process and thread, by a name that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}"


@transaction.atomic
def take(campaign_id: int, owner: str) -> int | None:
    """The fence, if the campaign runs and is nobody else's; the lease is renewed. None: leave it alone."""
    free = Q(owner__in=["", owner]) | Q(lease_until__isnull=True) | Q(lease_until__lt=_DatabaseClock())
    rows = Campaign.objects.running().filter(free, pk=campaign_id)
    before = rows.select_for_update(no_key=True, skip_locked=True).values_list("owner", flat=True).first()
    if before is None:
        return None
    Campaign.objects.filter(pk=campaign_id).update(
        fence=Case(When(owner=owner, then=F("fence")), default=F("fence") + 1),
        owner=Value(owner),
        lease_until=_DatabaseClock() + timedelta(seconds=settings.DIALER_LEASE_SECONDS),
        heartbeat_at=clock.now(),
    )
    campaign = Campaign.objects.select_related("client").get(pk=campaign_id)
    if before not in ("", owner):
        events.record(
            "campaigns.taken_over", subject=f"campaign:{campaign.public_id}", client_ref=campaign.client.public_id,
            campaign=campaign.name, owner=owner, fence=campaign.fence,
        )  # fmt: skip
    return campaign.fence


def release(campaign_id: int, fence: int) -> None:
    """Let anybody go on at once; nothing when somebody else has it by now."""
    Campaign.objects.filter(pk=campaign_id, fence=fence).update(owner="", lease_until=None)
