from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.db import connection

from apps.carrier import services as carrier_services
from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import clock
from apps.destinations.models import Destination
from apps.ivr import services as ivr
from apps.ivr.models import Menu
from apps.queues.models import Queue
from tests import factories
from tests.stories.base import OperatorInStory, World
from tests.support.sandbox import Sandbox
from tests.support.site import Site

MAIN_LINE = "+14155550100"
DIRECT_LINE = "+14155550101"


@pytest.fixture(scope="session")
def site(django_db_setup) -> Iterator[Site]:
    site = Site()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def carrier(site: Site) -> Iterator[Sandbox]:
    """One sandbox for all stories, on the manual clock, knowing our credentials."""
    sandbox = Sandbox.start(
        account_sid=settings.TWILIO_ACCOUNT_SID,
        auth_token=settings.TWILIO_AUTH_TOKEN,
        api_key=settings.TWILIO_API_KEY,
        api_secret=settings.TWILIO_API_SECRET,
        app_sid=settings.TWILIO_TWIML_APP_SID,
    )
    yield sandbox
    sandbox.stop()


@pytest.fixture
def world(transactional_db, site: Site, carrier: Sandbox, settings) -> Iterator[World]:
    settings.PUBLIC_BASE_URL = site.url
    settings.CARRIER_BASE_URL = carrier.url
    carrier.reset()
    clock.freeze()
    yield World(site, carrier)
    clock.release()


@dataclass
class Company:
    """A small company: one main line with a menu, a queue with two operators, a line straight to the queue."""

    client: Client
    queue: Queue
    menu: Menu
    closed: Destination
    main_line: PhoneNumber
    direct_line: PhoneNumber
    anna: OperatorInStory
    ben: OperatorInStory


@pytest.fixture
def company(world: World) -> Company:
    client = factories.ClientFactory(name="Northline Freight", caller_id=DIRECT_LINE)
    team = factories.TeamFactory(client=client)
    queue = factories.QueueFactory(
        client=client, name="Dispatch", ring_seconds=20, wrap_up_seconds=30, max_wait_seconds=300
    )
    closed = factories.EndingFactory(
        destination__client=client, destination__label="Closed", message="We are closed now. Please call tomorrow."
    ).destination
    operators = [
        factories.OperatorFactory(
            team=team, user=factories.UserFactory(role="operator", clients=[client], first_name=name)
        )
        for name in ("Anna", "Ben")
    ]
    for operator in operators:
        factories.MembershipFactory(queue=queue, operator=operator)
    flow = factories.FlowFactory(client=client, name="Main menu")
    prompt = factories.PromptFactory(client=client, name="Welcome", text="Welcome. Press 1 for dispatch.")
    menu = factories.MenuFactory(flow=flow, name="Start", prompt=prompt, timeout_seconds=5, tries=3, otherwise=closed)
    factories.OptionFactory(menu=menu, key="1", destination=queue.destination)
    flow.start = menu
    flow.save(update_fields=["start"])
    ivr.publish(flow)
    main = factories.PhoneNumberFactory(client=client, number=MAIN_LINE, label="Main", destination=flow.destination)
    direct = factories.PhoneNumberFactory(
        client=client, number=DIRECT_LINE, label="Direct", destination=queue.destination
    )
    carrier_services.provision()
    anna, ben = (world.operator(operator) for operator in operators)
    return Company(client, queue, menu, closed, main, direct, anna, ben)


@pytest.fixture(scope="session", autouse=True)
def _last_connections(django_db_setup, django_db_blocker) -> Iterator[None]:
    """The site's threads keep their connections; end them, or the test database cannot be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
