"""Settings that belong together, by the kind of work: a manager picks one and changes what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.queues.models import Queue


@dataclass(frozen=True)
class Preset:
    """`words` say for whom it is; `settings` are fields of Queue."""

    name: str
    label: str
    words: str
    settings: dict[str, Any]


PRESETS = [
    Preset(
        "service", "Customer service", "fair turns, half a minute to write things down, up to 10 minutes of waiting",
        {
            "strategy": Queue.Strategy.LONGEST_IDLE, "max_size": 100, "max_wait_seconds": 600, "ring_seconds": 20,
            "wrap_up_seconds": 30, "service_level_seconds": 20, "announce_every_seconds": 45,
        },
    ),
    Preset(
        "sales", "Sales", "everybody gets the same number of chances, quick ringing, at most 3 minutes of waiting",
        {
            "strategy": Queue.Strategy.ROUND_ROBIN, "max_size": 50, "max_wait_seconds": 180, "ring_seconds": 15,
            "wrap_up_seconds": 45, "service_level_seconds": 15, "announce_every_seconds": 30,
        },
    ),
    Preset(
        "urgent", "Urgent calls", "short ringing, no wrap-up, passed on after one minute",
        {
            "strategy": Queue.Strategy.LONGEST_IDLE, "max_size": 200, "max_wait_seconds": 60, "ring_seconds": 10,
            "wrap_up_seconds": 0, "service_level_seconds": 10, "announce_every_seconds": 20,
        },
    ),
    Preset(
        "patient", "Back office", "long ringing, two minutes of wrap-up, up to half an hour of waiting",
        {
            "strategy": Queue.Strategy.LONGEST_IDLE, "max_size": 50, "max_wait_seconds": 1800, "ring_seconds": 30,
            "wrap_up_seconds": 120, "service_level_seconds": 60, "announce_every_seconds": 90,
        },
    ),
]  # fmt: skip
_BY_NAME = {preset.name: preset for preset in PRESETS}


def choices() -> list[tuple[str, str]]:
    """The presets as a form offers them."""
    return [(preset.name, f"{preset.label}: {preset.words}") for preset in PRESETS]


def apply(queue: Queue, name: str) -> None:
    """Give `queue` the settings of the preset. Raises KeyError for an unknown one."""
    for field, value in _BY_NAME[name].settings.items():
        setattr(queue, field, value)
