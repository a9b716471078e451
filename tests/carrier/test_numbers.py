"""Our numbers: kept, told to the real sandbox, looked after by the doctor, shown in the admin and the API."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse

from apps.carrier import callbacks, services
from apps.carrier.client import get_port
from apps.carrier.models import CarrierRequest, PhoneNumber, WebhookDelivery
from apps.core.models import Event
from apps.core.refused import Refused
from tests.factories import (
    ClientFactory,
    DestinationFactory,
    EndingFactory,
    PhoneNumberFactory,
    UserFactory,
    WebhookDeliveryFactory,
    sid,
)
from tests.support.sandbox import Sandbox
from tests.support.tasks import drain

NUMBER = "+14155550100"
CREDENTIALS = {
    "account_sid": "AC" + "1" * 32,
    "auth_token": "1" * 32,
    "api_key": "SK" + "1" * 32,
    "api_secret": "secret-of-the-tests-which-is-long-enough-to-sign",
    "app_sid": "AP" + "1" * 32,
}


@pytest.fixture(scope="module")
def sandbox():
    sandbox = Sandbox.start(**CREDENTIALS)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def carrier(sandbox, settings, transactional_db):
    settings.CARRIER = "sandbox"
    settings.CARRIER_BASE_URL = sandbox.url
    settings.TWILIO_AUTH_TOKEN = CREDENTIALS["auth_token"]
    settings.TWILIO_API_KEY = CREDENTIALS["api_key"]
    settings.TWILIO_API_SECRET = CREDENTIALS["api_secret"]
    settings.TWILIO_TWIML_APP_SID = CREDENTIALS["app_sid"]
    # The sandbox itself answers there, though not as our site.
    settings.PUBLIC_BASE_URL = sandbox.url
    sandbox.reset()
    get_port().set_application_urls(CREDENTIALS["app_sid"], voice_url="", fallback_url="", status_url="")
    CarrierRequest.objects.all().delete()
    return sandbox


@pytest.fixture
def company(db):
    return ClientFactory(name="Northline Freight", country="US")


@pytest.fixture
def desk(company):
    return EndingFactory(client=company).destination


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
    from django.db import transaction

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


def told(**options) -> str:
    out = io.StringIO()
    call_command("carrier", "doctor", stdout=out, no_color=True, **options)
    return out.getvalue()


def test_the_doctor_is_content_after_provisioning(carrier, company, desk):
    PhoneNumberFactory(client=company, number=NUMBER, label="Main", destination=desk)
    services.provision()
    findings = services.doctor()
    assert "error" not in {finding.level for finding in findings}
    words = " ".join(finding.words for finding in findings)
    assert "The carrier accepts our account and token." in words
    assert "+1 415-555-0100 (Main) is answered here." in words
    assert "Calls that desks begin are answered here." in words


def test_the_doctor_sets_the_addresses_unless_told_only_to_look(carrier, company, desk):
    PhoneNumberFactory(client=company, number=NUMBER, label="Main", destination=desk)
    get_port().buy_number(NUMBER, name="Main")
    with pytest.raises(CommandError, match="2 things to put right"):
        told(only_look=True)
    assert carrier.get("/sandbox/numbers")[0]["voice_url"] == ""
    said = told()
    assert "Set the addresses of +1 415-555-0100." in said
    assert "Calls can come and go." in said
    assert carrier.get("/sandbox/numbers")[0]["voice_url"] == callbacks.voice()


def errors() -> str:
    return " ".join(f"{f.words} {f.what_to_do}" for f in services.doctor() if f.level == "error")


@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_TWIML_APP_SID"])
def test_the_doctor_names_a_setting_that_is_missing_or_looks_wrong(carrier, settings, name):
    setattr(settings, name, "")
    assert f"{name} is empty" in errors()
    if name != "TWILIO_AUTH_TOKEN":
        setattr(settings, name, "XX1")
        assert f"{name} does not look like one" in errors()


@pytest.mark.parametrize(
    "base", ["http://calls.example.com", "https://localhost", "https://10.0.0.1", "https://calls", "https://127.0.0.1"]
)
def test_the_doctor_knows_an_address_that_the_carrier_cannot_reach(carrier, settings, base):
    settings.CARRIER = "twilio"
    settings.PUBLIC_BASE_URL = base
    assert "The carrier cannot reach us" in errors()
    settings.PUBLIC_BASE_URL = ""
    assert "PUBLIC_BASE_URL is empty" in errors()


def test_the_doctor_says_that_nobody_answers(carrier, settings):
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:9"
    assert any("Nobody answers at http://127.0.0.1:9" in finding.words for finding in services.doctor())


def test_the_doctor_sees_a_wrong_token(carrier, settings):
    settings.TWILIO_AUTH_TOKEN = "2" * 32
    assert "does not accept our account and token" in errors()
    out = io.StringIO()
    with pytest.raises(CommandError, match="carrier doctor"):
        call_command("carrier", "provision", stdout=out)


def test_the_doctor_sees_numbers_that_do_not_fit(carrier, company, desk, settings):
    settings.CARRIER = "twilio"
    settings.PUBLIC_BASE_URL = "https://calls.example.com"
    PhoneNumberFactory(client=company, number=NUMBER, label="Main", destination=desk)
    stray = get_port().buy_number("+14155550177", name="Stray")
    port = get_port()
    port.set_number_urls(
        stray, voice_url=callbacks.voice(), fallback_url=callbacks.fallback(), status_url=callbacks.number_status()
    )
    said = errors()
    assert "+1 415-555-0100 (Main) is not among the account's numbers" in said
    assert "Calls to +1 415-555-0177 come to us, but we do not know the number" in said


def test_the_doctor_sees_a_number_that_leads_to_something_switched_off(carrier, company, desk):
    PhoneNumberFactory(client=company, number=NUMBER, label="Main", destination=desk)
    services.provision()
    desk.active = False
    desk.save()
    assert "which is switched off" in errors()


def test_the_doctor_sees_an_application_that_is_not_there(carrier, settings):
    settings.TWILIO_TWIML_APP_SID = "AP" + "9" * 32
    assert "has no application of the identifier" in errors()


def test_the_doctor_reads_the_last_days_signatures(carrier):
    WebhookDeliveryFactory(verdict="forged", key=None)
    assert "all 1 signed requests had a wrong signature" in errors()
    WebhookDeliveryFactory(verdict="accepted")
    WebhookDeliveryFactory(verdict="failed", key=None)
    warnings = " ".join(finding.words for finding in services.doctor() if finding.level == "warning")
    assert "1 requests had a wrong signature" in warnings
    assert "1 requests of the carrier failed here" in warnings


def test_the_doctor_shows_no_secret(carrier, capsys):
    with pytest.raises(CommandError):
        told(only_look=True)
    out = capsys.readouterr().out
    for secret in (CREDENTIALS["auth_token"], CREDENTIALS["api_secret"]):
        assert secret not in out


# The admin and the API.


@pytest.fixture
def admin(db):
    browser = Browser()
    browser.force_login(UserFactory(role="administrator", is_staff=True))
    return browser


def test_a_number_is_added_in_the_admin(admin, company, desk):
    page = admin.get(reverse("admin:carrier_phonenumber_add"))
    assert page.status_code == 200
    form = {"client": company.pk, "number": "415 555 0100", "label": "Main line", "destination": desk.pk}
    reply = admin.post(reverse("admin:carrier_phonenumber_add"), form)
    assert reply.status_code == 302, reply.context["errors"]
    assert PhoneNumber.objects.get().number == NUMBER


def test_the_admin_says_what_is_wrong_with_a_number(admin, company, desk):
    form = {"client": company.pk, "number": "415 555", "label": "Main line", "destination": desk.pk}
    reply = admin.post(reverse("admin:carrier_phonenumber_add"), form)
    assert reply.status_code == 200
    assert "wrong number of digits" in reply.content.decode()
    off = DestinationFactory(client=company, active=False)
    reply = admin.post(reverse("admin:carrier_phonenumber_add"), form | {"number": NUMBER, "destination": off.pk})
    assert "is switched off, so calls to this number would lead nowhere" in reply.content.decode()
    assert not PhoneNumber.objects.exists()


def test_the_page_of_a_number_tells_its_addresses(admin, company, desk):
    row = PhoneNumberFactory(client=company, number=NUMBER, destination=desk, trouble="The account does not have it.")
    page = admin.get(reverse("admin:carrier_phonenumber_change", args=[row.pk])).content.decode()
    for part in (callbacks.voice(), callbacks.fallback(), callbacks.number_status(), "The account does not have it."):
        assert part in page
    reply = admin.post(
        reverse("admin:carrier_phonenumber_change", args=[row.pk]),
        {"label": "Dispatch", "destination": desk.pk, "active": "on", "number": "+14155550199"},
    )
    assert reply.status_code == 302
    row.refresh_from_db()
    assert (row.label, row.number) == ("Dispatch", NUMBER)
    listed = admin.get(reverse("admin:carrier_phonenumber_changelist")).content.decode()
    assert "Dispatch" in listed


def test_a_number_is_set_up_from_its_page(carrier, admin, company, desk):
    row = PhoneNumberFactory(client=company, number=NUMBER, destination=desk)
    reply = admin.get(reverse("admin:carrier_phonenumber_set_up", args=[row.pk]), follow=True)
    assert "brings the calls to +1 415-555-0100 here" in reply.content.decode()
    row.refresh_from_db()
    assert row.set_up_at


def test_the_carriers_requests_are_found_by_call_and_only_read(admin):
    import uuid

    call, line = uuid.uuid4(), sid("CA")
    mine = WebhookDeliveryFactory(call_ref=call, call_sid=line, params={"From": "<script>"}, reply="<Response />")
    WebhookDeliveryFactory(call_sid=sid("CA"))
    for search in (str(call), line):
        page = admin.get(reverse("admin:carrier_webhookdelivery_changelist"), {"q": search})
        assert [row.pk for row in page.context["cl"].queryset] == [mine.pk]
    page = admin.get(reverse("admin:carrier_webhookdelivery_change", args=[mine.pk]))
    assert page.status_code == 200
    assert b"&lt;script&gt;" in page.content
    assert admin.post(reverse("admin:carrier_webhookdelivery_change", args=[mine.pk]), {}).status_code == 403
    ours = CarrierRequest.objects.create(action="dial", outcome="lost", call_ref=call, call_sid=line)
    page = admin.get(reverse("admin:carrier_carrierrequest_changelist"), {"q": str(call)})
    assert [row.pk for row in page.context["cl"].queryset] == [ours.pk]
    assert admin.get(reverse("admin:carrier_carrierrequest_change", args=[ours.pk])).status_code == 200


def test_numbers_through_the_api(company, desk):
    browser = Browser()
    browser.force_login(UserFactory(role="administrator"))
    body = {
        "client": str(company.public_id), "number": "+1 415 555 0100", "label": "Main",
        "destination": str(desk.public_id),
    }  # fmt: skip
    made = browser.post("/api/v1/phone-numbers/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert made.json()["number"] == NUMBER
    path = f"/api/v1/phone-numbers/{made.json()['id']}/"
    assert browser.post("/api/v1/phone-numbers/", body, content_type="application/json").status_code == 409
    assert browser.patch(path, {"label": "Dispatch"}, content_type="application/json").json()["label"] == "Dispatch"
    other = browser.patch(path, {"number": "+14155550111"}, content_type="application/json")
    assert other.status_code == 409
    assert "number" in other.json()["fields"]
    same = browser.patch(path, {"number": NUMBER, "active": False}, content_type="application/json")
    assert (same.status_code, same.json()["active"]) == (200, False)
    assert browser.get("/api/v1/phone-numbers/?active=false").json()["count"] == 1
    assert browser.delete(path).status_code == 204


def test_numbers_of_another_client_are_not_seen(company, desk):
    row = PhoneNumberFactory(client=company, destination=desk)
    browser = Browser()
    browser.force_login(UserFactory(role="supervisor", clients=[ClientFactory()]))
    assert browser.get("/api/v1/phone-numbers/").json()["count"] == 0
    assert browser.get(f"/api/v1/phone-numbers/{row.public_id}/").status_code == 404
    browser.force_login(UserFactory(role="supervisor", clients=[company]))
    assert browser.get("/api/v1/phone-numbers/").json()["count"] == 1
    path = f"/api/v1/phone-numbers/{row.public_id}/"
    assert browser.patch(path, {"label": "x"}, content_type="application/json").status_code == 403
    assert WebhookDelivery.objects.visible_to(UserFactory(role="supervisor", clients=[company])).count() == 0


def test_requests_of_long_ago_are_forgotten(db):
    from datetime import timedelta

    from apps.carrier import deliveries
    from apps.core import clock

    old = clock.now() - timedelta(days=deliveries.KEEP_DAYS, hours=1)
    WebhookDeliveryFactory(received_at=old)
    CarrierRequest.objects.create(action="dial", outcome="done", at=old)
    kept = WebhookDeliveryFactory()
    assert deliveries.forget() == 2
    assert list(WebhookDelivery.objects.all()) == [kept]
