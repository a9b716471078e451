"""Settings that belong together, by the kind of work: a manager picks one and changes what differs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html

from apps.queues.models import Choice, Queue


@dataclass(frozen=True)
class Preset:
    """`words` say for whom it is; `settings` are fields of Queue; `callback_key` lets callers ask to be called back.

    `passes_on`: calls do not wait while no member is signed in, if there is somewhere to go.
    """

    name: str
    label: str
    words: str
    settings: dict[str, Any] = field(default_factory=dict)
    callback_key: str = ""
    passes_on: bool = False


PRESETS = [
    Preset(
        "service", "Support",
        "fair turns, half a minute to write things down, up to 10 minutes of waiting; press 1 to be called back",
        {
            "strategy": Queue.Strategy.LONGEST_IDLE, "max_size": 100, "max_wait_seconds": 600, "ring_seconds": 20,
            "wrap_up_seconds": 30, "service_level_seconds": 20, "announce_every_seconds": 45,
        },
        callback_key="1",
    ),
    Preset(
        "sales", "Sales",
        "the operator who spoke with the caller last is asked first, else everybody in turn; at most 3 minutes of "
        "waiting; press 1 to be called back",
        {
            "strategy": Queue.Strategy.ROUND_ROBIN, "max_size": 50, "max_wait_seconds": 180, "ring_seconds": 15,
            "wrap_up_seconds": 45, "service_level_seconds": 15, "announce_every_seconds": 30,
            "prefer": Queue.Prefer.LAST, "prefer_wait_seconds": 20,
        },
        callback_key="1",
    ),
    Preset(
        "urgent", "Urgent calls",
        "before the callers of all other queues; short ringing, no wrap-up, passed on after one minute",
        {
            "strategy": Queue.Strategy.LONGEST_IDLE, "max_size": 200, "max_wait_seconds": 60, "ring_seconds": 10,
            "wrap_up_seconds": 0, "service_level_seconds": 10, "announce_every_seconds": 20, "priority": 9,
            "announce_expected_wait": False,
        },
    ),
    Preset(
        "after_hours", "After hours",
        "who is on duty is rung first and long, always in the same order; passed on after two minutes, or at once "
        "while nobody is signed in; press 1 to be called back",
        {
            "strategy": Queue.Strategy.LINEAR, "max_size": 10, "max_wait_seconds": 120, "ring_seconds": 40,
            "wrap_up_seconds": 60, "service_level_seconds": 40, "announce_every_seconds": 30,
            "announce_position": False, "announce_expected_wait": False, "break_after_misses": 0,
            "comfort_message": "We are trying to reach the person on duty. Please stay on the line.",
        },
        callback_key="1", passes_on=True,
    ),
    Preset(
        "patient", "Back office",
        "long ringing, two minutes of wrap-up, up to half an hour of waiting; press 1 to be called back",
        {
            "strategy": Queue.Strategy.LONGEST_IDLE, "max_size": 50, "max_wait_seconds": 1800, "ring_seconds": 30,
            "wrap_up_seconds": 120, "service_level_seconds": 60, "announce_every_seconds": 90,
        },
        callback_key="1",
    ),
]  # fmt: skip
_BY_NAME = {preset.name: preset for preset in PRESETS}


def choices() -> list[tuple[str, str]]:
    """The presets as a form offers them."""
    return [(preset.name, format_html("<strong>{}</strong>: {}", preset.label, preset.words)) for preset in PRESETS]


def apply(queue: Queue, name: str) -> list[Choice]:
    """Give `queue` the settings of the preset; the choices that its callers shall have, not written yet.

    Raises KeyError for an unknown preset.
    """
    preset = _BY_NAME[name]
    for setting, value in preset.settings.items():
        setattr(queue, setting, value)
    if preset.passes_on and queue.overflow is not None:
        queue.when_unstaffed = "overflow"
    return [Choice(key=preset.callback_key)] if preset.callback_key else []
