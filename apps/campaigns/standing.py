"""How campaigns stand at this moment, several at once and cheaply: for pages that look again and again. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from apps.campaigns import overview, reading
from apps.campaigns.models import Attempt, Campaign, Contact, Target

Stage = Attempt.Stage
_DIALLING = (Stage.RESERVED, Stage.DIALLING, Stage.UNKNOWN, Stage.PLACED)


@dataclass(frozen=True)
class Standing:
    """`through` of `total` contacts need no further call; `dialling` and `talking` are lines in use now."""

    total: int
    through: int
    dialling: int
    talking: int


@dataclass(frozen=True)
class Results:
    """`tries` that ended, and how many of them a person `picked_up`; within the policy's window so many were
    `answered` by a person and `abandoned`. `why` says what the campaign waits for."""

    tries: int
    picked_up: int
    answered: int
    abandoned: int
    why: list[str]


def standings(campaigns: Sequence[Campaign]) -> dict[int, Standing]:
    """By key of the campaign, in three queries."""
    keys = [campaign.pk for campaign in campaigns]
    targets: dict[int, dict[str, int]] = defaultdict(dict)
    counted = Target.objects.filter(campaign__in=keys).order_by().values_list("campaign", "status")
    for key, status, count in counted.annotate(count=Count("pk")):
        targets[key][status] = count
    lines: dict[int, list[str]] = defaultdict(list)
    for key, stage in Attempt.objects.open().filter(campaign__in=keys).staged().values_list("campaign", "stage"):
        lines[key].append(stage)
    # Contacts become targets with the start.
    drafts = {row.pk: row.contact_list_id for row in campaigns if row.status == Campaign.Status.DRAFT}
    listed = Contact.objects.filter(list__in=drafts.values()).order_by().values_list("list")
    sizes = dict(listed.annotate(count=Count("pk")))
    found = {}
    for key in keys:
        sums = targets[key]
        total = sum(sums.values()) or sizes.get(drafts.get(key, 0), 0)
        left = sum(sums.get(status, 0) for status in Target.OPEN) if sums else total
        dialling = sum(stage in _DIALLING for stage in lines[key])
        found[key] = Standing(total, total - left, dialling, sum(stage == Stage.TALKING for stage in lines[key]))
    return found


def results(campaign: Campaign, at: datetime) -> Results:
    """What came of the tries so far, and what it waits for."""
    if campaign.status == Campaign.Status.DRAFT:
        return Results(0, 0, 0, 0, overview.why(campaign, at))
    ended = Attempt.objects.filter(campaign=campaign, ended_at__isnull=False, counted=True)
    person = Q(answered_at__isnull=False) & ~Q(outcome=Attempt.Outcome.MACHINE)
    sums = ended.aggregate(tries=Count("pk"), picked_up=Count("pk", filter=person))
    answered, abandoned = reading.abandoned_of(campaign, at)
    return Results(sums["tries"], sums["picked_up"], answered, abandoned, overview.why(campaign, at))
