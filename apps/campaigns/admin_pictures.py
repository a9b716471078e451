"""How a campaign stands and how it would go, as its page in the admin shows it."""

from __future__ import annotations

from django.template.loader import render_to_string

from apps.campaigns import overview
from apps.campaigns.models import Campaign


def now(campaign: Campaign) -> str:
    """How far it is, what it does at this moment, and what it waits for."""
    found = overview.progress(campaign)
    figures = [("being called", found.calling), ("talking", found.talking), ("reached", found.done),
               ("given up", found.exhausted), ("not to be called", found.skipped)]  # fmt: skip
    if found.unknown:
        figures.insert(2, ("being found out", found.unknown))
    sentences = []
    if found.answered and campaign.mode in Campaign.WITH_OPERATORS:
        sentences.append(
            f"Abandoned: {found.abandoned:,} of {found.answered:,} answered calls ({found.abandoned_percent:g} %); "
            f"the limit is {campaign.abandoned_percent:g} %."
        )
    if found.estimated_end:
        sentences.append(f"At this pace it ends at {overview.moment(campaign, found.estimated_end)}.")
    context = {
        "found": found, "through": f"{found.position:,} of {found.total:,}", "why": overview.why(campaign),
        "figures": [(words, f"{count:,}") for words, count in figures], "sentences": sentences,
    }  # fmt: skip
    return render_to_string("campaigns/now.html", context)


def look_ahead(campaign: Campaign) -> str:
    """Who could be called now, later, never, and why not; what else is to know before the start."""
    found = overview.preflight(campaign)
    parts = [("now", "may be called now", found.now), ("later", "later", found.later),
             ("never", "not at all", found.never)]  # fmt: skip
    context = {
        "found": found, "contacts": f"{found.contacts:,}", "looked_at": f"{found.looked_at:,}",
        "parts": [(name, words, count, f"{count:,}") for name, words, count in parts if count],
        "not_never": found.now + found.later, "skipped": _skipped(campaign, found),
    }  # fmt: skip
    return render_to_string("campaigns/look_ahead.html", context)


def _skipped(campaign: Campaign, found: overview.Preflight) -> str:
    """ "150 of 2,000 will be skipped: 90 on a do-not-call list, 60 outside calling hours." And until when."""
    count = found.later + found.never
    if not count:
        return ""
    because = ", ".join(f"{each:,} {words}" for words, each in found.reasons)
    until = f" The next of them may be called at {overview.moment(campaign, found.next_at)}." if found.next_at else ""
    return f"{count:,} of {found.looked_at:,} will be skipped for now: {because}.{until}"
