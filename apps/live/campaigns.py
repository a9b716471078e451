"""Campaigns as the board shows them. Counting contacts costs more than all the rest, so it has a pace of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse

from apps.campaigns import standing
from apps.campaigns.models import Campaign
from apps.live.diff import Row
from apps.live.scope import Scope
from apps.live.touched import Touched
from apps.live.words import iso

FIGURES_EVERY = timedelta(seconds=1)
RESULTS_EVERY = timedelta(seconds=3)
SHOWN = 60


class Campaigns:
    """Of one scope: what runs or could, with figures that are at most so old when something happens."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._rows: list[Row] = []
        self._read_at: datetime | None = None
        self._results: dict[int, tuple[datetime, str, standing.Results]] = {}  # with when, and in which status
        self._any_runs = False
        self.is_behind = False  # figures may be different by now: ask for the rows again soon

    def forget(self) -> None:
        """Read everything when next asked."""
        self._read_at, self._results = None, {}

    def note(self, touched: Touched) -> None:
        """Something happened, perhaps to a campaign."""
        moved = self._any_runs and (touched.call or touched.operator or touched.entry or touched.queue)
        self.is_behind = self.is_behind or bool(touched.campaign or moved)

    def rows(self, now: datetime) -> list[Row]:
        if self._read_at is None or (self.is_behind and not timedelta() <= now - self._read_at < FIGURES_EVERY):
            self._read(now)
        return self._rows

    def _read(self, now: datetime) -> None:
        chosen = self._scope.narrow(Campaign.objects.unfinished())
        chosen = chosen.select_related("client", "queue", "schedule", "paused_by")
        # Drafts are many one day: the newest of them; what runs is never left out.
        campaigns = sorted(chosen, key=lambda row: row.status == Campaign.Status.DRAFT)[:SHOWN]
        figures = standing.standings(campaigns)
        self._results = {row.pk: self._results_of(row, now) for row in campaigns}
        self._rows = [_row(row, figures[row.pk], self._results[row.pk][-1]) for row in campaigns]
        self._any_runs = any(row.status == Campaign.Status.RUNNING for row in campaigns)
        self._read_at, self.is_behind = now, False

    def _results_of(self, campaign: Campaign, now: datetime) -> tuple[datetime, str, standing.Results]:
        known = self._results.get(campaign.pk)
        if known and known[1] == campaign.status and timedelta() <= now - known[0] < RESULTS_EVERY:
            return known
        return now, campaign.status, standing.results(campaign, now)


def _row(campaign: Campaign, figures: standing.Standing, results: standing.Results) -> Row:
    by = f"paused by {campaign.paused_by.display_name}" if campaign.status == "paused" and campaign.paused_by else ""
    return {
        "id": str(campaign.public_id), "name": campaign.name, "client": campaign.client.name,
        "mode": campaign.mode, "status": campaign.status, "status_words": by or campaign.get_status_display(),
        "queue": campaign.queue.name if campaign.queue else "", "started_at": iso(campaign.started_at),
        "total": figures.total, "through": figures.through, "dialling": figures.dialling, "talking": figures.talking,
        "tries": results.tries, "picked_up": results.picked_up, "answered": results.answered,
        "abandoned": results.abandoned, "abandoned_limit_percent": float(campaign.abandoned_percent),
        "why": results.why, "page": reverse("admin:campaigns_campaign_change", args=[campaign.pk]),
    }  # fmt: skip
