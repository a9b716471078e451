"""What the sockets of this process look at. Computed elsewhere, put in here, rendered once, handed to each socket."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from time import monotonic
from typing import Any

from apps.core import clock
from apps.live import directory
from apps.live.diff import Picture, diff
from apps.live.scope import Scope
from apps.live.snapshot import Reader
from apps.live.sockets import Frame, Socket
from apps.live.touched import Touched
from apps.live.words import iso

SMALL = 1000  # characters; shorter frames are not worth packing
FRESH_SECONDS = 0.5  # how long a frame may be handed out: the time in it must not be late


def render(frame: dict[str, Any]) -> Frame:
    """The frame with the server's time: as text, or packed (raw deflate) when it is large.

    Packed once here and not for each socket by the server: a thousand boards cost what one costs.
    """
    text = json.dumps(frame | {"now": iso(clock.now())}, separators=(",", ":"), ensure_ascii=False)
    return text if len(text) < SMALL else zlib.compress(text.encode(), 1, wbits=-zlib.MAX_WBITS)


def read(frame: Frame) -> dict[str, Any]:
    """What `render` was given, as a browser reads it."""
    text = frame if isinstance(frame, str) else zlib.decompress(frame, wbits=-zlib.MAX_WBITS)
    return json.loads(text)


class Board:
    """One scope's picture with its version, and the sockets that show it.

    `look` and `learn` are for the hub's thread, all else is for the event loop.
    """

    def __init__(self, scope: Scope) -> None:
        self._reader = Reader(scope)
        self.learn = self._reader.learn
        self.sockets: set[Socket] = set()
        self.picture: Picture | None = None
        self.version = 0
        self._whole: Frame | None = None
        self._is_quiet = True  # nothing was said since the last beat

    @property
    def is_behind(self) -> bool:
        """There is more to see than was touched."""
        return self.picture is None or self._reader.is_behind

    def look(self, touched: Touched, *, whole: bool, again: bool) -> tuple[Picture, Frame | None]:
        """The picture as it is now and the delta that leads to it; read by what was `touched`, or more (see Reader)."""
        if self.picture is None:
            return self._reader.whole(), None
        if whole:
            picture = self._reader.whole()
        else:
            picture = self._reader.again() if again else self._reader.after(self.picture, touched)
        delta = diff(self.picture, picture)
        return picture, render({"type": "delta", "version": self.version + 1, **delta}) if delta else None

    def put(self, picture: Picture, delta: Frame | None) -> None:
        """Show `picture`: by the `delta` to those who have the last one; nothing when it is the same."""
        is_first, self.picture, self._whole = self.picture is None, picture, None
        if is_first:
            self.version = 1
            self._tell(self.whole())
        elif delta:
            self.version += 1
            self._tell(delta)
            self._is_quiet = False

    def add(self, socket: Socket) -> None:
        self.sockets.add(socket)
        if self.picture is not None:
            socket.push(self.whole(), whole=self.whole)

    def beat(self) -> None:
        """Say that all is well and which version is the present one, unless a frame has just said so."""
        self._whole = None
        if self.picture is not None and self._is_quiet:
            self._tell(render({"type": "beat", "version": self.version}))
        self._is_quiet = True

    def whole(self) -> Frame:
        """The whole picture, packed once however many join or fell behind at this moment."""
        if self._whole is None:
            self._whole = render({"type": "snapshot", "version": self.version, **(self.picture or {})})
        return self._whole

    def _tell(self, frame: Frame) -> None:
        for socket in self.sockets:
            socket.push(frame, whole=self.whole)


class Directory:
    """Who of one client's operators is free: one picture for all their desks, read once.

    `look` is for the hub's thread, all else is for the event loop.
    """

    def __init__(self, client_id: int) -> None:
        self._client_id = client_id
        self.picture: Picture | None = None
        self._whole: Frame | None = None
        self._rendered_at = 0.0

    def look(self, touched: Iterable[int], *, whole: bool) -> Picture:
        """The picture as it is now; the `touched` operators are read anew, or the `whole` of it."""
        if whole or self.picture is None:
            return {"colleagues": directory.rows(self._client_id)}
        kept = {row["id"]: row for row in self.picture["colleagues"]}
        changed = {row["id"]: row for row in directory.rows(self._client_id, touched)}
        return {"colleagues": list((kept | changed).values())}

    def put(self, picture: Picture) -> Frame | None:
        """Keep `picture`; the frame that leads to it from the last one, or None when it is the same."""
        delta = diff(self.picture or {}, picture)
        self.picture = picture
        if not delta:
            return None
        self._whole = None
        return render({"type": "directory_delta", **delta})

    def whole(self) -> Frame:
        """The whole picture, packed once for all who come at the same moment."""
        if self._whole is None or monotonic() - self._rendered_at > FRESH_SECONDS:
            self._whole, self._rendered_at = render(self.content()), monotonic()
        return self._whole

    def content(self) -> dict[str, Any]:
        return {"type": "directory", **(self.picture or {})}


class Desk:
    """One operator's state, and the sockets of that operator's pages."""

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()
        self.state: dict[str, Any] | None = None
        self.waiting: dict[int, int] = {}
        self.directory: Directory | None = None

    def put(self, state: dict[str, Any], *, again: bool = False) -> None:
        """Show `state`, if it differs from the last one or is to be said `again`."""
        if state != self.state or again:
            self.state = state
            self._tell(render(state))

    def put_waiting(self, waiting: dict[int, int]) -> None:
        """Show how many wait in this operator's queues."""
        mine = {row["id"]: waiting.get(row["id"], 0) for row in self.state["me"]["queues"]} if self.state else {}
        if mine != self.waiting:
            self.waiting = mine
            self._tell(self._waiting())

    def put_directory(self, directory: Directory, news: Frame | None) -> None:
        """Show who of the client's operators is free; `news` lead there from what the directory said before."""
        if directory is not self.directory:
            self.directory = directory
            self._tell(directory.whole())
        elif news is not None:
            self._tell(news)

    def add(self, socket: Socket) -> None:
        self.sockets.add(socket)
        if self.state is not None:
            socket.push(render(self.state), whole=self.whole)
            socket.push(self._waiting(), whole=self.whole)
        if self.directory is not None:
            socket.push(self.directory.whole(), whole=self.whole)

    def beat(self) -> None:
        self._tell(render({"type": "beat"}))

    def whole(self) -> Frame:
        """All that the desk shows, for a browser that fell behind."""
        frames = [self.state, self._counts(), self.directory and self.directory.content()]
        return render({"type": "all", "frames": [frame for frame in frames if frame is not None]})

    def _waiting(self) -> Frame:
        return render(self._counts())

    def _counts(self) -> dict[str, Any]:
        return {"type": "waiting", "queues": self.waiting}

    def _tell(self, frame: Frame) -> None:
        for socket in self.sockets:
            socket.push(frame, whole=self.whole)
