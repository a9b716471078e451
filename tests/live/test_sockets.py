import asyncio
import logging

from apps.live.sockets import BACKLOG, Socket


class Server:
    """What a socket sends to. `room` is set while the browser reads."""

    def __init__(self):
        self.sent = []
        self.room = asyncio.Event()
        self.room.set()
        self.has_closed = None

    async def send(self, message):
        await self.room.wait()
        if self.has_closed:
            raise self.has_closed
        self.sent.append(message)


def snapshot():
    return "snapshot"


async def _a_moment():
    for _ in range(2 * BACKLOG):
        await asyncio.sleep(0)


def line():
    """The server of a browser, and the socket that writes to it."""
    server = Server()
    return server, Socket(server.send)


async def test_a_frame_is_with_the_server_at_once_as_text_or_packed():
    server, socket = line()
    socket.push("text", whole=snapshot)
    socket.push(b"packed", whole=snapshot)

    assert server.sent == [
        {"type": "websocket.send", "text": "text"}, {"type": "websocket.send", "bytes": b"packed"},
    ]  # fmt: skip


async def test_frames_for_a_browser_that_does_not_read_wait_in_their_order():
    server, socket = line()
    server.room.clear()
    for number in range(BACKLOG + 1):
        socket.push(f"delta {number}", whole=snapshot)
    await _a_moment()
    assert server.sent == []

    server.room.set()
    await _a_moment()
    socket.push("at once", whole=snapshot)

    wanted = [f"delta {number}" for number in range(BACKLOG + 1)]
    assert [message["text"] for message in server.sent] == [*wanted, "at once"]


async def test_a_browser_that_does_not_read_gets_the_whole_picture_instead_of_what_it_missed():
    server, socket = line()
    server.room.clear()
    for number in range(BACKLOG + 2):
        socket.push(f"delta {number}", whole=snapshot)

    server.room.set()
    await _a_moment()

    # The first one was on its way already.
    assert [message["text"] for message in server.sent] == ["delta 0", "snapshot"]


async def test_a_browser_that_left_harms_nobody(caplog):
    caplog.set_level(logging.WARNING)
    server, socket = line()
    server.has_closed = OSError("gone")
    socket.push("delta 0", whole=snapshot)
    server.room.clear()
    for number in range(3):
        socket.push(f"delta {number}", whole=snapshot)
    server.room.set()
    await _a_moment()

    assert server.sent == []
    assert caplog.records == []


async def test_a_closed_socket_forgets_what_waits():
    server, socket = line()
    server.room.clear()
    for number in range(3):
        socket.push(f"delta {number}", whole=snapshot)

    socket.close()
    await _a_moment()
    server.room.set()
    await _a_moment()

    assert server.sent == []
