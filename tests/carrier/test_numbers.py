"""Our numbers: kept, and told to the real sandbox."""

from datetime import timedelta

import pytest
from django.db import transaction

from apps.carrier import callbacks, deliveries, services
from apps.carrier.client import get_port
from apps.carrier.models import CarrierRequest, PhoneNumber, WebhookDelivery
from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from tests.carrier.conftest import CREDENTIALS
from tests.factories import DestinationFactory, PhoneNumberFactory, WebhookDeliveryFactory
from tests.support.tasks import drain

NUMBER = "+14155550100"


def actions() -> list[str]:
    return list(CarrierRequest.objects.order_by("pk").values_list("action", flat=True))


def test_a_number_is_added_as_people_write_it_and_told_to_the_carrier(carrier, company, desk):
    row = services.register_number(company, number="(415) 555-0100", label="Main line", destination=desk)
    assert (row.number, row.set_up_at) == (NUMBER, None)
    assert Event.objects.get(kind="carrier.number_added").sentence.startswith("The number +1 415-555-0100 (Main line)")
    drain()
    row.refresh_from_db()
    assert row.set_up_at is not None
    assert row.trouble == ""
    [number] = carrier.get("/sandbox/numbers")
    assert (number["phone_number"], number["sid"]) == (NUMBER, row.carrier_sid)
    assert number["voice_url"] == callbacks.voice()
    assert number["voice_fallback_url"] == callbacks.fallback()
    assert number["status_callback"] == callbacks.number_status()
    assert Event.objects.filter(kind="carrier.number_set_up").count() == 1


def test_the_carrier_is_not_asked_before_the_commit(carrier, company, desk):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.register_number(company, number=NUMBER, label="Main", destination=desk)
        raise ZeroDivisionError
    assert drain() == 0
    assert actions() == []


@pytest.mark.parametrize("number", ["", "12", "+1", "hello", "+1 415 555 01000"])
def test_what_is_no_number_is_refused(company, desk, number):
    with pytest.raises(Refused) as refusal:
        services.register_number(company, number=number, label="Main", destination=desk)
    assert "number" in refusal.value.fields
    assert not PhoneNumber.objects.exists()


def test_a_number_is_there_once(company, desk):
    PhoneNumberFactory(client=company, number=NUMBER, destination=desk)
    with pytest.raises(Refused, match="is there already"):
        services.register_number(company, number=NUMBER, label="Again", destination=desk)
    assert PhoneNumber.objects.count() == 1


def test_a_number_cannot_lead_nowhere(company, desk):
    off = DestinationFactory(client=company, label="Night menu", active=False)
    for destination, why in ((off, "Night menu is switched off"), (DestinationFactory(), "belongs to another client")):
        with pytest.raises(Refused, match=why):
            services.register_number(company, number=NUMBER, label="Main", destination=destination)
    row = PhoneNumberFactory(client=company, destination=desk)
    with pytest.raises(Refused, match="Night menu is switched off"):
        services.change_number(row, destination=off)
    row.refresh_from_db()
    assert row.destination == desk


def test_a_number_is_changed_but_stays_the_same_number(company, desk):
    row = PhoneNumberFactory(client=company, number=NUMBER, destination=desk)
    services.change_number(row, label="Dispatch", active=False)
    row.refresh_from_db()
    assert (row.label, row.active) == ("Dispatch", False)
    with pytest.raises(Refused, match="stays as it is"):
        services.change_number(row, number="+14155550111")
    services.change_number(row, label="Dispatch")
    assert Event.objects.filter(kind="carrier.number_changed").count() == 1


def test_provisioning_does_only_what_is_missing(carrier, company, desk):
    PhoneNumberFactory(client=company, number=NUMBER, destination=desk)
    PhoneNumberFactory(client=company, number="+14155550101", destination=desk)
    PhoneNumberFactory(client=company, number="+14155550102", destination=desk, active=False)
    first = services.provision()
    assert first.bought == first.done == [NUMBER, "+14155550101"]
    assert (first.trouble, first.application) == ({}, "")
    assert get_port().fetch_application(CREDENTIALS["app_sid"]).voice_url == callbacks.app()
    CarrierRequest.objects.all().delete()
    again = services.provision()
    assert (again.bought, again.done, again.trouble) == ([], [], {})
    assert actions() == ["list numbers", "set application"]
    assert Event.objects.filter(kind="carrier.number_set_up").count() == 2


def test_a_sandbox_that_forgot_everything_is_told_again(carrier, company, desk):
    row = PhoneNumberFactory(client=company, number=NUMBER, destination=desk)
    services.provision()
    row.refresh_from_db()
    before = row.carrier_sid
    carrier.reset()
    assert services.provision().bought == [NUMBER]
    row.refresh_from_db()
    assert row.carrier_sid != before


def test_at_a_real_carrier_no_number_is_bought(carrier, company, desk, settings):
    settings.CARRIER = "twilio"
    row = PhoneNumberFactory(client=company, number=NUMBER, destination=desk)
    done = services.provision()
    assert done.bought == []
    assert "does not have this number" in done.trouble[NUMBER]
    row.refresh_from_db()
    assert "Buy it there first" in row.trouble
    assert carrier.get("/sandbox/numbers") == []
    services.provision()
    assert Event.objects.filter(kind="carrier.number_failed").count() == 1


def test_trouble_with_one_number_stands_there_and_does_not_stop_the_others(carrier, company, desk):
    row = PhoneNumberFactory(client=company, number=NUMBER, destination=desk)
    other = PhoneNumberFactory(client=company, number="+14155550101", destination=desk)
    carrier.put("/sandbox/faults", {"fail_next": [{"path": "IncomingPhoneNumbers/PN", "status": 500, "code": 20500}]})
    done = services.provision()
    assert list(done.trouble) == [NUMBER]
    assert done.done == [other.number]
    row.refresh_from_db()
    assert row.trouble
    services.set_up(row)
    row.refresh_from_db()
    assert (row.trouble, row.set_up_at is None) == ("", False)


def test_requests_of_long_ago_are_forgotten(db):
    old = clock.now() - timedelta(days=deliveries.KEEP_DAYS, hours=1)
    WebhookDeliveryFactory(received_at=old)
    CarrierRequest.objects.create(action="dial", outcome="done", at=old)
    kept = WebhookDeliveryFactory()
    assert deliveries.forget() == 2
    assert list(WebhookDelivery.objects.all()) == [kept]
