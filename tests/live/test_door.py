"""Who is behind a socket, asked for many at once: the answer must be the one that each alone would get."""

import asyncio
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils import timezone

from apps.live import door
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(user):
    browser = Browser()
    browser.force_login(user, settings.AUTHENTICATION_BACKENDS[-1])
    return browser.cookies["sessionid"].value


def name_of(user):
    return user.username


def answers(loop, *sessions):
    """What each gets, all asking at the same moment."""

    async def ask():
        there = door.Door()
        return await asyncio.gather(*(there.ask(each, name_of) for each in sessions))

    return loop.run(ask())


def change_password(user, _row):
    user.set_password("another-long-password")
    user.save()


def deactivate(user, _row):
    user.is_active = False
    user.save()


def expire(_user, row):
    row.update(expire_date=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("event", [change_password, deactivate, expire, lambda user, _row: user.delete()])
def test_whose_session_is_worth_nothing_any_more_is_nobody_and_others_stay(loop, event):
    stays, leaves = UserFactory(), UserFactory()
    name, sessions = stays.username, [sign_in(stays), sign_in(leaves), sign_in(stays)]
    event(leaves, Session.objects.filter(session_key=sessions[1]))

    assert door.signed_in(sessions).keys() == {sessions[0], sessions[2]}
    if event is not expire:  # Valkey forgets a session by its own clock
        first, second, third = answers(loop, *sessions)
        assert (first, third) == ((stays, name), (stays, name))
        assert (second[0].is_authenticated, second[1]) == (False, None)


def test_who_comes_without_a_session_is_nobody_whatever_they_send(loop):
    user = UserFactory()
    known, *others = answers(loop, sign_in(user), None, "", "x" * 32, "\0" * 32, "'; --", "ü" * 32)

    assert known == (user, user.username)
    assert [(each.is_authenticated, rights) for each, rights in others] == [(False, None)] * 6


def test_a_thousand_who_come_back_at_once_are_asked_about_in_a_few_questions(django_assert_max_num_queries):
    sessions = [sign_in(UserFactory()) for _ in range(20)]

    with django_assert_max_num_queries(2):
        found = door.signed_in([*sessions] * 50)

    assert set(found) == set(sessions)


def test_when_the_database_cannot_answer_all_who_asked_hear_it_and_the_next_is_answered(loop):
    user, broken = UserFactory(), RuntimeError("away")
    session = sign_in(user)

    def fails(_user):
        raise broken

    async def ask():
        there = door.Door()
        first = await asyncio.gather(*(there.ask(session, fails) for _ in range(3)), return_exceptions=True)
        return first, await there.ask(session, name_of)

    assert loop.run(ask()) == ([broken] * 3, (user, user.username))
