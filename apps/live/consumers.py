"""The sockets of the live pages. They push only: a browser may answer the beat and nothing else."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from abc import ABC, abstractmethod
from collections import deque
from time import monotonic
from typing import Any
from uuid import uuid4

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from apps.core.models import User
from apps.live import desk_state, desks
from apps.live.door import Admitted
from apps.live.hub import get_hub
from apps.live.pictures import render
from apps.live.scope import Scope
from apps.live.sockets import Socket
from apps.operators import services as operators
from apps.operators.models import Operator

logger = logging.getLogger(__name__)

SIGNED_OUT, FORBIDDEN, MISUSED = 4401, 4403, 4408
CHECK_EVERY, TOGETHER = 60.0, 1.0
LONGEST_MESSAGE = 64
MESSAGES, PER_SECONDS = 20, 10.0


class LiveConsumer(AsyncWebsocketConsumer, ABC):
    """A socket with a session behind it. Subclasses say who may come in and what they see."""

    # Without a layer of its own: the hub's subscription serves all sockets of the process.
    channel_layer_alias = "none"

    async def connect(self) -> None:
        self.socket = Socket(self.base_send)
        self._heard: deque[float] = deque(maxlen=MESSAGES)
        self._checking: asyncio.Task[None] | None = None
        # Accepted first, because a browser learns the reason of a closed socket only, never of a refused one.
        await self.accept()
        if await self._let_in(*await self._ask()):
            self._checking = asyncio.create_task(self._check())

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        self._leave()  # nothing follows the last word
        await super().close(code, reason)

    async def disconnect(self, code: int) -> None:
        if self._checking is not None:
            self._checking.cancel()
        self._leave()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        now = monotonic()
        too_often = len(self._heard) == MESSAGES and now - self._heard[0] < PER_SECONDS
        self._heard.append(now)
        message = None if too_often or text_data is None else _ping(text_data)
        if message is None:
            await self.close(MISUSED)
        else:
            await self.answered(ready=message.get("ready", True))

    async def answered(self, *, ready: bool) -> None:
        """The browser answered the beat."""

    @abstractmethod
    def rights(self, user: User) -> Any:
        """What `user` comes in with, from the database; None: not for this user."""

    @abstractmethod
    async def admit(self, rights: Any) -> None:
        """Join the hub, or rejoin when the rights are different now."""

    async def _let_in(self, user: User | AnonymousUser, rights: Any) -> bool:
        if rights is None:
            await self.close(FORBIDDEN if user.is_authenticated else SIGNED_OUT)
            return False
        await self.admit(rights)
        return True

    def _leave(self) -> None:
        get_hub().leave(self.socket)
        self.socket.close()

    async def _check(self) -> None:
        """Sessions end, people lose roles and clients: what was allowed at the door is asked for again."""
        pause = CHECK_EVERY * random.random()  # never all at once, where all came back at once
        while True:
            # On the beat of a clock, so that those whose time came since the last beat are asked about together.
            await asyncio.sleep(pause + -(monotonic() + pause) % TOGETHER)
            pause = CHECK_EVERY
            try:
                if not await self._let_in(*await self._ask()):
                    return
            except Exception:
                # The database is away; who was let in stays until it can say otherwise.
                logger.exception("A live page's session could not be checked.")

    async def _ask(self) -> Admitted:
        return await get_hub().door.ask(self.scope["cookies"].get(settings.SESSION_COOKIE_NAME), self.rights)


def _ping(text: str) -> dict[str, Any] | None:
    """The message, if it is a ping; None for everything else."""
    if len(text) > LONGEST_MESSAGE:
        return None
    try:
        message = json.loads(text)
    except ValueError:
        return None
    if not isinstance(message, dict) or message.get("type") != "ping" or not message.keys() <= {"type", "ready"}:
        return None
    return message if isinstance(message.get("ready", True), bool) else None


class BoardConsumer(LiveConsumer):
    """A supervisor's board."""

    async def connect(self) -> None:
        self._shown: Scope | None = None
        await super().connect()

    def rights(self, user: User) -> Scope | None:
        return Scope.of(user) if user.has_perm("queues.watch_board") else None

    async def admit(self, rights: Scope) -> None:
        if rights != self._shown:
            hub = get_hub()
            hub.leave(self.socket)
            hub.watch(rights, self.socket)
            self._shown = rights


class DeskConsumer(LiveConsumer):
    """An operator's desk. While its page proves that it can ring, calls may be offered to the operator."""

    async def connect(self) -> None:
        self._page = uuid4()
        self._operator_id: int | None = None
        self._was_ready = True
        await super().connect()

    def rights(self, user: User) -> Operator | None:
        return operators.for_user(user)

    async def admit(self, rights: Operator) -> None:
        if rights.pk != self._operator_id:
            self._operator_id = rights.pk
            await database_sync_to_async(desks.open_desk)(rights.pk, self._page)
            setup = render(await _setup(rights))
            self.socket.push(setup, whole=lambda: setup)
            get_hub().sit_down(rights.pk, self.socket)

    async def answered(self, *, ready: bool) -> None:
        if self._operator_id is None:
            return
        if ready and not self._was_ready:
            # From no to yes: the telephone is back, whatever we thought of it.
            await database_sync_to_async(desks.open_desk)(self._operator_id, self._page)
        elif ready:
            get_hub().proved[self._page] = self._operator_id
        self._was_ready = ready


@database_sync_to_async
def _setup(operator: Operator) -> dict[str, Any]:
    return desk_state.setup(operator)
