"""Who dials for a campaign: one process at a time, known by a number that grows with each change.

The lease is only courtesy: it keeps processes from working on the same campaign at once. What makes it safe is the
fence: each reservation reads it under the campaign's lock, so that a process that slept through its lease writes
nothing. A process that dies loses its connection to the database at once, and with it the campaign; the lease's time
is for one that hangs. Times are the database's, because clocks of machines differ.
"""

from __future__ import annotations

import os
import socket
import threading
from datetime import timedelta

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Func, Q, QuerySet

from apps.campaigns.models import Campaign
from apps.core import clock, events


class _DatabaseClock(Func):
    """The moment by the database's clock, also within a transaction."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class _SessionEnded(Func):
    """Whether the owner's connection to the database is gone, and so most likely the owner. False for "" and a name
    without one."""

    template = (
        "(split_part(%(expressions)s, ':', 3) <> '' AND NOT EXISTS (SELECT FROM pg_stat_activity "
        "WHERE pid::text = split_part(%(expressions)s, ':', 3)))"
    )
    output_field = models.BooleanField()


def me() -> str:
    """This process with its connection to the database (one for each thread), by a name that no other has.

    A pooler that mixes sessions (DATABASE_PREPARED=false) does not tell which connection it is: only time ends a lease.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors:
        session = connection.connection.info.backend_pid if settings.DATABASE_PREPARED else ""
    return f"{socket.gethostname()}:{os.getpid()}:{session}:{threading.get_ident()}"


def open_to(owner: str) -> QuerySet[Campaign]:
    """Campaigns that run and are nobody else's: nobody dials, or whoever did is over time or gone."""
    over = Q(lease_until__isnull=True) | Q(lease_until__lt=_DatabaseClock())
    return Campaign.objects.running().filter(Q(owner__in=["", owner]) | over | Q(_SessionEnded("owner")))


@transaction.atomic
def take(campaign_id: int, owner: str) -> int | None:
    """The fence, if the campaign runs and is nobody else's; the lease is renewed. None: leave it alone."""
    rows = open_to(owner).select_related("client").select_for_update(no_key=True, skip_locked=True, of=("self",))
    campaign = rows.filter(pk=campaign_id).first()
    if campaign is None:
        return None
    fence = campaign.fence if campaign.owner == owner else campaign.fence + 1
    Campaign.objects.filter(pk=campaign_id).update(
        fence=fence,
        owner=owner,
        lease_until=_DatabaseClock() + timedelta(seconds=settings.DIALER_LEASE_SECONDS),
        heartbeat_at=clock.now(),
    )
    if campaign.owner not in ("", owner):
        events.record(
            "campaigns.taken_over", subject=f"campaign:{campaign.public_id}", client_ref=campaign.client.public_id,
            campaign=campaign.name, owner=owner, fence=fence,
        )  # fmt: skip
    return fence


def release(campaign_id: int, fence: int) -> None:
    """Let anybody go on at once; nothing when somebody else has it by now."""
    Campaign.objects.filter(pk=campaign_id, fence=fence).update(owner="", lease_until=None)
