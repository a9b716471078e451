"""200 calls with 40 operators: nobody lost, nobody offered twice, the board right at the end.

The judges are the sandbox's ledger and the database's rows, not our counters. A board is open in a socket all the time;
what its frames add up to is compared with the database once the last call is over.
"""

from __future__ import annotations

import asyncio
import json
import time
from argparse import ArgumentParser
from types import SimpleNamespace
from typing import Any

from apps.calls.models import Call
from apps.live import snapshot
from apps.live.diff import Picture
from apps.live.scope import Scope
from apps.operators.models import Engagement
from apps.queues.models import QueueEntry
from benchmarks.figures import load_average, table
from benchmarks.floor import Floor, sample_memory
from benchmarks.house import House
from benchmarks.staff import hire, open_for_business
from benchmarks.verdicts import judge, waits


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--operators", type=int, default=40)
    parser.add_argument("--rate", type=float, default=20.0, help="new calls a second (%(default)s)")
    parser.add_argument("--talk", type=float, default=5.0, help="seconds of conversation (%(default)s)")
    parser.add_argument("--within", type=float, default=240, help="seconds after which it is given up (%(default)s)")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    house.prepare()
    staff = hire(options.operators)
    house.start_product()
    open_for_business(staff)
    floor = Floor(house.parts.folder / "sandbox-ledger.jsonl", staff, talk_seconds=options.talk)
    return asyncio.run(_measure(house, options, floor))


async def _measure(house: House, options: SimpleNamespace, floor: Floor) -> dict[str, Any]:
    peak: dict[str, dict[str, float]] = {}
    async with floor:
        sampling = asyncio.get_running_loop().create_task(sample_memory(house, peak))
        print(f"  {options.calls} calls, {options.operators} operators (load average {load_average()})", flush=True)
        began = time.monotonic()
        await floor.dial_evenly(calls=options.calls, per_second=options.rate)
        await floor.drain(within=options.within)
        seconds = time.monotonic() - began
        differences = await _settled_board(floor)
        sampling.cancel()
    verdict = await asyncio.to_thread(judge, floor.books)
    # A call that the carrier never saw is lost as well.
    lost = options.calls - len(verdict.complete)
    left = await asyncio.to_thread(_left_over)
    rows = [
        ["calls", options.calls], ["complete", len(verdict.complete)], ["lost", lost],
        ["double offers", len(verdict.double_offers)], ["differences board - database", len(differences)],
        ["left open in the database", sum(left.values())], ["seconds until the last was over", f"{seconds:.1f}"],
    ]  # fmt: skip
    print("\n" + table([f"load of {options.calls} calls, {options.operators} operators", ""], rows) + "\n")
    print(
        table(
            ["memory, MB", "largest process", "share of all", "processes"],
            [[name, part["rss"], part["share"], part["processes"]] for name, part in peak.items()]
            + [["all", "", round(sum(part["share"] for part in peak.values()), 1), ""]],
        )
        + "\n"
    )
    for sentence in [*verdict.lost, *verdict.double_offers, *differences][:10]:
        print("  " + sentence)
    return {
        "calls": options.calls, "complete": len(verdict.complete), "lost": lost,
        "double_offers": len(verdict.double_offers), "board_differences": len(differences), "left_open": left,
        "load_seconds": round(seconds, 1), "waits": waits(floor.books), "memory_mb": peak,
        "memory_all_mb": round(sum(part["share"] for part in peak.values()), 1),
    }  # fmt: skip


async def _settled_board(floor: Floor, within: float = 15) -> list[str]:
    """How the board differs from the database, once both rest or after so many seconds."""
    until = time.monotonic() + within
    while True:
        differences = _differences(floor.board, await asyncio.to_thread(snapshot.board, Scope(None)))
        if not differences or time.monotonic() > until:
            return differences
        await asyncio.sleep(0.5)


def _differences(shown: Picture, true: Picture) -> list[str]:
    true = json.loads(json.dumps(true))
    found = []
    for name, rows in true.items():
        there = {row["id"]: row for row in shown.get(name, [])}
        found += [f"{name}: {row['id']} is shown as {there.get(row['id'])}" for row in rows
                  if there.pop(row["id"], None) != row]  # fmt: skip
        found += [f"{name}: {row_id} should not be there" for row_id in there]
    return found


def _left_over() -> dict[str, int]:
    """What is still open though everybody has hung up."""
    return {
        "calls": Call.objects.open().count(),
        "queue_entries": QueueEntry.objects.open().count(),
        "engagements": Engagement.objects.open().count(),
    }
