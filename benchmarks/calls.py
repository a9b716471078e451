"""Whole calls a second through the sandbox, and how quickly people are brought together.

Everything is real but the people: a caller dials the demo's main number, presses 1, is offered to an operator whose
device answers, both talk, the caller hangs up, the call is recorded and closed. Only calls count whose story is
complete in the sandbox's ledger and in our tables.
"""

from __future__ import annotations

import asyncio
import time
from argparse import ArgumentParser
from types import SimpleNamespace
from typing import Any

from benchmarks.figures import load_average, table
from benchmarks.floor import Floor
from benchmarks.house import House
from benchmarks.staff import hire, open_for_business
from benchmarks.verdicts import judge, waits

AIM = 15.0
RAMP_S = 5.0


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=30, help="of each of the two parts (%(default)s)")
    parser.add_argument("--at-once", type=int, default=40, help="calls at once while counting (%(default)s)")
    parser.add_argument("--talk", type=float, default=1.0, help="seconds of conversation while counting (%(default)s)")
    parser.add_argument("--in-progress", type=int, default=50, help="calls in progress while timing (%(default)s)")
    parser.add_argument("--rate", type=float, default=4.0, help="new calls a second while timing (%(default)s)")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    house.prepare()
    staff = hire(max(options.at_once, options.in_progress) + 10)
    house.start_product()
    open_for_business(staff)
    floor = Floor(house.parts.folder / "sandbox-ledger.jsonl", staff, talk_seconds=options.talk)
    return asyncio.run(_measure(house, options, floor))


async def _measure(house: House, options: SimpleNamespace, floor: Floor) -> dict[str, Any]:
    async with floor:
        print(f"  counting for {options.seconds:g} s (load average {load_average()})", flush=True)
        began, cpu = time.time(), house.cpu()
        await floor.keep_dialling(at_once=options.at_once, seconds=options.seconds)
        until = time.time()
        await floor.drain(within=60)
        busy, cpu = waits(floor.books), {name: spent - cpu[name] for name, spent in house.cpu().items()}
        spent_on = len(floor.books.callers)

        print(f"  timing for {options.seconds:g} s (load average {load_average()})", flush=True)
        # So long talks keep the wanted number of calls in progress at this rate.
        floor.talk_seconds = options.in_progress / options.rate
        since = time.time() + floor.talk_seconds
        await floor.dial_evenly(
            calls=round(options.rate * (floor.talk_seconds + options.seconds)), per_second=options.rate
        )
        in_progress = floor.open_calls
        await floor.drain(within=floor.talk_seconds + 60)
        calm = waits(floor.books, since)
        await asyncio.sleep(3)
    verdict = await asyncio.to_thread(judge, floor.books)
    counted = [line for line in verdict.complete if began + RAMP_S <= (line.ended or 0) <= until]
    per_second = len(counted) / max(0.001, until - began - RAMP_S)
    print(
        "\n" + table(
            ["whole calls", ""],
            [
                ["a second (aim 15)", f"{per_second:.1f}"],
                ["complete", len(verdict.complete)], ["lost", len(verdict.lost)],
                ["double offers", len(verdict.double_offers)],
                [f"key to ring, p50 / p95 ms, {in_progress} in progress",
                 f"{calm['key_to_ring_p50_ms']} / {calm['key_to_ring_p95_ms']}"],
                ["answer to both in the room, p50 / p95 ms",
                 f"{calm['answer_to_room_p50_ms']} / {calm['answer_to_room_p95_ms']}"],
            ],
        ) + "\n"
    )  # fmt: skip
    per_call = {name: round(spent * 1000 / max(1, spent_on)) for name, spent in cpu.items()}
    print(table(["processor time per call, ms", ""], [*per_call.items(), ["all", sum(per_call.values())]]) + "\n")
    for sentence in [*verdict.lost, *verdict.double_offers][:10]:
        print("  " + sentence)
    return {
        "calls_per_second": round(per_second, 2), "aim": AIM, "aim_met": per_second >= AIM,
        "complete": len(verdict.complete), "lost": len(verdict.lost), "double_offers": len(verdict.double_offers),
        "while_counting": busy, "while_timing": calm | {"in_progress": in_progress}, "memory_mb": house.memory(),
        "cpu_ms_per_call": per_call,
    }  # fmt: skip
