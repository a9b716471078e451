"""The carrier's own door into the web process, as uvicorn knocks at it."""

import asyncio
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connections

from apps.carrier.models import WebhookDelivery
from callcenter.carrier_door import LARGEST_BODY, CarrierDoor
from tests.support.signed import FORM, about_a_call, signature

FIELDS = about_a_call(To="+14155550100")


def knock(path: str, body: bytes, *, method: str = "POST", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to one request, whose body comes in two pieces."""
    given = {"content-type": FORM, "content-length": str(len(body)), **headers}
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    half = len(body) // 2
    pieces = [
        {"type": "http.request", "body": body[:half], "more_body": True},
        {"type": "http.request", "body": body[half:]},
    ]
    said: list[dict] = []

    async def receive() -> dict:
        return pieces.pop(0)

    async def send(message: dict) -> None:
        said.append(message)

    door = CarrierDoor(threads=1)
    asyncio.run(door(scope, receive, send))
    door._threads.submit(connections.close_all).result()
    door._threads.shutdown()
    start, end = said
    answered = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], answered, end["body"]


@pytest.fixture
def house(transactional_db, settings):
    settings.ROOT_URLCONF = "tests.carrier.doors"


@pytest.mark.usefixtures("house")
def test_a_signed_request_gets_its_document_without_any_middleware():
    status, headers, body = knock(
        "/carrier/voice", urlencode(FIELDS).encode(), x_twilio_signature=signature("/carrier/voice", FIELDS)
    )

    assert status == 200
    assert headers == {"content-type": "text/xml; charset=utf-8", "content-length": str(len(body))}
    assert body.endswith(b"<Response />")
    assert WebhookDelivery.objects.get().verdict == "accepted"


@pytest.mark.usefixtures("house")
def test_who_does_not_sign_is_turned_away():
    status, _, _ = knock("/carrier/voice", urlencode(FIELDS).encode())

    assert status == 403
    assert WebhookDelivery.objects.get().verdict == "unsigned"


@pytest.mark.usefixtures("house")
def test_a_body_without_end_is_not_read_to_its_end():
    status, _, _ = knock("/carrier/voice", b"a" * (3 * LARGEST_BODY))

    assert status == 413
    assert WebhookDelivery.objects.get().verdict == "oversized"


@pytest.mark.usefixtures("house")
def test_an_address_that_is_none_is_not_found():
    assert knock("/carrier/nowhere", b"")[0] == 404


@pytest.mark.usefixtures("house")
def test_a_failure_of_ours_is_told_and_does_not_end_the_thread(caplog):
    from tests.carrier import doors

    doors.acts["voice"] = lambda event: 1 / 0
    try:
        signed = signature("/carrier/voice", FIELDS)
        assert knock("/carrier/voice", urlencode(FIELDS).encode(), x_twilio_signature=signed)[0] == 500
    finally:
        doors.acts.clear()
    assert settings.PUBLIC_BASE_URL not in caplog.text
