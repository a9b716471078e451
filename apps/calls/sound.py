"""Keeping how calls sound. What is measured and when it is bad stands in `quality`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from django.db import transaction

from apps.calls import quality
from apps.calls import services as calls
from apps.calls.models import Call, Leg, SoundBucket, SoundLimits
from apps.core import clock
from apps.core.refused import Refused
from apps.operators.models import Operator

# A browser's clock may go a little wrong although it is told the server's.
SLACK = timedelta(seconds=10)


def line_of(call: Call, operator: Operator) -> Leg:
    """The operator's newest line in `call`. Raises Refused when there never was one."""
    leg = call.legs.filter(operator=operator).order_by("-created_at", "-pk").first()
    if leg is None:
        raise Refused("You have no line in this call, so there is nothing to measure.", code="no_line")
    return leg


@transaction.atomic
def keep(leg: Leg, samples: Sequence[quality.Sample]) -> list[SoundBucket]:
    """Keep what was measured on `leg`; returns its rows. What was told of the same ten seconds before stays as it was.

    When the line begins to sound bad, or well again, the timeline says so and those who watch are told. Raises Refused
    for samples of another time than the line's.
    """
    leg = Leg.objects.select_for_update(of=("self",)).select_related("call__client").get(pk=leg.pk)
    until = (leg.ended_at or clock.now()) + SLACK
    if any(not leg.created_at - SLACK <= sample.at <= until for sample in samples):
        raise Refused("These were measured at another time than this line's. Set this computer's clock.", code="time")
    limits = SoundLimits.objects.of(leg.call.client)
    before = leg.sound.order_by("at").last()
    found = [
        SoundBucket(leg=leg, complaint=quality.complaint(bucket, limits), **asdict(bucket))
        for bucket in quality.buckets(samples)
    ]
    SoundBucket.objects.bulk_create(found, ignore_conflicts=True)
    after = leg.sound.order_by("at").last()
    _tell(leg, before.complaint if before else "", after.complaint if after else "")
    return list(leg.sound.filter(at__in=[bucket.at for bucket in found]))


def _tell(leg: Leg, before: str, after: str) -> None:
    if bool(before) == bool(after):
        return
    if after:
        calls.record(leg.call, "calls.sound_bad", role=leg.get_role_display(), complaint=after)
    else:
        calls.record(leg.call, "calls.sound_good", role=leg.get_role_display())
    calls.changed(leg.call)
