"""The catalogue of event kinds and the one way to write an event.

Each app declares its kinds in its `events.py` (imported by its AppConfig); an undeclared kind or field is refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction

if TYPE_CHECKING:
    from apps.core.models import Event, User


@dataclass(frozen=True)
class Kind:
    """A kind of event. `words` is its sentence, with {field} places filled from the event's data."""

    name: str
    words: str
    fields: frozenset[str]


_kinds: dict[str, Kind] = {}
# What `record` takes for itself; a field of the same name would silently become that.
_PARAMETERS = frozenset({"subject", "call_ref", "client_ref", "actor", "at", "applied", "key"})


class UndeclaredEvent(LookupError):
    """The kind or a field of an event is not in the catalogue: declare it in the app's events.py."""


def declare(name: str, words: str, fields: Iterable[str] = ()) -> None:
    """Add `name` ("app.past_tense") to the catalogue. Declaring a name twice with other words is an error."""
    kind = Kind(name, words, frozenset(fields))
    if taken := kind.fields & _PARAMETERS:
        raise ValueError(
            f"Event kind {name} has a field called {', '.join(taken)}: `record` means something else by it."
        )
    if _kinds.setdefault(name, kind) != kind:
        raise ValueError(f"Event kind {name} is declared twice.")


def catalogue() -> list[Kind]:
    """All declared kinds, by name."""
    return sorted(_kinds.values(), key=lambda kind: kind.name)


def record(
    kind: str,
    *,
    subject: str = "",
    call_ref: uuid.UUID | None = None,
    client_ref: uuid.UUID | None = None,
    actor: User | None = None,
    at: datetime | None = None,
    applied: bool = True,
    key: str | None = None,
    **data: Any,
) -> Event | None:
    """Write one event and return it (without a key of its own yet inside `gathered`); None when an event with this
    `key` was written before.

    Raises UndeclaredEvent for an unknown kind or data field.
    """
    from apps.core import clock
    from apps.core.models import Event

    declared = _kinds.get(kind)
    if declared is None:
        raise UndeclaredEvent(f"Event kind {kind} is not declared.")
    if unknown := set(data) - declared.fields:
        raise UndeclaredEvent(f"Event kind {kind} has no field {', '.join(sorted(unknown))}.")
    event = Event(
        kind=kind, subject=subject, call_ref=call_ref, client_ref=client_ref, actor=actor,
        at=at or clock.now(), applied=applied, key=key, data=data,
    )  # fmt: skip
    if key is None:
        if _gathering():
            transaction.on_commit(_Waiting(event))
        else:
            event.save(force_insert=True)
        return event
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        return None
    return event


@contextmanager
def gathered() -> Iterator[None]:
    """Write the events that are recorded in here with one statement at the end; for use inside `atomic`, at its rim.

    An event of a step that is rolled back is not written: each waits as a hook of the transaction, and Django drops
    the hooks of a savepoint with the savepoint. Events with a key are written at once, because the key decides.
    """
    from apps.core.prepared import insert

    token = _open.set(True)
    try:
        yield
    finally:
        _open.reset(token)
    # `run_on_commit` is where Django keeps the hooks: (savepoints, hook, robust).
    hooks = [hook for _savepoints, hook, _robust in connection.run_on_commit if isinstance(hook, _Waiting)]
    insert([hook.event for hook in hooks if hook.event.pk is None])


_open: ContextVar[bool] = ContextVar("events gathered", default=False)


def _gathering() -> bool:
    return _open.get() and connection.in_atomic_block


class _Waiting:
    """An event that waits in the transaction's hooks to be written; nothing is left to do after the commit."""

    def __init__(self, event: Event) -> None:
        self.event = event

    def __call__(self) -> None:
        """It was written before the commit."""


def sentence(event: Event) -> str:
    """The event in words, as a person reads it. Fields that it lacks show as an ellipsis."""
    kind = _kinds.get(event.kind)
    if kind is None:
        return event.kind
    return kind.words.format_map({name: _shown(event.data.get(name)) for name in kind.fields})


def _shown(value: Any) -> str:
    return "…" if value in (None, "") else str(value)
