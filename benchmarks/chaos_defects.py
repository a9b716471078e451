"""Can the judge of `dialer-chaos` fail? Faults that dialers have in real life, each put into a copy of the product.

A defect is one or more changes of the source: (file, the text there, what stands in its place). The text must occur
exactly once, so that a defect which no longer fits the product is noticed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.figures import table
from callcenter.data import BASE_DIR

DIALER, LINES, READING = "apps/campaigns/dialer.py", "apps/calls/lines.py", "apps/campaigns/reading.py"
LIMITS, OUTCOMES, LEASES = "apps/calls/limits.py", "apps/campaigns/outcomes.py", "apps/campaigns/leases.py"
RECONCILE, SERVICES = "apps/calls/reconcile.py", "apps/campaigns/services.py"
Change = tuple[str, str, str]

DEFECTS: dict[str, list[Change]] = {
    # An answer of the carrier that got lost
    "lost-answer-is-a-failure": [
        (LINES, "        _mark_uncertain(leg)\n", "        services.advance(leg, state.FAILED)\n"),
    ],
    "lost-answer-is-asked-again": [
        (LINES, "        _mark_uncertain(leg)\n",
         "        Leg.objects.filter(pk=leg.pk, sid__isnull=True).update(dialed_at=None)\n        dial(leg_id)\n"),
    ],
    "nobody-looks-for-lost-answers": [
        (RECONCILE, "        (_find, _unplaced(now - PATIENCE)),\n", ""),
    ],
    # Who dials
    "dialling-is-not-claimed": [
        (LINES, "pk=leg_id, status=state.QUEUED, dialed_at__isnull=True, sid__isnull=True)\n    if",
         "pk=leg_id, status=state.QUEUED)\n    if"),
        (RECONCILE, "dialed_at__isnull=True, created_at__lt=now - PATIENCE", "created_at__lt=now - PATIENCE / 5"),
    ],
    "a-dead-dialers-calls-are-begun-anew": [
        (LEASES, '    if campaign.owner not in ("", owner):\n',
         '    if campaign.owner not in ("", owner):\n'
         "        from apps.campaigns.models import Attempt, Target\n"
         "        lost = Attempt.objects.open().filter(campaign=campaign_id)\n"
         '        lost.update(ended_at=clock.now(), outcome="not_placed")\n'
         '        Target.objects.filter(campaign=campaign_id, status="calling").update(status="waiting")\n'),
    ],
    "a-lease-never-ends": [
        (LEASES, "timedelta(seconds=settings.DIALER_LEASE_SECONDS)", "timedelta(days=1)"),
    ],
    "nobody-takes-over-from-the-dead": [
        (LEASES, "Q(owner__in=[\"\", owner]) | over | Q(_SessionEnded(\"owner\"))", "Q(owner__in=[\"\", owner])"),
    ],
    "what-was-reserved-is-dialled-only-by-its-nudge": [
        (RECONCILE, "created_at__lt=now - PATIENCE\n", "created_at__lt=now - PATIENCE * 1000\n"),
    ],
    # Limits
    "the-campaigns-limit-counts-who-answered": [
        (READING, "Attempt.objects.open().filter(campaign=campaign).count()",
         "Attempt.objects.open().filter(campaign=campaign, answered_at__isnull=False).count()"),
    ],
    "the-clients-limit-is-forgotten": [
        (LIMITS, "client.max_concurrent_calls - of_client", "client.max_concurrent_calls"),
    ],
    "the-houses-limit-is-forgotten": [
        (LIMITS, "settings.GLOBAL_MAX_CALLS - of_house", "settings.GLOBAL_MAX_CALLS"),
    ],
    "limits-are-counted-without-a-lock": [
        (LIMITS, "pg_advisory_xact_lock(hashtext('calls.places'))", "1"),
    ],
    "what-is-not-placed-yet-holds-no-place": [
        (
            LIMITS,
            "calls = Call.objects.open().filter(direction=Call.Direction.OUTBOUND)",
            'calls = Call.objects.open().filter(direction="outbound").exclude(legs__status="queued")',
        ),
        (
            READING,
            "Attempt.objects.open().filter(campaign=campaign).count()",
            'Attempt.objects.open().filter(campaign=campaign).exclude(leg__status="queued").count()',
        ),
    ],
    # Who is left out
    "too-many-requests-is-the-numbers-fault": [
        (OUTCOMES, "return leg.error_code in TOO_MANY | OF_THE_HOUSE", "return leg.error_code in OF_THE_HOUSE"),
    ],
    "what-was-not-placed-is-given-up": [
        (OUTCOMES, '        _again(attempt, at, "It was not dialled, so the next try is at once.")\n',
         '        _end(attempt, Target.Status.EXHAUSTED, at, "It was not dialled.")\n'),
    ],
    "a-campaign-ends-when-nobody-waits": [
        ("apps/campaigns/completion.py", "status__in=Target.OPEN", "status=Target.Status.WAITING"),
    ],
    # A pause
    "a-pause-reaches-only-new-steps": [
        (DIALER, "campaign.status != Campaign.Status.RUNNING or campaign.fence", "campaign.fence"),
        (LEASES, "Campaign.objects.running().filter(", 'Campaign.objects.exclude(status="draft").filter('),
        (DIALER, "list(Campaign.objects.running().exclude(waits)", 'list(Campaign.objects.exclude(status="draft")'),
    ],
}  # fmt: skip


def run_one(name: str, options: SimpleNamespace, ready: Path | None = None) -> dict[str, Any]:
    """What the judge finds in a copy of the product with this defect, on the database of `ready` if that is given."""
    with tempfile.TemporaryDirectory(prefix="callcenter-defect-") as folder:
        copy = Path(folder) / "tree"
        ignored = shutil.ignore_patterns(".git", ".venv", "var", "*cache*", "__pycache__", "node_modules")
        shutil.copytree(BASE_DIR, copy, ignore=ignored)
        for path, old, new in DEFECTS.get(name, []):
            text = (copy / path).read_text()
            if text.count(old) != 1:
                raise SystemExit(f"The defect {name} does not fit {path} any more: {old.strip()!r}")
            (copy / path).write_text(text.replace(old, new))
        return _run_in(copy, vars(options) | {"ready": ready and str(ready)})


def _run_in(copy: Path, options: dict[str, Any]) -> dict[str, Any]:
    chosen = options | {"defect": None, "defects": False}
    command = [sys.executable, "-m", "benchmarks", "dialer-chaos", json.dumps(chosen)]
    done = subprocess.run(command, cwd=copy, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1:] or [""]
    if done.returncode or not last[0].startswith("{"):
        raise SystemExit(f"The run in the copy failed:\n{done.stdout[-3000:]}")
    return json.loads(last[0])


def run_all(options: SimpleNamespace, ready: Path) -> dict[str, Any]:
    """Each defect in turn after a run without one, all with the same seed, size and time."""
    small = {
        "contacts": 60, "dialers": 2, "lines": 5, "harm": 8, "carrier": 3, "ring": 0.5, "grace": 5, "minutes": 2.5,
        "until_fault": True,
    }  # fmt: skip
    vars(options).update(small)
    rows, missed = [], []
    for name in ["none", *DEFECTS]:
        began = time.monotonic()
        found = run_one(name, options, ready)["faults"]
        words = "; ".join(f"{what.replace('_', ' ')} {found[what]}" for what in found) or "nothing"
        rows.append([name, f"{time.monotonic() - began:.0f} s", words])
        print("  " + "  ".join(rows[-1]), flush=True)
        if bool(found) == (name == "none"):
            missed.append(name)
    print("\n" + table(["defect", "took", "the judge found"], rows) + "\n")
    return {
        "defects": len(DEFECTS),
        "caught": len(DEFECTS) - len(set(missed) - {"none"}),
        "wrong": missed,
        "table": rows,
    }
