"""Repetitions that come while the first delivery is still being served, and failures between the two."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client

from apps.carrier import callbacks
from apps.carrier.models import WebhookDelivery
from apps.carrier.verbs import Say
from apps.clients.models import Client as Customer
from tests.factories import ClientFactory
from tests.support.locks import wait_until_blocked
from tests.support.signed import about_a_call, post

LEG = uuid.UUID(int=7)
WAIT_SECONDS = 10


@pytest.fixture
def house(settings, transactional_db):
    from tests.carrier import doors

    settings.ROOT_URLCONF = "tests.carrier.doors"
    doors.acts.clear()
    doors.ran.clear()
    return doors


def together(*requests):
    """Make the requests at once, each on a thread and connection of its own."""

    def make(request):
        try:
            return request()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(make, requests))


def path_of(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8000")


def test_two_deliveries_at_once_have_one_effect_and_one_reply(house):
    numbers = iter(range(100))

    def slow(event, step):
        n = next(numbers)
        ClientFactory(name=f"made {n}")
        wait_until_blocked()
        return [Say(f"Reply {n}")]

    house.acts["step"] = slow
    path, fields = path_of(callbacks.step(LEG, 1, "menu")), about_a_call(Digits="1")
    first, second = together(*[lambda: post(path, fields)] * 2)

    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert b"Reply 0" in first.content
    assert Customer.objects.filter(name__startswith="made").count() == 1
    assert WebhookDelivery.objects.get().repeats == 1


def test_two_reports_at_once_have_one_effect(house):
    meet = threading.Barrier(2)

    def act(event, leg):
        meet.wait(WAIT_SECONDS)
        Customer.objects.create(name=f"made by {threading.get_ident()}", slug=f"t{threading.get_ident()}")

    house.acts["status"] = act
    path, fields = path_of(callbacks.status(LEG)), about_a_call(CallStatus="completed")
    assert [reply.status_code for reply in together(*[lambda: post(path, fields)] * 2)] == [204, 204]
    assert Customer.objects.filter(name__startswith="made").count() == 1
    assert WebhookDelivery.objects.get().repeats == 1


def test_the_second_delivery_does_the_work_when_the_first_one_fails_meanwhile(house):
    tries = iter([ValueError("first"), None])

    def fail_first(event, step):
        failure = next(tries)
        if failure:
            wait_until_blocked()
            raise failure
        return [Say("Done.")]

    house.acts["step"] = fail_first
    path, fields = path_of(callbacks.step(LEG, 1, "menu")), about_a_call(Digits="1")
    browser = Client(raise_request_exception=False)
    replies = together(*[lambda: post(path, fields, client=browser)] * 2)
    # Who failed is given the other's reply if that is there by then, else its failure.
    assert sorted(reply.status_code for reply in replies) in ([200, 500], [200, 200])
    assert WebhookDelivery.objects.filter(verdict="accepted").count() == 1


def test_a_deadlock_is_tried_once_more(house):
    one, two = ClientFactory(), ClientFactory()
    meet, through, tries = threading.Barrier(2), threading.Event(), []

    def cross(event, step):
        tries.append(1)
        if len(tries) > 2:
            through.wait(WAIT_SECONDS)
        order = [one.pk, two.pk] if step.n == 1 else [two.pk, one.pk]
        Customer.objects.select_for_update().get(pk=order[0])
        if len(tries) <= 2:
            meet.wait(WAIT_SECONDS)
        Customer.objects.select_for_update().get(pk=order[1])
        through.set()
        return [Say("Both.")]

    house.acts["step"] = cross
    replies = together(
        *[lambda n=n: post(path_of(callbacks.step(LEG, n, "menu")), about_a_call(Digits="1")) for n in (1, 2)]
    )
    assert [reply.status_code for reply in replies] == [200, 200]
    assert len(tries) == 3
    assert WebhookDelivery.objects.filter(verdict="accepted").count() == 2


def test_a_second_deadlock_is_a_failure(house):
    class Deadlock(Exception):
        sqlstate = "40P01"

    tries = []

    def always(event, step):
        tries.append(1)
        raise OperationalError from Deadlock()

    house.acts["step"] = always
    browser = Client(raise_request_exception=False)
    assert post(path_of(callbacks.step(LEG, 1, "menu")), about_a_call(), client=browser).status_code == 500
    assert len(tries) == 2
    assert WebhookDelivery.objects.get().verdict == "failed"


def test_what_fails_after_the_commit_does_not_take_the_reply_away(house):
    def act(event, step):
        transaction.on_commit(lambda: 1 / 0)
        return [Say("Committed.")]

    house.acts["step"] = act
    path, fields = path_of(callbacks.step(LEG, 1, "menu")), about_a_call()
    assert b"Committed." in post(path, fields).content
    assert WebhookDelivery.objects.get().verdict == "accepted"
    assert b"Committed." in post(path, fields).content
