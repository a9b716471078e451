"""A load generator: so many connections, each sending its next request when the last one is answered."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httptools

from benchmarks.figures import percentile


@dataclass
class Strike:
    """What came of one go: answers by status, and how long each took, in seconds."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def figures(self) -> dict[str, float]:
        return {
            "per_second": round(self.per_second, 1),
            "p50_ms": round(percentile(self.latencies, 50) * 1000, 2),
            "p99_ms": round(percentile(self.latencies, 99) * 1000, 2),
        }


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], until: float, strike: Strike) -> None:
        self._requests, self._until, self._strike = requests, until, strike
        self._parser = httptools.HttpResponseParser(self)
        self.over = asyncio.get_running_loop().create_future()
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_exception(exc or ConnectionError("The server closed the connection."))

    def on_message_complete(self) -> None:
        self._strike.latencies.append(time.perf_counter() - self._sent)
        self._strike.statuses[self._parser.get_status_code()] += 1
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None) if time.perf_counter() < self._until else None
        if request is None:
            if not self.over.done():
                self.over.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)  # type: ignore[attr-defined]


def strike(url: str, sources: list[Callable[[], Iterator[bytes]]], seconds: float) -> Strike:
    """One connection for each of `sources`, for `seconds` or until they run dry."""
    return asyncio.run(_strike(urlsplit(url).hostname or "", urlsplit(url).port or 80, sources, seconds))


async def _strike(host: str, port: int, sources: list[Callable[[], Iterator[bytes]]], seconds: float) -> Strike:
    loop, done = asyncio.get_running_loop(), Strike()
    began = time.perf_counter()
    made = [
        await loop.create_connection(lambda source=source: _Connection(source(), began + seconds, done), host, port)
        for source in sources
    ]
    await asyncio.gather(*(connection.over for _, connection in made))
    done.seconds = time.perf_counter() - began
    return done


def post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """One HTTP/1.1 request with a form, as bytes."""
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines += ["Content-Type: application/x-www-form-urlencoded; charset=UTF-8", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
