"""Numbers that are not called come one by one and as a file: for the house, a client or one campaign."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from apps.campaigns import registers
from apps.campaigns.models import DoNotCall
from apps.core.models import Event
from tests.factories import CampaignFactory, ClientFactory, UserFactory

pytestmark = pytest.mark.django_db

FILE = "Name,Phone,Since\nAnn,212-555-0123,2020\nAnn again,+1 (212) 555-0123,2021\nBob,12,2020\nCat,,2020\n"
IMPORT = "/api/v1/do-not-call/import/"
PAGE = "/admin/campaigns/donotcall/import/"


@pytest.fixture
def ours():
    return ClientFactory(country="US")


def _as(role: str, *clients) -> APIClient:
    api = APIClient()
    user = UserFactory(role=role, is_staff=True, clients=list(clients))
    api.force_login(user)
    return api


def _file(text: str = FILE) -> SimpleUploadedFile:
    return SimpleUploadedFile("register.csv", text.encode(), "text/csv")


def test_a_file_of_numbers_keeps_each_of_them_off_and_says_what_was_wrong(ours):
    api = _as("supervisor", ours)
    reply = api.post(
        IMPORT, {"file": _file(), "client": str(ours.public_id), "source": "register of May"}, format="multipart"
    )

    assert reply.status_code == 200, reply.content
    told = reply.json()
    assert (told["added"], told["known"], told["refused"]) == (1, 0, 2)
    assert [(row["line"], row["cell"]) for row in told["rows"]] == [(4, "12"), (5, "")]
    entry = DoNotCall.objects.get()
    assert (entry.number, entry.client, entry.campaign, entry.source) == ("+12125550123", ours, None, "register of May")
    assert Event.objects.filter(kind="campaigns.register_taken_in").count() == 1

    sent = {"file": _file(), "client": str(ours.public_id), "source": "x"}
    again = api.post(IMPORT, sent, format="multipart").json()
    assert (again["added"], again["known"]) == (0, 1)


def test_one_number_a_line_without_any_heading_is_enough(ours):
    taken = registers.take_in(_file("2125550123\n2125550124\n"), client=ours, source="a letter")

    assert (taken.added, taken.refused) == (2, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [("Name,City\nAnn,Rome\n", "No column has telephone numbers"), ("%PDF-1.7", "That is a PDF"), ("1\n" * 9, "rows")],
    ids=["no numbers", "no text", "too many"],
)  # fmt: skip
def test_a_file_that_is_none_changes_nothing(ours, monkeypatch, text, words):
    monkeypatch.setattr(registers, "MOST_ROWS", 5)
    sent = {"file": _file(text), "client": str(ours.public_id), "source": "x"}
    reply = _as("supervisor", ours).post(IMPORT, sent, format="multipart")

    assert reply.status_code == 409
    assert words in reply.json()["detail"]
    assert not DoNotCall.objects.exists()


def test_the_whole_house_is_for_who_looks_after_every_client(ours):
    one = {"number": "+12125550123", "source": "a register"}
    refused = _as("supervisor", ours).post("/api/v1/do-not-call/", one)
    assert refused.status_code == 409
    assert "client" in refused.json()["fields"]
    sent = {"file": _file(), "source": "x"}
    assert _as("supervisor", ours).post(IMPORT, sent, format="multipart").status_code == 409
    assert not DoNotCall.objects.exists()

    assert _as("administrator").post("/api/v1/do-not-call/", one).status_code == 201
    assert DoNotCall.objects.get().client is None


def test_a_number_may_be_written_as_people_write_it_there(ours):
    body = {"number": "(212) 555-0123", "client": str(ours.public_id), "source": "a call"}
    reply = _as("supervisor", ours).post("/api/v1/do-not-call/", body)

    assert (reply.status_code, reply.json()["number"]) == (201, "+12125550123")
    body["number"] = "nobody's"
    assert _as("supervisor", ours).post("/api/v1/do-not-call/", body).json()["fields"].keys() == {"number"}


def test_the_page_takes_a_file_in_for_one_campaign(ours):
    campaign = CampaignFactory(client=ours)
    page = _as("supervisor", ours)
    assert "Import numbers" in page.get("/admin/campaigns/donotcall/").content.decode()

    sent = {"file": _file(), "client": ours.pk, "campaign": campaign.pk, "source": "a letter"}
    shown = page.post(PAGE, sent, format="multipart").content.decode()
    assert "Taken in" in shown
    assert "It has no telephone number." in shown
    assert DoNotCall.objects.get().campaign == campaign

    sent = {"file": _file(), "client": "", "source": "x"}
    missing = page.post(PAGE, sent, format="multipart").content.decode()
    assert "This field is required." in missing
    assert DoNotCall.objects.count() == 1
