"""Celery and Valkey are hints: without a broker, or with five beats at once, a campaign reaches everybody once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from celery import current_app
from kombu import pools

from apps.campaigns import services as campaigns
from apps.campaigns.models import Attempt, Campaign, Target
from apps.core import clock
from callcenter.dialing import dialing_loop
from tests import factories
from tests.support.tasks import Beat

NUMBERS = [f"+1415555062{n}" for n in range(4)]


@pytest.fixture
def news(company) -> Campaign:
    contacts = factories.ContactListFactory(client=company.client, name="Spring")
    for number in NUMBERS:
        factories.ContactFactory(list=contacts, numbers=[number])
    said = factories.EndingFactory(destination__client=company.client, message="We open on Monday.").destination
    return factories.CampaignFactory(
        client=company.client, contact_list=contacts, queue=None, destination=said, pause_seconds=0,
        mode=Campaign.Mode.AGENTLESS, max_concurrent_calls=2,
    )  # fmt: skip


@pytest.fixture
def no_broker() -> Iterator[None]:
    """Nobody listens where the broker should be."""
    url = current_app.conf.broker_url
    _broker_is("redis://127.0.0.1:1/0")
    yield
    _broker_is(url)


def _broker_is(url: str) -> None:
    current_app.conf.broker_url = url
    pools.reset()
    current_app._pool = None
    current_app.amqp._producer_pool = None


def is_through() -> bool:
    return not Target.objects.filter(status__in=Target.OPEN).exists() and not Attempt.objects.open().exists()


def dialled(world) -> list[str]:
    return sorted(call["to"] for call in world.sandbox.get("/sandbox/calls") if call["to"] in NUMBERS)


def test_without_a_broker_one_dialer_is_enough(world, company, news, no_broker):
    campaigns.start(news)
    loop = dialing_loop(care_every_s=0)
    for _second in range(120):
        clock.advance(1)
        world.sandbox.advance(1)
        loop.turn()
        if is_through():
            break

    assert is_through()
    assert dialled(world) == NUMBERS
    assert Campaign.objects.get().status == Campaign.Status.COMPLETED


def test_five_beats_are_as_good_as_one(world, company, news):
    campaigns.start(news)
    beats = [Beat() for _beat in range(5)]
    for _second in range(120):
        clock.advance(1)
        world.sandbox.advance(1)
        for beat in beats:
            beat.tick()
        world.settle()
        if is_through():
            break

    assert dialled(world) == NUMBERS
    assert Attempt.objects.count() == len(NUMBERS)
    assert Campaign.objects.get().status == Campaign.Status.COMPLETED
