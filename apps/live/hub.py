"""The one subscription of a web process: nudges come in, pictures are computed once, every socket gets them.

A nudge only says that something may be different. At most every TICK seconds the pictures that are touched are read
from the database anew, and what differs is sent; every BEAT seconds all are, so that a lost nudge heals by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.db import connections
from redis.exceptions import RedisError

from apps.live import desk_state, desks, directory
from apps.live.door import Door
from apps.live.pictures import Board, Desk, Directory
from apps.live.push import CHANNEL, valkey
from apps.live.scope import Scope
from apps.live.sockets import Socket
from apps.live.touched import Touched

TICK = 0.25
BEAT = 2.5
AGAIN = 0.25  # seconds until a lost line to Valkey is built anew

logger = logging.getLogger(__name__)


class Hub:
    """Boards by scope and desks by operator, while there is a socket for them."""

    def __init__(self) -> None:
        self.boards: dict[Scope, Board] = {}
        self.desks: dict[int, Desk] = {}
        self._clients: dict[int, int] = {}  # of the operators at the desks
        self._directories: dict[int, Directory] = {}  # by client
        self.proved: dict[UUID, int] = {}  # pages that proved since the last beat that they can ring, and whose
        self.door = Door()
        self._touched = Touched()
        self._new_desks: set[int] = set()
        self._all_boards = self._all_desks = self._lines = False  # may be wrong in any way
        self._learn = self._again = False  # what a beat brings: first the names and settings, then the pictures
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task] = []
        # A thread of its own: five hundred browsers that come back at once must not stand before the pictures.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live-hub")

    def watch(self, scope: Scope, socket: Socket) -> None:
        """Show the board of `scope` to `socket`, at once if it is known, else in a moment."""
        if scope not in self.boards:
            self.boards[scope] = Board(scope)
        self.boards[scope].add(socket)
        self._begin()

    def sit_down(self, operator_id: int, socket: Socket) -> None:
        """Show the operator's desk to `socket`."""
        self.desks.setdefault(operator_id, Desk()).add(socket)
        self._new_desks.add(operator_id)
        self._lines = True
        self._begin()

    def leave(self, socket: Socket) -> None:
        """Forget `socket`, and the pictures that nobody looks at any more."""
        for shown in (self.boards, self.desks):
            for key, picture in list(shown.items()):
                picture.sockets.discard(socket)
                if not picture.sockets:
                    del shown[key]

    def note(self, touched: Touched) -> None:
        """Take a nudge: remember what to look at anew."""
        self._touched.merge(touched)
        self._wake.set()

    async def stop(self) -> None:
        """End what runs beside, with the thread's connection to the database."""
        # Asked again until they end: a task that waits for the thread may take the thread's answer for its own.
        while running := [task for task in self._tasks if not task.done()]:
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=0.5)
        await self._read(connections.close_all)
        self._thread.shutdown()

    def _begin(self) -> None:
        self._wake.set()
        if not self._tasks:
            self._tasks = [asyncio.create_task(work) for work in (self._listen(), self._paint(), self._keep_time())]

    async def _read(self, work: Callable[..., Any], *args: Any) -> Any:
        return await database_sync_to_async(work, thread_sensitive=False, executor=self._thread)(*args)

    async def _listen(self) -> None:
        """Receive nudges. A line to Valkey that breaks is built anew, and everything is looked at then."""
        lost = False
        while True:
            try:
                async with valkey() as line, line.pubsub(ignore_subscribe_messages=True) as ear:
                    await ear.subscribe(CHANNEL)
                    if lost:
                        logger.info("Live pages hear nudges again.")
                    lost = False
                    # Whatever changed before we listened.
                    self._all_boards = self._lines = True
                    self._new_desks |= self.desks.keys()
                    self._wake.set()
                    while True:
                        message = await ear.get_message(timeout=BEAT)
                        if message is not None:
                            self.note(Touched.loads(message["data"]))
            except (RedisError, OSError) as error:
                if not lost:
                    logger.warning("Live pages hear no nudges: Valkey is out of reach (%s).", error)
                lost = True
            except Exception:
                logger.exception("Live pages could not hear nudges.")
                lost = True
            await asyncio.sleep(AGAIN)

    def _touch_all(self) -> None:
        self._all_boards = self._all_desks = self._lines = True
        self._wake.set()

    async def _paint(self) -> None:
        """Bring the pictures up to date whenever something was touched, at most once in a TICK."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            self._wake.clear()
            began = loop.time()
            if await self._safely(self._paint_once()):
                if self._learn:
                    await self._safely(self._learn_anew())
                await asyncio.sleep(began + TICK - loop.time())
            else:
                # The database is away: what was touched is unknown now, so all is looked at when it is back.
                await asyncio.sleep(1)
                self._touch_all()

    async def _paint_once(self) -> None:
        touched, new_desks, all_boards, again = self._touched, self._new_desks, self._all_boards, self._again
        # Who serves a queue, and what it asks of its calls, stands at the desks.
        all_desks = self._all_desks or bool(touched.queue)
        lines = self._lines or bool(touched.entry or touched.queue)
        self._touched, self._new_desks = Touched(), set()
        self._all_boards = self._all_desks = self._lines = self._again = False
        for scope, board in list(self.boards.items()):
            if all_boards or again or board.is_behind or scope.sees(touched.clients):
                board.put(*await self._read(partial(board.look, touched, whole=all_boards, again=again)))
            if board.is_behind:
                self._wake.set()
        if self.desks:
            await self._paint_desks(touched, new_desks, again=all_desks)
            if lines:
                waiting = await self._read(desk_state.waiting)
                for desk in self.desks.values():
                    desk.put_waiting(waiting)
            if again or new_desks or touched.operator:
                await self._paint_directories(touched, again=again)

    async def _learn_anew(self) -> None:
        """Names and settings. In the pause between two pictures: it takes longer than a picture may be late."""
        self._learn = False
        for board in list(self.boards.values()):
            await self._read(board.learn)

    async def _paint_desks(self, touched: Touched, new: set[int], *, again: bool) -> None:
        wanted = touched.operator | new
        if touched.call and not again:
            wanted |= await self._read(desk_state.concerned, touched.call)
        operators = set(self.desks) if again else wanted & self.desks.keys()
        if operators:
            for operator_id, state in (await self._read(desk_state.states, list(operators))).items():
                if desk := self.desks.get(operator_id):
                    desk.put(state, again=again)

    async def _paint_directories(self, touched: Touched, *, again: bool) -> None:
        """Who is free, read once for all the desks of a client, and only where one of its operators was touched."""
        if again or not self.desks.keys() <= self._clients.keys():
            self._clients = await self._read(directory.clients_of, list(self.desks))
        shown: dict[int, list[Desk]] = {}
        for operator_id, desk in self.desks.items():
            if operator_id in self._clients:
                shown.setdefault(self._clients[operator_id], []).append(desk)
        self._directories = {client: self._directories.get(client) or Directory(client) for client in shown}
        for client, book in self._directories.items():
            news = None
            if again or book.picture is None or (touched.operator and client in touched.clients):
                news = book.put(await self._read(partial(book.look, touched.operator, whole=again)))
            for desk in shown[client]:
                desk.put_directory(book, news)

    async def _keep_time(self) -> None:
        """Beats: desks are asked for their proof, boards learn their version; all pictures are read anew at times."""
        beat = 0
        while True:
            await asyncio.sleep(BEAT)
            beat += 1
            for desk in self.desks.values():
                desk.beat()
            for board in self.boards.values():
                board.beat()
            if beat % 2:
                self._learn = True
            else:
                self._again = self._lines = True
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
