"""What `dialer-chaos` does to the house: a pack of dialers, and a nemesis with a list of misfortunes."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from typing import Any

from django.db import DatabaseError, connection

from apps.campaigns import services
from apps.campaigns.models import Campaign
from apps.core.refused import Refused
from benchmarks.house import House

FROZEN_S = (0.5, 3.5)
PAUSED_S = 3.0
AIM_S = 0.4  # how long the nemesis waits for somebody to hold a lease
HANG_AIM_S = 20.0  # and where it must be one who holds it


class Pack:
    """So many dialer processes; one that ends is replaced at once."""

    def __init__(self, count: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["benchmarks.chaos_worker"])
        self.members: list[ForkServerProcess] = [self._fork() for _ in range(count)]
        self._hung: list[ForkServerProcess] = []

    def _fork(self) -> ForkServerProcess:
        from benchmarks.chaos_worker import main

        process = self._context.Process(target=main, daemon=True)
        process.start()
        return process

    def replace(self, index: int) -> None:
        """A new process for one that is ending."""
        self.members[index].join(15)
        if self.members[index].is_alive():
            self.members[index].kill()
            self.members[index].join()
        self.members[index] = self._fork()

    def give_up(self, index: int) -> None:
        """A new process for one that hangs and will hang until the end."""
        self._hung.append(self.members[index])
        self.members[index] = self._fork()

    def send(self, index: int, number: signal.Signals) -> int:
        pid = self.members[index].pid or 0
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        return pid

    def end(self) -> None:
        for member in self.members + self._hung:
            member.kill()
            member.join(5)


@dataclass
class Nemesis:
    """A shuffled list of misfortunes, struck one after the other. What follows later (`turn`) does not hold it up."""

    house: House
    pack: Pack
    plan: list[str]
    chance: random.Random
    pauses: list[tuple[str, float, float]]
    done: Counter[str] = field(default_factory=Counter)
    takeovers: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    _later: list[tuple[float, Callable[[], Any]]] = field(default_factory=list)
    _orphans: dict[int, tuple[str, float, int]] = field(default_factory=dict)

    def strike(self, what: str) -> None:
        getattr(self, f"_{what}")()
        self.done[what] += 1

    def turn(self) -> None:
        """Do what is due by now, and note who was taken over."""
        due = [step for at, step in self._later if at <= time.monotonic()]
        self._later = [(at, step) for at, step in self._later if at > time.monotonic()]
        for step in due:
            step()
        for key, (name, began, fence) in list(self._orphans.items()):
            status, now = patiently(lambda key=key: Campaign.objects.values_list("status", "fence").get(pk=key))
            if now != fence:
                self.takeovers[name].append(round(time.monotonic() - began, 2))
            if now != fence or status != Campaign.Status.RUNNING:
                del self._orphans[key]

    def finish(self) -> None:
        """Undo what still stands."""
        for _at, step in self._later:
            step()
        self._later = []

    def _kill(self) -> None:
        self._end("kill", signal.SIGKILL)

    def _term(self) -> None:
        self._end("term", signal.SIGTERM)

    def _end(self, name: str, number: signal.Signals) -> None:
        """Most of the time whoever holds a lease; then it is watched how long until somebody else dials for it."""
        index = self._a_holder() if self.chance.random() < 0.8 else None
        if index is None:
            index = self.chance.randrange(len(self.pack.members))
        began, pid = time.monotonic(), self.pack.send(index, number)
        held = _held_by(pid)
        self.pack.replace(index)
        # Whoever gave it back before it ended (SIGTERM) left nothing to be taken over; the next step is measured.
        self._watch(name, began, held)

    def _hang(self) -> None:
        """Freeze for good one who holds a lease: only the end of its time helps."""
        began = time.monotonic()
        while time.monotonic() - began < HANG_AIM_S:
            if (index := self._a_holder()) is None:
                continue
            frozen, pid = time.monotonic(), self.pack.send(index, signal.SIGSTOP)
            if held := _held_by(pid):
                self.pack.give_up(index)
                self._watch("hang", frozen, held)
                return
            self.pack.send(index, signal.SIGCONT)

    def _watch(self, name: str, began: float, held: dict[int, int]) -> None:
        """Note when somebody else dials for these campaigns, at these fences now."""
        for key, fence in held.items():
            self._orphans.setdefault(key, (name, began, fence))

    def _a_holder(self) -> int | None:
        mine = {member.pid: index for index, member in enumerate(self.pack.members)}
        began = time.monotonic()
        while time.monotonic() - began < AIM_S:
            owners = [mine[owner] for owner, _fence in patiently(_owners).values() if owner in mine]
            if owners:
                return self.chance.choice(owners)
            time.sleep(0.01)
        return None

    def _freeze(self) -> None:
        pid = self.pack.send(self.chance.randrange(len(self.pack.members)), signal.SIGSTOP)

        def go_on() -> None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

        self._after(self.chance.uniform(*FROZEN_S), go_on)

    def _database(self) -> None:
        # The immediate stop: as a crash, with recovery after it.
        self._restart(self.house.servers["DATABASE_URL"], signal.SIGQUIT)

    def _valkey(self) -> None:
        self._restart(self.house.servers["REDIS_URL"], signal.SIGKILL)

    def _restart(self, server: Any, number: signal.Signals) -> None:
        index = self.house.children.index(server.child)
        server.child.process.send_signal(number)
        server.child.process.wait(30)
        server.start()
        self.house.children[index] = server.child

    def _pause(self) -> None:
        campaign = patiently(lambda: Campaign.objects.running().select_related("client").order_by("?").first())
        if campaign is None:
            return
        with suppress(Refused):  # it is through at this very moment
            patiently(services.pause, campaign)
        paused = time.time()

        def resume() -> None:
            self.pauses.append((str(campaign.pk), paused, time.time()))
            with suppress(Refused):
                patiently(services.resume, campaign)

        self._after(PAUSED_S, resume)

    def _after(self, seconds: float, step: Callable[[], Any]) -> None:
        self._later.append((time.monotonic() + seconds, step))


def patiently(ask: Callable[..., Any], *args: Any) -> Any:
    """The answer, however often the database goes away meanwhile."""
    for _try in range(150):
        try:
            return ask(*args)
        except DatabaseError:
            connection.close()
            time.sleep(0.2)
    raise SystemExit("The database does not come back.")


def _held_by(pid: int) -> dict[int, int]:
    """The campaigns whose lease this process holds, with their fences."""
    return {key: fence for key, (owner, fence) in patiently(_owners).items() if owner == pid}


def _owners() -> dict[int, tuple[int, int]]:
    """Campaign -> the process that holds its lease now, and the fence of that."""
    rows = Campaign.objects.running().exclude(owner="").values_list("pk", "owner", "fence")
    return {key: (int(owner.split(":")[1]), fence) for key, owner, fence in rows}
