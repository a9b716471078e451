"""The one subscription of a web process: nudges come in, pictures are computed once, every socket gets them.

A nudge only says that something may be different. At most every TICK seconds the pictures that are touched are read
from the database anew, and what differs is sent; every BEAT seconds all are, so that a lost nudge heals by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

from apps.live import desk_state, desks, snapshot
from apps.live.pictures import Board, Desk
from apps.live.push import GROUP
from apps.live.receivers import BOARD, LINES
from apps.live.scope import Scope
from apps.live.sockets import Socket

TICK = 0.25
BEAT = 2.5
SUBSCRIBE_EVERY = 10.0

logger = logging.getLogger(__name__)


class Hub:
    """Boards by scope and desks by operator, while there is a socket for them."""

    def __init__(self) -> None:
        self.boards: dict[Scope, Board] = {}
        self.desks: dict[int, Desk] = {}
        self.proved: dict[UUID, int] = {}  # pages that proved since the last beat that they can ring, and whose
        self._touched_clients: set[int] = set()
        self._touched_desks: set[int] = set()
        self._touched_calls: set[int] = set()
        self._all_boards = self._all_desks = self._lines = False
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task] = []

    def watch(self, scope: Scope, socket: Socket) -> None:
        """Show the board of `scope` to `socket`, at once if it is known, else in a moment."""
        board = self.boards.setdefault(scope, Board())
        board.add(socket)
        if board.picture is None:
            self._all_boards = True
        self._begin()

    def sit_down(self, operator_id: int, socket: Socket) -> None:
        """Show the operator's desk to `socket`."""
        self.desks.setdefault(operator_id, Desk()).add(socket)
        self._touched_desks.add(operator_id)
        self._lines = True
        self._begin()

    def leave(self, socket: Socket) -> None:
        """Forget `socket`, and the pictures that nobody looks at any more."""
        for shown in (self.boards, self.desks):
            for key, picture in list(shown.items()):
                picture.sockets.discard(socket)
                if not picture.sockets:
                    del shown[key]

    def note(self, message: dict[str, Any]) -> None:
        """Take a nudge: remember what to look at anew."""
        for client_id, topics in message["changes"]:
            for topic in topics:
                if topic == BOARD:
                    self._touched_clients.add(client_id)
                elif topic == LINES:
                    self._lines = True
                else:
                    kind, _, key = topic.partition(":")
                    (self._touched_calls if kind == "call" else self._touched_desks).add(int(key))
        self._wake.set()

    def _begin(self) -> None:
        self._wake.set()
        if not self._tasks:
            self._tasks = [asyncio.create_task(work) for work in (self._listen(), self._paint(), self._keep_time())]

    async def _listen(self) -> None:
        """Receive nudges. A line to Valkey that breaks is built anew, and everything is looked at then."""
        layer = get_channel_layer()
        lost = False
        while True:
            try:
                channel = await layer.new_channel(GROUP)
                await layer.group_add(GROUP, channel)
                if lost:
                    logger.info("Live pages hear nudges again.")
                    self._touch_all()
                lost = False
                # A Valkey that was emptied or restarted has forgotten us without a word: say it again and again.
                async with asyncio.TaskGroup() as group:
                    group.create_task(self._stay_subscribed(layer, channel))
                    group.create_task(self._receive(layer, channel))
            except* (RedisError, OSError) as errors:
                if not lost:
                    logger.warning("Live pages hear no nudges: Valkey is out of reach (%s).", errors.exceptions[0])
                lost = True
            except* Exception:
                logger.exception("Live pages could not hear nudges.")
                lost = True
            await asyncio.sleep(1)

    async def _receive(self, layer: Any, channel: str) -> None:
        while True:
            self.note(await layer.receive(channel))

    async def _stay_subscribed(self, layer: Any, channel: str) -> None:
        while True:
            await asyncio.sleep(SUBSCRIBE_EVERY)
            await layer.group_add(GROUP, channel)

    def _touch_all(self) -> None:
        self._all_boards = self._all_desks = self._lines = True
        self._wake.set()

    async def _paint(self) -> None:
        """Bring the pictures up to date whenever something was touched, with a pause between."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if await self._safely(self._paint_once()):
                await asyncio.sleep(TICK)
            else:
                # The database is away: what was touched is unknown now, so all is looked at when it is back.
                await asyncio.sleep(1)
                self._touch_all()

    async def _paint_once(self) -> None:
        clients, operators, calls = self._touched_clients, self._touched_desks, self._touched_calls
        boards, lines, again = self._all_boards, self._lines, self._all_desks
        self._touched_clients, self._touched_desks, self._touched_calls = set(), set(), set()
        self._all_boards = self._all_desks = self._lines = False
        if calls and self.desks and not again:
            operators |= await database_sync_to_async(desk_state.concerned)(calls)
        operators = set(self.desks) if again else operators & self.desks.keys()
        if operators:
            for operator_id, state in (await database_sync_to_async(desk_state.states)(list(operators))).items():
                if desk := self.desks.get(operator_id):
                    desk.put(state, again=again)
        if lines and self.desks:
            waiting = await database_sync_to_async(desk_state.waiting)()
            for desk in self.desks.values():
                desk.put_waiting(waiting)
        for scope in [scope for scope in self.boards if boards or scope.sees(clients)]:
            picture = await database_sync_to_async(snapshot.board)(scope)
            if board := self.boards.get(scope):
                board.put(picture)

    async def _keep_time(self) -> None:
        """Beats: desks are asked for their proof, boards learn their version; all pictures are read anew at times."""
        beat = 0
        while True:
            await asyncio.sleep(BEAT)
            beat += 1
            for desk in self.desks.values():
                desk.beat()
            if beat % 2 == 0:
                for board in self.boards.values():
                    board.beat()
                self._all_boards = self._lines = True
            if beat % 4 == 0:
                self._all_desks = True
            self._wake.set()
            proved, self.proved = self.proved, {}
            if proved:
                await self._safely(database_sync_to_async(desks.keep)(proved))

    async def _safely(self, work: Coroutine[Any, Any, Any]) -> bool:
        """Whether `work` went well. The hub outlives a database that is away for a while."""
        try:
            await work
        except Exception:
            logger.exception("Live pages could not be brought up to date.")
            return False
        return True


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def get_hub() -> Hub:
    """The hub of this process (of this event loop, to be exact: tests have several)."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
