"""The page of a queue in sections, in the order in which a manager thinks; each says in its heading how it is set.

So a folded section need not be opened to be known, and what wants attention is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.queues.models import Choice, Queue

RUNG, SKILLS, FIRST, CALLERS = "Who is rung", "Required skills", "Tiers and preferred operator", "Order of callers"
FULL, CHOICES, CALLBACKS = "When it is full or takes too long", "What callers may press", "Callbacks"
HEARD, AFTER, RESTS = "What callers hear", "After the call", "Rests and automatic break"
HOURS, MEASURED, ALERTS = "Hours and closing time", "How it is measured", "Alerts on the board"

FIELDSETS = [
    (None, {"fields": [("name", "client"), "active", ("at_this_moment", "so_far_today")]}),
    (RUNG, {"fields": ["strategy", "ring_seconds"]}),
    (SKILLS, {"fields": [], "classes": ["collapse"]}),
    (FIRST, {"fields": ["tier_wait_seconds", ("prefer", "prefer_wait_seconds")], "classes": ["collapse"]}),
    (CALLERS, {"fields": [("priority", "ageing_seconds")], "classes": ["collapse"]}),
    (FULL, {"fields": [("max_size", "max_wait_seconds"), "overflow"]}),
    (CHOICES, {"fields": [], "classes": ["collapse"]}),
    (
        CALLBACKS,
        {
            "fields": [
                ("callback_first", "callback_tries"), ("callback_retry_seconds", "callback_expires_seconds"),
                "callback_schedule",
            ],
            "classes": ["collapse"],
        },
    ),
    (
        HEARD,
        {
            "fields": [
                "greeting", ("music", "listen"), ("announce_position", "announce_expected_wait"), "comfort_message",
                "announce_every_seconds",
            ],
            "classes": ["collapse"],
        },
    ),
    (
        AFTER,
        {
            "fields": [
                ("wrap_up_seconds", "wrap_up_until_released"), "dispositions", "disposition_required", "form", "script",
                "pop_address",
            ],
            "classes": ["collapse"],
        },
    ),
    (
        RESTS,
        {"fields": [("missed_rest_seconds", "declined_rest_seconds"), "break_after_misses"], "classes": ["collapse"]},
    ),
    (HOURS, {"fields": [("schedule", "when_closed"), "at_closing", "when_unstaffed"], "classes": ["collapse"]}),
    (
        MEASURED,
        {
            "fields": [("service_level_seconds", "service_level_percent"), "short_abandon_seconds"],
            "classes": ["collapse"],
        },
    ),
    (
        ALERTS,
        {
            "fields": [("alert_wait_seconds", "alert_waiting"), "alert_abandoned_percent"],
            "classes": ["collapse"],
        },
    ),
]  # fmt: skip


@dataclass
class Section:
    """A fieldset with the rows that belong to it. `words`: how it is set; `advice`: on its rows."""

    name: str
    fieldset: Any
    inlines: list[Any] = field(default_factory=list)
    words: str = ""
    advice: list[str] = field(default_factory=list)
    is_folded: bool = False


def of(fieldsets: Sequence[Any], inlines: Sequence[Any], queue: Queue | None, found: Sequence[Any]) -> list[Section]:
    """The sections of the form. What has an error or advice (`found`) is not folded."""
    told = words(queue) if queue is not None else {}
    sections = []
    for each in fieldsets:
        name = each.name or ""
        own = [inline for inline in inlines if inline.opts.section == name]
        fields = {line_field for row in each.fields for line_field in ([row] if isinstance(row, str) else row)}
        rows = {inline.formset.prefix for inline in own}
        wrong = any(line.errors() for line in each) or any(
            inline.formset.total_error_count() for inline in own if inline.formset.is_bound
        )
        doubtful = any(one.field in fields | rows for one in found)
        sections.append(
            Section(
                name, each, own, told.get(name, ""), [one.sentence for one in found if one.field in rows],
                is_folded="collapse" in each.classes and not wrong and not doubtful,
            )
        )  # fmt: skip
    return sections


def words(queue: Queue) -> dict[str, str]:
    """How each section is set, in a few words."""
    required = ", ".join(f"{row.skill} {row.level}" for row in queue.requirements.select_related("skill"))
    relaxed = ", ".join(
        f"{row.after_seconds} s: {f'level {row.level}' if row.level else 'any'}" for row in queue.relaxations.all()
    )
    keys = list(queue.choices.select_related("destination"))
    pressed = ", ".join(f"{row.key}: {row.destination or 'be called back'}" for row in keys)
    calls_back = any(row.action == Choice.Action.CALLBACK for row in keys)
    tiers = f"next tier after {queue.tier_wait_seconds} s" if queue.tier_wait_seconds else "tiers at once"
    breaks = f"a break after {queue.break_after_misses} misses" if queue.break_after_misses else "no automatic break"
    return {
        RUNG: f"{queue.get_strategy_display()}, for {queue.ring_seconds} s",
        SKILLS: f"{required}{f', then {relaxed}' if relaxed else ''}" if required else "none",
        FIRST: f"{_preferred(queue)}; {tiers}",
        CALLERS: f"priority {queue.priority}"
        + (f", one more each {queue.ageing_seconds} s" if queue.ageing_seconds else ", the same while they wait"),
        FULL: f"{queue.max_size} places, {queue.max_wait_seconds} s, then {queue.overflow or 'an apology'}",
        CHOICES: pressed or "nothing",
        CALLBACKS: f"{queue.callback_tries} tries, {queue.get_callback_first_display()} first"
        if calls_back
        else "not offered: no key asks for one",
        HEARD: _heard(queue),
        AFTER: f"{queue.wrap_up_seconds} s of wrap-up{', filed' if queue.disposition_required else ''}",
        RESTS: f"{queue.missed_rest_seconds} s after a missed call, {breaks}",
        HOURS: f"{queue.schedule}; at closing: {queue.get_at_closing_display()}" if queue.schedule else "always open",
        MEASURED: f"{queue.service_level_percent} % within {queue.service_level_seconds} s",
        ALERTS: _alerts(queue),
    }


def _alerts(queue: Queue) -> str:
    limits = [
        f"a wait of {queue.alert_wait_seconds} s" if queue.alert_wait_seconds else "",
        f"{queue.alert_waiting} callers" if queue.alert_waiting else "",
        f"{queue.alert_abandoned_percent} % gave up" if queue.alert_abandoned_percent else "",
    ]
    found = ", ".join(limit for limit in limits if limit)
    return f"beyond {found}" if found else "service level only"


def _preferred(queue: Queue) -> str:
    return "nobody is preferred" if queue.prefer == Queue.Prefer.NOBODY else f"{queue.get_prefer_display()} first"


def _heard(queue: Queue) -> str:
    said = [
        "a greeting" if queue.greeting else "",
        "music of its own" if queue.music else "",
        "the place in line" if queue.announce_position else "",
        "the expected wait" if queue.announce_expected_wait else "",
    ]
    return ", ".join(word for word in said if word) or "music only"
