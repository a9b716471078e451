"""By which clock a manager reads the admin."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.clients.models import Client
from callcenter.zones import zone_of
from tests.factories import CallFactory, ClientFactory, UserFactory

pytestmark = pytest.mark.django_db
DENVER, BERLIN = "America/Denver", "Europe/Berlin"


@pytest.fixture
def manager():
    Client.objects.update(time_zone=DENVER)
    return UserFactory(is_staff=True, is_superuser=True)


def test_times_are_those_of_the_clients_place_and_the_page_says_which(client, manager):
    call = CallFactory(started_at=datetime(2026, 1, 15, 18, 30, tzinfo=UTC))
    Client.objects.update(time_zone=DENVER)
    client.force_login(manager)

    page = client.get(f"/admin/calls/call/{call.pk}/change/").text

    assert "11:30" in page
    assert "18:30" not in page
    assert f"Times: {DENVER}" in page


def test_who_sees_clients_in_several_zones_has_the_clock_of_the_house(manager):
    ClientFactory(time_zone=BERLIN)
    assert zone_of(manager) is None


def test_clients_of_others_and_inactive_ones_do_not_matter(manager):
    theirs = ClientFactory(time_zone=BERLIN)
    ClientFactory(time_zone="Asia/Tokyo", active=False).members.add(member := UserFactory(is_staff=True))
    theirs.members.add(member)
    assert zone_of(member) == ZoneInfo(BERLIN)


def test_the_clock_of_one_page_is_not_that_of_the_next(client, manager):
    from django.utils import timezone

    client.force_login(manager)
    client.get("/admin/")
    assert timezone.get_current_timezone_name() == "UTC"
