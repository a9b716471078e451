"""python -m benchmarks.ledger_check FOLDER: judge a run of `dialer-chaos` by the phone company's own book.

A program of its own that knows nothing of the product: it reads `sandbox-ledger.jsonl` and `wanted.json` (who should be
called by which campaign, the limits, the pauses) and prints one JSON object.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

LEDGER, WANTED = "sandbox-ledger.jsonl", "wanted.json"
FAULTS = ("doubled", "skipped", "above_a_limit", "dialled_in_a_pause")
AFTER_A_PAUSE_S = 1.0  # what was on its way to the carrier when the pause committed may still arrive


@dataclass
class Wanted:
    """number -> campaign, campaign -> client, scope -> the most calls at once; spans (campaign, paused, resumed)."""

    campaign_of: dict[str, str] = field(default_factory=dict)
    client_of: dict[str, str] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    pauses: list[tuple[str, float, float]] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        (folder / WANTED).write_text(json.dumps(asdict(self)))

    def scopes(self, campaign: str) -> tuple[str, str, str]:
        """What a call of this campaign takes a place of."""
        return f"campaign {campaign}", f"client {self.client_of[campaign]}", "house"

    def is_paused(self, campaign: str, at: float) -> bool:
        return any(key == campaign and since + AFTER_A_PAUSE_S < at < until for key, since, until in self.pauses)


def judge(ledger: Iterable[dict[str, Any]], wanted: Wanted) -> dict[str, Any]:
    """Doubled and skipped contacts, the peak against each limit, and what was dialled in a pause."""
    calls: Counter[str] = Counter()
    moves: list[tuple[float, int, str]] = []
    number_of: dict[str, str] = {}
    in_pause = 0
    for entry in ledger:
        sid, at = entry.get("call", ""), _seconds(entry["at"])
        if entry["kind"] == "call.created" and entry.get("to") in wanted.campaign_of:
            number_of[sid] = entry["to"]
            calls[entry["to"]] += 1
            campaign = wanted.campaign_of[entry["to"]]
            moves += [(at, 1, scope) for scope in wanted.scopes(campaign)]
            in_pause += wanted.is_paused(campaign, at)
        elif entry["kind"] == "call.ended" and sid in number_of:
            moves += [(at, -1, scope) for scope in wanted.scopes(wanted.campaign_of[number_of[sid]])]
    peaks = _peaks(moves)
    return {
        "contacts": len(wanted.campaign_of), "calls": sum(calls.values()),
        "doubled": sum(1 for count in calls.values() if count > 1),
        "skipped": sum(1 for number in wanted.campaign_of if not calls[number]),
        "above_a_limit": sorted(scope for scope, peak in peaks.items() if peak > wanted.limits[scope]),
        "dialled_in_a_pause": in_pause, "peaks": peaks, "limits": wanted.limits,
    }  # fmt: skip


def faults(found: dict[str, Any]) -> dict[str, Any]:
    """What `judge` found that must never be."""
    return {name: found[name] for name in FAULTS if found[name]}


def _peaks(moves: list[tuple[float, int, str]]) -> dict[str, int]:
    """The most calls at once of each scope; an end counts before a beginning of the same instant."""
    live: Counter[str] = Counter()
    peaks: dict[str, int] = {}
    for _at, step, scope in sorted(moves):
        live[scope] += step
        peaks[scope] = max(peaks.get(scope, 0), live[scope])
    return peaks


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def main(folder: Path) -> None:
    wanted = Wanted(**json.loads((folder / WANTED).read_text()))
    with (folder / LEDGER).open(encoding="utf-8") as lines:
        print(json.dumps(judge(map(json.loads, lines), wanted)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
