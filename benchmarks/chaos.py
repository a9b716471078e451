"""What `dialer-chaos` does to the house, and how its harm is judged: by the phone company's own book, not by ours."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

from apps.campaigns.models import Campaign
from benchmarks.house import House

AFTER_A_PAUSE_S = 1.0  # what was on its way to the carrier when the pause committed may still arrive


class Pack:
    """So many dialer processes; one that is killed is replaced at once."""

    def __init__(self, count: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["benchmarks.chaos_worker"])
        self.members: list[ForkServerProcess] = [self._fork() for _ in range(count)]

    def _fork(self) -> ForkServerProcess:
        from benchmarks.chaos_worker import main

        process = self._context.Process(target=main, daemon=True)
        process.start()
        return process

    def replace(self, index: int) -> None:
        self.members[index].join(10)
        self.members[index] = self._fork()

    def send(self, index: int, number: signal.Signals) -> int:
        pid = self.members[index].pid or 0
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        return pid

    def end(self) -> None:
        for member in self.members:
            member.kill()
            member.join(5)


@dataclass
class Nemesis:
    """A shuffled list of misfortunes, spread evenly over the contacts of the run."""

    house: House
    pack: Pack
    plan: list[str]
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    takeovers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    pauses: list[tuple[int, float, float]] = field(default_factory=list)

    def strike(self, what: str) -> None:
        getattr(self, f"_{what}")()
        self.done[what] += 1

    def _kill(self) -> None:
        self._end("kill", signal.SIGKILL)

    def _term(self) -> None:
        self._end("term", signal.SIGTERM)

    def _end(self, name: str, number: signal.Signals) -> None:
        """Most of the time whoever holds a lease just now; how long until somebody else dials for that campaign."""
        held = _owners() if self.chance.random() < 0.8 else {}
        mine = {str(member.pid): index for index, member in enumerate(self.pack.members)}
        hit = [(key, mine[pid]) for key, pid in held.items() if pid in mine]
        key, index = hit[0] if hit else (0, self.chance.randrange(len(self.pack.members)))
        self.pack.send(index, number)
        began, fence = time.monotonic(), _fence(key)
        self.pack.replace(index)
        while key and time.monotonic() - began < 30 and _fence(key) == fence and _runs(key):
            time.sleep(0.05)
        if key:
            self.takeovers[name].append(round(time.monotonic() - began, 2))

    def _freeze(self) -> None:
        index = self.chance.randrange(len(self.pack.members))
        pid = self.pack.send(index, signal.SIGSTOP)
        time.sleep(self.chance.uniform(0.5, 3.5))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    def _database(self) -> None:
        server = self.house.servers["DATABASE_URL"]
        self._restart(server, signal.SIGQUIT)  # the immediate stop: as a crash, with recovery after it

    def _valkey(self) -> None:
        self._restart(self.house.servers["REDIS_URL"], signal.SIGKILL)

    def _restart(self, server: Any, number: signal.Signals) -> None:
        index = self.house.children.index(server.child)
        server.child.process.send_signal(number)
        server.child.process.wait(30)
        time.sleep(self.chance.uniform(0.1, 1.0))
        server.start()
        self.house.children[index] = server.child

    def _pause(self) -> None:
        from apps.campaigns import services

        campaign = Campaign.objects.running().order_by("?").first()
        if campaign is None:
            return
        services.pause(campaign)
        paused = time.time()
        time.sleep(3)
        resumed = time.time()
        services.resume(campaign)
        self.pauses.append((campaign.pk, paused, resumed))


def patiently(ask: Any, *args: Any) -> Any:
    """The answer, however often the database goes away meanwhile."""
    for _try in range(100):
        try:
            return ask(*args)
        except DatabaseError:
            connection.close()
            time.sleep(0.2)
    raise SystemExit("The database does not come back.")


def _owners() -> dict[int, str]:
    """Campaign -> process that holds its lease now."""
    rows = patiently(lambda: list(Campaign.objects.exclude(owner="").values_list("pk", "owner")))
    return {key: owner.split(":")[1] for key, owner in rows}


def _fence(key: int) -> int:
    return patiently(lambda: Campaign.objects.values_list("fence", flat=True).get(pk=key)) if key else 0


def _runs(key: int) -> bool:
    return patiently(lambda: Campaign.objects.running().filter(pk=key).exists())


# --- The judge -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contacted:
    """Who should be called: number -> campaign, campaign -> client; and the limits in force."""

    campaign_of: dict[str, int]
    client_of: dict[int, int]
    limits: dict[str, int]


def judge(ledger: Path, wanted: Contacted, pauses: Iterable[tuple[int, float, float]]) -> dict[str, Any]:
    """Doubled and skipped contacts, the peak against each limit, and what was dialled in a pause."""
    calls: Counter[str] = Counter()
    moves: list[tuple[float, int, str]] = []
    number_of: dict[str, str] = {}
    in_pause, spans = 0, list(pauses)
    for entry in _entries(ledger):
        sid, at = entry.get("call", ""), _seconds(entry["at"])
        if entry["kind"] == "call.created" and entry.get("to") in wanted.campaign_of:
            number_of[sid] = entry["to"]
            calls[entry["to"]] += 1
            campaign = wanted.campaign_of[entry["to"]]
            moves += [(at, 1, scope) for scope in _scopes(wanted, campaign)]
            in_pause += any(key == campaign and since + AFTER_A_PAUSE_S < at < until for key, since, until in spans)
        elif entry["kind"] == "call.ended" and sid in number_of:
            campaign = wanted.campaign_of[number_of[sid]]
            moves += [(at, -1, scope) for scope in _scopes(wanted, campaign)]
    peaks = _peaks(moves)
    return {
        "contacts": len(wanted.campaign_of), "calls": sum(calls.values()),
        "doubled": sum(1 for count in calls.values() if count > 1),
        "skipped": sum(1 for number in wanted.campaign_of if not calls[number]),
        "peaks": peaks, "limits": wanted.limits,
        "above_a_limit": sorted(scope for scope, peak in peaks.items() if peak > wanted.limits[scope]),
        "dialled_in_a_pause": in_pause,
    }  # fmt: skip


def _scopes(wanted: Contacted, campaign: int) -> tuple[str, str, str]:
    return f"campaign {campaign}", f"client {wanted.client_of[campaign]}", "house"


def _peaks(moves: list[tuple[float, int, str]]) -> dict[str, int]:
    """The most calls at once of each scope; an end counts before a beginning of the same instant."""
    live: Counter[str] = Counter()
    peaks: dict[str, int] = {}
    for _at, step, scope in sorted(moves):
        live[scope] += step
        peaks[scope] = max(peaks.get(scope, 0), live[scope])
    return peaks


def _entries(ledger: Path) -> Iterable[dict[str, Any]]:
    with ledger.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()
