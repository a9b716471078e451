"""The live board before hundreds of sockets: how late changes are, what a delivery costs, whether all boards are equal.

One web process as it is served in real life; the changes are made by another process. Delay is from the change in the
database to its arrival in the browser, less the tick of 250 ms for which changes are gathered. Besides the browsers
that are counted a few stop reading after their first picture and go on when the changes end: `behind` is by how many
versions they are then, `spared` for how many of these a whole picture stood. The same frames then go out by a
`group_send` of Channels' Valkey layer, and by a plain loop over the sockets of a bare ASGI application.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.cached_db import SessionStore
from django.core.management import call_command

from apps.calls import state
from apps.calls.models import Call, Leg, Room
from apps.core import clock
from apps.core.models import User
from apps.live import hub, snapshot
from apps.live.scope import Scope
from apps.operators.models import Engagement, Operator
from benchmarks.boards import Viewer, digest, open_viewers
from benchmarks.crowd import Crowd
from benchmarks.figures import cpu_seconds, load_average, percentile, table
from benchmarks.house import House
from callcenter.data import BASE_DIR

OPERATORS, TALKING, WAITING, STALLED = 300, 100, 50, 3
SETTLE_S = 2.0  # within which every board must show what the database holds
AIMS = {"core": 0.10, "p99_beyond_ms": 50, "times_cheaper": 5}


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--sockets", default="1,50,200,500", help="on one web process (%(default)s)")
    parser.add_argument("--rates", default="50,500", help="changes a second (%(default)s)")
    parser.add_argument("--seconds", type=float, default=8, help="of each go (%(default)s)")
    parser.add_argument("--alone", action="store_true", help="leave the other ways out")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    Crowd(OPERATORS, WAITING)
    _talk(TALKING)
    sockets = [int(number) for number in options.sockets.split(",")]
    rates = [int(number) for number in options.rates.split(",")]
    cookies = _sign_in(max(sockets) + STALLED)
    sites = {"product": house.start_site("product", "callcenter.asgi:application")}
    if not options.alone:
        sites |= {name: house.start_site(name, f"benchmarks.stock.boards:{name}") for name in ("grouped", "plain")}
    pids = {child.name: child.process.pid for child in house.children}
    cells = []
    for rate in rates:
        for count in sockets:
            cells += asyncio.run(_measure(sites, pids, cookies, count, rate, options.seconds))
            print("  " + " ".join(f"{key}={value}" for key, value in cells[-len(sites)].items()), flush=True)
    _show(cells)
    return {"cells": cells, "aims": AIMS, "aims_met": _verdict(cells)}


def _talk(count: int) -> None:
    """So many operators are in conversation: call, lines, room and engagement as the switchboard would have them."""
    now = clock.now()
    for operator in Operator.objects.select_related("team__client").order_by("pk")[:count]:
        call = Call.objects.create(
            client=operator.team.client, direction=Call.Direction.INBOUND, customer_number=f"+1646{operator.pk:07d}",
            operator=operator, answered_at=now,
        )  # fmt: skip
        engagement = Engagement.objects.create(
            operator=operator, purpose=Engagement.Purpose.OFFER, call_ref=call.public_id
        )
        room = Room.objects.create(call=call, n=1)
        facts = {"call": call, "room": room, "status": state.IN_PROGRESS, "joined_at": now}
        Leg.objects.create(role=Leg.Role.CUSTOMER, address=call.customer_number, outgoing=False, **facts)
        Leg.objects.create(
            role=Leg.Role.OPERATOR, address=f"client:{operator.identity}", operator=operator, engagement=engagement,
            **facts,
        )  # fmt: skip


def _sign_in(count: int) -> list[str]:
    """Cookies of so many browsers, each with a session of its own, of twenty administrators."""
    users = [
        User.objects.create(username=f"watcher{number}", is_superuser=True, password="!") for number in range(20)
    ]  # fmt: skip
    cookies = []
    for number in range(count):
        user, session = users[number % len(users)], SessionStore()
        session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session.set_expiry(timedelta(days=1))
        session.save()
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
    return cookies


async def _measure(
    sites: dict[str, str], pids: dict[str, int], cookies: list[str], count: int, rate: int, seconds: float
) -> list[dict[str, Any]]:
    viewers = await open_viewers(sites["product"], "/ws/board/", cookies[: count + STALLED], stalled=STALLED)
    await asyncio.sleep(1)
    changing = await _begin_changes(rate, seconds)
    for viewer in viewers:
        viewer.heard, viewer.bytes = [], 0
    before, began = {name: cpu_seconds(pid) for name, pid in pids.items()}, time.monotonic()
    changed = await _end_of(changing)
    await asyncio.sleep(0.5)
    spent = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    lasted = time.monotonic() - began
    awake, asleep = viewers[:count], viewers[count:]
    behind = min(awake[0].version - viewer.version for viewer in asleep)
    cell = {"sockets": count, "rate": rate, "way": "product", "changes": changed}
    cell |= _figures(awake, spent["product"], lasted)
    cell["database_core"] = round(spent["database"] / lasted, 3) if "database" in spent else None
    for viewer in asleep:
        viewer.wake()
    cell |= await _settled(viewers)
    cell |= {"stalled": len(asleep), "behind": behind, "spared": min(viewer.spared for viewer in asleep)}
    frames = [said.body for _at, said in awake[0].heard if said.frame["type"] == "delta"]
    for viewer in viewers:
        viewer.close()
    await asyncio.sleep(0.5)
    others = []
    for way in [name for name in sites if name != "product"]:
        figures = await _replay(sites[way], cookies[:count], frames, pids[way])
        others.append({"sockets": count, "rate": rate, "way": way, **figures})
    return [cell, *others]


async def _begin_changes(rate: int, seconds: float) -> asyncio.subprocess.Process:
    """From now on the house is busy."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.changes", str(rate), str(seconds), cwd=BASE_DIR, env=os.environ,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    await process.stdout.readline()  # type: ignore[union-attr]
    return process


async def _end_of(changing: asyncio.subprocess.Process) -> int:
    """How many changes there were."""
    out, _ = await changing.communicate()
    if changing.returncode:
        raise RuntimeError("The changes could not be made.")
    return int(out)


def _figures(viewers: list[Viewer], cpu: float, seconds: float) -> dict[str, Any]:
    tick = hub.TICK * 1000
    late = [
        max(0.0, (at - born) * 1000 - tick) for viewer in viewers for at, said in viewer.heard for born in said.born
    ]
    deliveries = sum(len(viewer.heard) for viewer in viewers)
    return {
        "p50_beyond_ms": round(percentile(late, 50), 1), "p99_beyond_ms": round(percentile(late, 99), 1),
        "core": round(cpu / seconds, 3), "deliveries": deliveries,
        "us_a_delivery": round(cpu / deliveries * 1e6, 1) if deliveries else None,
        "kb_a_second_each": round(sum(viewer.bytes for viewer in viewers) / len(viewers) / seconds / 1000, 1),
        "gaps": sum(viewer.gaps for viewer in viewers),
    }  # fmt: skip


async def _settled(viewers: list[Viewer]) -> dict[str, Any]:
    """Whether all boards, those that were stalled as well, show what the database holds; and how soon they did."""
    wanted = await asyncio.to_thread(lambda: digest(snapshot.board(Scope(None))))
    began = time.monotonic()
    while True:
        states = {viewer.state() for viewer in viewers}
        seconds = time.monotonic() - began
        if states == {wanted} or seconds > SETTLE_S:
            return {"hashes": len(states), "equal_to_database": states == {wanted}, "state": wanted[:12]}
        await asyncio.sleep(0.1)


async def _replay(url: str, cookies: list[str], frames: list[bytes], pid: int) -> dict[str, Any]:
    """The same frames in the same rhythm, by another way."""
    viewers = await open_viewers(url, "/ws", cookies)
    (feed,) = await open_viewers(url, "/feed", [""])
    for viewer in viewers:
        viewer.heard, viewer.bytes = [], 0
    cpu, began, late = cpu_seconds(pid), time.monotonic(), []
    for number, body in enumerate(frames):
        await asyncio.sleep(max(0.0, began + number * hub.TICK - time.monotonic()))
        sent = time.time()
        feed.send(body)
        late.append(sent)
    until = time.monotonic() + 10
    while time.monotonic() < until and any(len(viewer.heard) < len(frames) for viewer in viewers):
        await asyncio.sleep(0.05)
    lasted = time.monotonic() - began
    figures = _figures(viewers, cpu_seconds(pid) - cpu, lasted)
    delays = [(at - late[n]) * 1000 for viewer in viewers for n, (at, _said) in enumerate(viewer.heard)]
    figures |= {f"p{percent}_beyond_ms": round(percentile(delays, percent), 1) for percent in (50, 99)}
    figures |= {"lost": len(frames) * len(viewers) - sum(len(viewer.heard) for viewer in viewers)}
    for viewer in [*viewers, feed]:
        viewer.close()
    await asyncio.sleep(0.5)
    return figures


def _show(cells: list[dict[str, Any]]) -> None:
    columns = ("p50_beyond_ms", "p99_beyond_ms", "core", "us_a_delivery", "kb_a_second_each", "equal_to_database")
    head = [f"board, changes a second (load average {load_average()})", "sockets", "way", *columns]
    rows = [[cell["rate"], cell["sockets"], cell["way"], *(cell.get(name, "") for name in columns)] for cell in cells]
    print("\n" + table(head, rows) + "\n")


def _verdict(cells: list[dict[str, Any]]) -> dict[str, bool]:
    """The aims, at the largest number of sockets and changes."""
    largest = max((cell["rate"], cell["sockets"]) for cell in cells)
    found = {cell["way"]: cell for cell in cells if (cell["rate"], cell["sockets"]) == largest}
    product = found["product"]
    verdict = {
        "core": product["core"] <= AIMS["core"], "p99_beyond_ms": product["p99_beyond_ms"] <= AIMS["p99_beyond_ms"],
        "all_boards_equal_the_database": all(cell.get("equal_to_database", True) for cell in cells),
    }  # fmt: skip
    if "grouped" in found:
        times = found["grouped"]["us_a_delivery"] / product["us_a_delivery"]
        verdict["times_cheaper"] = times >= AIMS["times_cheaper"]
    return verdict
