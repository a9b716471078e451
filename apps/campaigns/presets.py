"""Ready-made settings, so that nobody begins with an empty form. Each brings its rules for further tries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apps.campaigns.models import Campaign, RetryRule

Outcome = RetryRule.Outcome
MINUTE, HOUR, DAY = 60, 3600, 86400

# Seconds until the next try and how many tries with this end (0: the campaign's limit only).
Retries = dict[str, tuple[int | None, int]]
PATIENT: Retries = {
    Outcome.BUSY: (15 * MINUTE, 4), Outcome.NO_ANSWER: (3 * HOUR, 4), Outcome.MACHINE: (4 * HOUR, 3),
    Outcome.ABANDONED: (DAY, 2), Outcome.FAILED: (HOUR, 2),
}  # fmt: skip
HASTY: Retries = {
    Outcome.BUSY: (5 * MINUTE, 3), Outcome.NO_ANSWER: (30 * MINUTE, 3), Outcome.MACHINE: (None, 0),
    Outcome.ABANDONED: (DAY, 1), Outcome.FAILED: (10 * MINUTE, 2),
}  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """`fields` of a campaign, and what follows each end of a try."""

    label: str
    words: str
    fields: dict[str, Any]
    retries: Retries = field(default_factory=lambda: PATIENT)


DEFAULT = "sales"
PRESETS: dict[str, Preset] = {
    "sales": Preset(
        "Sales calls", "One call for each free operator; nobody ever waits for one.",
        {"mode": Campaign.Mode.PROGRESSIVE, "most_tries": 6},
    ),
    "preview": Preset(
        "Look, then call", "The operator sees each contact first; nothing dials for them.",
        {"mode": Campaign.Mode.PREVIEW, "most_tries": 6},
    ),
    "volume": Preset(
        "Many calls, many operators", "Dials ahead and keeps abandoned calls under 3 percent.",
        {"mode": Campaign.Mode.PREDICTIVE, "machine": Campaign.Machine.HANG_UP, "max_concurrent_calls": 40},
    ),
    "reminder": Preset(
        "Reminder or announcement", "No operator: a message or a menu, twice at most.",
        {"mode": Campaign.Mode.AGENTLESS, "most_tries": 2, "max_concurrent_calls": 5}, HASTY,
    ),
    "survey": Preset(
        "Survey", "No operator: a menu with questions; who has agreed is called.",
        {"mode": Campaign.Mode.AGENTLESS, "needs_consent": True, "most_tries": 3}, PATIENT,
    ),
}  # fmt: skip
