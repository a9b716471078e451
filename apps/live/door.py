"""Who is behind a socket: asked when it comes and again while it stays, for all who ask at the same time together.

Hundreds of boards are asked about each minute. Asked one by one, each with the questions that a page's request has,
they cost as much as sending them their frames.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from apps.core.models import User

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore
AT_ONCE = 50  # so that who comes first need not wait for all who come back at the same moment
_BY_PASSWORD = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 (a name)

Rights = Callable[[User], Any]  # what a user comes in with, from the database; None: not for this user
Admitted = tuple[User | AnonymousUser, Any]


class _Question(NamedTuple):
    session: str | None
    rights: Rights
    answer: asyncio.Future[Admitted]


class Door:
    """Of one event loop. Whoever asks while an answer is being found comes next, with all others who did."""

    def __init__(self) -> None:
        self._asked: list[_Question] = []
        self._answering: asyncio.Task[None] | None = None

    async def ask(self, session: str | None, rights: Rights) -> Admitted:
        """The user who is signed in by the `session`, and their `rights`."""
        if session is not None and not (session.isascii() and session.isalnum()):
            session = None  # no key of ours; the database would refuse the question, for all others too
        answer: asyncio.Future[Admitted] = asyncio.get_running_loop().create_future()
        self._asked.append(_Question(session, rights, answer))
        if self._answering is None or self._answering.done():
            self._answering = asyncio.create_task(self._answer())
        return await answer

    async def _answer(self) -> None:
        while self._asked:
            asked, self._asked = self._asked[:AT_ONCE], self._asked[AT_ONCE:]
            try:
                found = await _admit([(each.session, each.rights) for each in asked])
            except Exception as error:
                for each in asked:
                    if not each.answer.done():
                        each.answer.set_exception(error)
            else:
                for each, admitted in zip(asked, found, strict=True):
                    if not each.answer.done():  # the browser may have left meanwhile
                        each.answer.set_result(admitted)


@database_sync_to_async
def _admit(asked: Sequence[tuple[str | None, Rights]]) -> list[Admitted]:
    known = signed_in({session for session, _rights in asked if session})
    users = [known.get(session or "") or _user_of(session) for session, _rights in asked]
    return [
        (user, rights(user) if isinstance(user, User) else None)
        for user, (_session, rights) in zip(users, asked, strict=True)
    ]


def signed_in(sessions: Collection[str]) -> dict[str, User]:
    """The users of these sessions, in two queries; left out is whoever is not beyond doubt signed in (see _user_of)."""
    rows = SessionStore.get_model_class().objects.filter(session_key__in=sessions, expire_date__gt=timezone.now())
    facts = {row.session_key: row.get_decoded() for row in rows}
    keys = {each.get(SESSION_KEY) for each in facts.values() if each.get(BACKEND_SESSION_KEY) == _BY_PASSWORD}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=keys, is_active=True)}
    found = {session: (users.get(each.get(SESSION_KEY, "")), each) for session, each in facts.items()}
    return {
        session: user for session, (user, each) in found.items()
        if user and constant_time_compare(each.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    }  # fmt: skip


def _user_of(session: str | None) -> User | AnonymousUser:
    """Django's own judgement: of changed passwords and secrets, of other ways to sign in, of sessions that ended."""
    request = SimpleNamespace(session=SessionStore(session))
    return cast(User | AnonymousUser, get_user(cast(HttpRequest, request)))
