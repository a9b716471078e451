"""Who of a campaign's operators is signed in, and what keeps them from its calls. Reads only."""

from __future__ import annotations

from collections import Counter

from django.db.models import OuterRef, Subquery

from apps.campaigns.models import Campaign
from apps.operators.models import Engagement, Operator

Presence = Operator.Presence


def signed_in(campaign: Campaign):
    """Members of the campaign's queue who are not offline."""
    members = Operator.objects.filter(memberships__queue=campaign.queue_id, memberships__active=True)
    return members.exclude(presence=Presence.OFFLINE)


def why_none_is_ready(campaign: Campaign) -> str:
    """What those who are signed in do instead, in a sentence; "" when nobody is signed in."""
    busy = Engagement.objects.open().filter(operator=OuterRef("pk")).values("purpose")[:1]
    rows = signed_in(campaign).annotate(purpose=Subquery(busy)).values_list("presence", "purpose")
    counts = Counter(_doing(presence, purpose) for presence, purpose in rows)
    if not counts:
        return ""
    return f"No operator is ready: {', '.join(f'{count} {words}' for words, count in counts.most_common())}."


def _doing(presence: str, purpose: str | None) -> str:
    match purpose:
        case Engagement.Purpose.PREVIEW:
            return "looking at a contact"
        case Engagement.Purpose.WRAP_UP:
            return "in wrap-up"
        case Engagement.Purpose.MONITORING:
            return "listening in"
        case None:
            return "on a break" if presence == Presence.ON_BREAK else "without a telephone that can ring"
        case _:
            return "in a call"
