"""How a line sounds: what the operator's telephone measures, taken together by ten seconds and judged. Pure.

jitter_ms: how unevenly the sound comes. round_trip_ms: there and back. loss_percent: of the sound that should have
come. mos: the mean opinion score, from 1 (bad) to 5 (as if face to face; a telephone gets 4.4 at most).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Protocol

SECONDS = 10


@dataclass(frozen=True)
class Sample:
    """One measurement at a moment; `mos` as the telephone reckons it, None where it does not."""

    at: datetime
    jitter_ms: float
    round_trip_ms: float
    loss_percent: float
    mos: float | None = None


@dataclass(frozen=True)
class Bucket:
    """The means of the samples of ten seconds that began at `at`."""

    at: datetime
    samples: int
    jitter_ms: float
    round_trip_ms: float
    loss_percent: float
    mos: float


class Limits(Protocol):
    """Beyond which a line sounds bad. A limit of 0 is none."""

    jitter_ms: int
    round_trip_ms: int
    loss_percent: float
    mos: float


def mos(jitter_ms: float, round_trip_ms: float, loss_percent: float) -> float:
    """The score of a line, by the E-model of ITU-T G.107 as it is commonly shortened for voice over IP.

    Jitter counts twice, because a buffer as deep as it must delay the sound; ten milliseconds are the codec's.
    """
    delay = round_trip_ms + 2 * jitter_ms + 10
    rating = 93.2 - (delay / 40 if delay < 160 else (delay - 120) / 10) - 2.5 * loss_percent
    if rating <= 6.52:  # below it the curve would rise again
        return 1.0
    rating = min(rating, 100.0)
    return round(max(1.0, 1 + 0.035 * rating + 7e-6 * rating * (rating - 60) * (100 - rating)), 2)


def buckets(samples: Iterable[Sample]) -> list[Bucket]:
    """The samples by ten seconds of the clock, in order."""
    groups: dict[datetime, list[Sample]] = defaultdict(list)
    for sample in samples:
        at = sample.at
        groups[at.replace(second=at.second - at.second % SECONDS, microsecond=0)].append(sample)
    return [_bucket(at, groups[at]) for at in sorted(groups)]


def _bucket(at: datetime, samples: list[Sample]) -> Bucket:
    scores = [
        mos(each.jitter_ms, each.round_trip_ms, each.loss_percent) if each.mos is None else each.mos for each in samples
    ]
    return Bucket(
        at, len(samples), round(fmean(each.jitter_ms for each in samples), 1),
        round(fmean(each.round_trip_ms for each in samples), 1),
        round(fmean(each.loss_percent for each in samples), 2), round(fmean(scores), 2),
    )  # fmt: skip


def complaint(bucket: Bucket, limits: Limits) -> str:
    """What is worse than it may be, in words; empty when the line sounds well."""
    found = []
    if bucket.mos < limits.mos:
        found.append(f"score {bucket.mos:.2f}")
    if limits.loss_percent and bucket.loss_percent > limits.loss_percent:
        found.append(f"{bucket.loss_percent:.0f} % lost")
    if limits.jitter_ms and bucket.jitter_ms > limits.jitter_ms:
        found.append(f"jitter {bucket.jitter_ms:.0f} ms")
    if limits.round_trip_ms and bucket.round_trip_ms > limits.round_trip_ms:
        found.append(f"round trip {bucket.round_trip_ms:.0f} ms")
    return ", ".join(found)
