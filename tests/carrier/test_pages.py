"""The carrier in the admin and in the API."""

import uuid

from django.test import Client as Browser
from django.urls import reverse

from apps.carrier import callbacks
from apps.carrier.models import CarrierRequest, PhoneNumber, WebhookDelivery
from tests.factories import (
    ClientFactory,
    DestinationFactory,
    PhoneNumberFactory,
    UserFactory,
    WebhookDeliveryFactory,
    sid,
)

NUMBER = "+14155550100"


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
