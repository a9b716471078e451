"""Our addresses, as the carrier is given them, and how to read them again.

All stand under PUBLIC_BASE_URL. What an address is about rides in its path as a signed token: a signature of the
carrier proves who asks, the token proves that we gave the address out. `switchboard` mounts the patterns.
"""

from __future__ import annotations

import re
import secrets
import uuid
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.templatetags.static import static

PREFIX = "/carrier/"
_WORD = re.compile(r"[A-Za-z0-9_.:,-]{1,120}")


class BadToken(ValueError):
    """The address was not made by us, or under a secret that is no longer known."""


class Step(NamedTuple):
    """Document number `n` of a leg ended by `action` ("menu", "queue-left", ...)."""

    leg: uuid.UUID
    n: int
    action: str


class Resume(NamedTuple):
    """A live leg was sent here by us, to do `what`."""

    leg: uuid.UUID
    what: str


class Waiting(NamedTuple):
    """A place in line; `announced`: on the way there it was said that the call may be recorded."""

    entry: uuid.UUID
    announced: bool


class Choosing(NamedTuple):
    """A key pressed in line, while document `n` of the caller's line holds them there."""

    entry: uuid.UUID
    n: int


def voice() -> str:
    """Where the carrier asks what to do with a new incoming call."""
    return _plain("voice")


def fallback() -> str:
    """Where it asks when one of our documents failed."""
    return _plain("fallback")


def number_status() -> str:
    """Where it says that a call to one of our numbers is over."""
    return _plain("number-status")


def app() -> str:
    """Where it asks what to do with a call that a desk began."""
    return _plain("app")


def hold_music() -> str:
    """The document that a leg on hold hears."""
    return _plain("music")


def music_file() -> str:
    """The sound that is played to whoever waits."""
    return f"{settings.PUBLIC_BASE_URL}{static('audio/hold.wav')}"


def step(leg: uuid.UUID, n: int, action: str) -> str:
    """Where document `n` of `leg` continues; each `n` serves once. `action` is a word of the switchboard's."""
    return _signed("step", leg, n, action)


def answered(leg: uuid.UUID) -> str:
    """Where the carrier asks what to do with a leg that we dialled and that was picked up."""
    return _signed("answered", leg)


def status(leg: uuid.UUID) -> str:
    """Where it reports a leg's progress."""
    return _signed("status", leg)


def resume(leg: uuid.UUID, what: str) -> str:
    """The document that a live leg is redirected to.

    Each call gives a new address: a second redirect to do the same again is not a repetition of the first.
    """
    return _signed("resume", leg, what, secrets.token_hex(4))


def wait(entry: uuid.UUID, *, announced: bool = False) -> str:
    """What a caller in a queue hears; `announced` as in `Waiting`."""
    return _signed("wait", entry, "announced" if announced else "as-before")


def choose(entry: uuid.UUID, n: int) -> str:
    """Where a key goes that is pressed while waiting, during document `n` of the caller's line.

    Each wait document has a new one: silence twice is not a repetition.
    """
    return _signed("choose", entry, n, secrets.token_hex(4))


def queue_music(queue: uuid.UUID, digest: str) -> str:
    """The sound that is played to those who wait in this queue; another sound (`digest`) has another address."""
    return _signed("queue-music", queue, digest)


def conference(room: int) -> str:
    """Where the carrier reports who comes into a room and who leaves."""
    return _signed("conference", room)


def recording(recording_id: uuid.UUID) -> str:
    """Where it reports on a recording."""
    return _signed("recording", recording_id)


def message_status(message: int) -> str:
    """Where it reports on a text message."""
    return _signed("message", message)


def read(kind: str, token: str) -> Any:
    """What an address of `kind` (the first part of its path) is about.

    step -> Step(leg, n, action); resume -> Resume(leg, what); choose -> Choosing(entry, n); wait -> Waiting(entry,
    announced); answered, status -> the leg's public id; queue-music -> the queue's; recording -> the recording's;
    conference, message -> the row's key. Raises BadToken.
    """
    try:
        parts = _signer(kind).unsign(token).split("~")
        match kind, parts:
            case "step", [leg, n, action]:
                return Step(uuid.UUID(leg), int(n), action)
            case "resume", [leg, what, _once]:
                return Resume(uuid.UUID(leg), what)
            case "choose", [entry, n, _once]:
                return Choosing(uuid.UUID(entry), int(n))
            case "wait", [entry, on_the_way]:
                return Waiting(uuid.UUID(entry), on_the_way == "announced")
            case "queue-music", [queue, _digest]:
                return uuid.UUID(queue)
            case (("answered" | "status" | "recording"), [subject]):
                return uuid.UUID(subject)
            case (("conference" | "message"), [key]):
                return int(key)
    except (signing.BadSignature, ValueError) as error:
        raise BadToken(f"This {kind} address was not made by us.") from error
    raise BadToken(f"There are no {kind} addresses.")


def _signer(kind: str) -> signing.Signer:
    return signing.Signer(salt=f"carrier.{kind}", sep=".")


def _plain(path: str) -> str:
    return f"{settings.PUBLIC_BASE_URL}{PREFIX}{path}"


def _signed(kind: str, *parts: uuid.UUID | int | str) -> str:
    words = [part.hex if isinstance(part, uuid.UUID) else str(part) for part in parts]
    if not all(_WORD.fullmatch(word) for word in words):
        raise ValueError(f"A {kind} address holds identifiers and words only.")
    return _plain(f"{kind}/{_signer(kind).sign('~'.join(words))}")
