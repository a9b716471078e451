"""When a campaign is through with its contacts."""

from __future__ import annotations

from apps.campaigns import states
from apps.campaigns.models import Campaign, Target


def complete_if_done(campaign: Campaign) -> bool:
    """End the campaign once nobody waits and nobody is being called. In the transaction that holds it."""
    if Target.objects.filter(campaign=campaign, status__in=Target.OPEN).exists():
        return False
    return states.move(campaign, Campaign.Status.COMPLETED, "campaigns.completed")
