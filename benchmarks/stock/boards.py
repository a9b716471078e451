"""Two other ways to bring a frame to every socket. A frame that comes in at /feed goes out to all at /ws.

`grouped`: Channels as its manual shows it: each socket is in a group of the Valkey layer, and `group_send` reaches it.
`plain`: an ASGI application that awaits the send of each of its sockets in turn, and does nothing else.
"""

from __future__ import annotations

import os
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.conf import settings
from django.urls import path

if not settings.configured:
    layer = {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # The default of 100 waiting messages loses frames at once, and redis-py gives up idle lines after 5 seconds.
        "CONFIG": {"hosts": [{"address": os.environ["REDIS_URL"], "socket_timeout": None}], "capacity": 10_000},
    }
    settings.configure(CHANNEL_LAYERS={"default": layer}, SECRET_KEY="bench")
GROUP = "boards"


class Member(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()
        await self.send(text_data='{"type":"beat"}')

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def board_frame(self, event: dict[str, Any]) -> None:
        await self.send(bytes_data=event["frame"])


class Feed(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.accept()
        await self.send(text_data='{"type":"beat"}')

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await get_channel_layer().group_send(GROUP, {"type": "board.frame", "frame": bytes_data})


grouped = URLRouter([path("ws", Member.as_asgi()), path("feed", Feed.as_asgi())])

_sends: set[Any] = set()


async def plain(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": '{"type":"beat"}'})
    if scope["path"] == "/ws":
        _sends.add(send)
    while (event := await receive())["type"] != "websocket.disconnect":
        for each in list(_sends):
            await each({"type": "websocket.send", "bytes": event["bytes"]})
    _sends.discard(send)
