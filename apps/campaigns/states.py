"""How a campaign's status moves: one conditional UPDATE, an event, a nudge to whoever looks."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from apps.campaigns import signals
from apps.campaigns.models import Campaign
from apps.core import clock, events
from apps.core.announce import announce
from apps.core.models import User

Status = Campaign.Status


@transaction.atomic
def move(campaign: Campaign, to: str, kind: str, *, by: User | None = None, **changes: Any) -> bool:
    """Move to `to` if that is an arrow of the table. False: it is there already, or cannot go there."""
    sources = [status for status, targets in Campaign.NEXT.items() if to in targets]
    changes |= {"status": to, "ended_at": clock.now() if to in (Status.COMPLETED, Status.CANCELLED) else None}
    if not Campaign.objects.filter(pk=campaign.pk, status__in=sources).update(**changes):
        return False
    for name, value in changes.items():
        setattr(campaign, name, value)
    note(campaign, kind, by=by)
    changed(campaign)
    return True


def note(campaign: Campaign, kind: str, *, by: User | None = None, **facts: Any) -> None:
    """Write an event of the campaign."""
    events.record(
        kind, subject=f"campaign:{campaign.public_id}", client_ref=campaign.client.public_id, actor=by,
        campaign=campaign.name, **facts,
    )  # fmt: skip


def changed(campaign: Campaign) -> None:
    """Tell, after commit, that something about this campaign is different."""
    announce(signals.campaign_changed, campaign_id=campaign.pk, client_id=campaign.client_id)
