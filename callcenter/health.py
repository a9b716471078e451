"""Is the process alive, can it work, and how much is it doing: `/healthz`, `/readyz`, `/metrics`."""

import functools
import time
from collections.abc import Callable
from typing import ClassVar

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

HEARTBEAT_KEY = "callcenter:heartbeat"
# Three missed beats.
HEARTBEAT_LIVES_S = 20


@functools.cache
def valkey() -> redis.Redis:
    """The process's own Valkey client (thread-safe, with its pool of connections)."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def beat() -> None:
    """The worker says that it lives; the word expires by itself."""
    valkey().set(HEARTBEAT_KEY, int(time.time()), ex=HEARTBEAT_LIVES_S)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer: look at DATABASE_URL and at the server."
    return ""


def _valkey() -> str:
    try:
        valkey().ping()
    except redis.RedisError:
        return "Valkey does not answer: look at REDIS_URL and at the server."
    return ""


def _worker() -> str:
    try:
        alive = valkey().exists(HEARTBEAT_KEY)
    except redis.RedisError:
        return "Unknown while Valkey does not answer."
    return "" if alive else "No heartbeat: start the worker and beat (celery -A callcenter worker -B)."


CHECKS: dict[str, Callable[[], str]] = {"database": _database, "valkey": _valkey, "worker": _worker}


def healthz(request: HttpRequest) -> JsonResponse:
    """The process lives."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Everything that a call needs is there; 503 names what is missing and what to do."""
    problems = {name: problem for name, check in CHECKS.items() if (problem := check())}
    parts = {name: problems.get(name, "ok") for name in CHECKS}
    reply = JsonResponse({"status": "missing" if problems else "ok", **parts}, status=503 if problems else 200)
    # Whoever asks acts on the answer; Django would write an error for every 503.
    reply._has_been_logged = True  # type: ignore[attr-defined]
    return reply


class ProbeMiddleware:
    """Answers the probes before everything else: who runs them uses an address, not a name, and plain HTTP."""

    probes: ClassVar[dict[str, Callable[[HttpRequest], JsonResponse]]] = {"/healthz": healthz, "/readyz": readyz}

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        probe = self.probes.get(request.path_info)
        return probe(request) if probe else self.get_response(request)
