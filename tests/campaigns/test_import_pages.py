"""A supervisor uploads a file, names its columns, watches it go in and fetches what was refused; so does a program."""

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.campaigns import importing
from apps.campaigns.models import Contact, ContactList, Import
from apps.core import uploads
from tests.factories import ClientFactory, ContactListFactory, UserFactory

pytestmark = pytest.mark.django_db

FILE = "Name;Phone;Plan\nAnn;+14155550101;=1+1\nBob;+19005550102;gold\nCat;112;gold\n"
ADD = "/admin/campaigns/import/add/"


@pytest.fixture
def ours():
    return ClientFactory(country="US")


@pytest.fixture
def supervisor(client, ours):
    user = UserFactory(role="supervisor", clients=[ours], is_staff=True)
    client.force_login(user)
    return client


def _file(text: str = FILE, name: str = "spring.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), "text/csv")


def _page(run: Import) -> str:
    return f"/admin/campaigns/import/{run.pk}/change/"


def test_a_file_goes_from_upload_to_the_refused_rows(supervisor, ours):
    answer = supervisor.post(ADD, {"file": _file(), "name": "Spring", "client": ours.pk})
    run = Import.objects.get()
    assert answer["Location"] == _page(run)
    assert run.list == ContactList.objects.get(client=ours, name="Spring")

    columns = supervisor.get(_page(run)).content.decode()
    assert "Say what the columns are" in columns
    assert "+14155550101" in columns
    chosen = {"column0": "name", "column1": "number", "column2": "own", "duplicates": "skip", "begin": "1"}
    assert supervisor.post(_page(run), chosen)["Location"] == _page(run)
    importing.go_on(run.pk)

    assert Contact.objects.get().name == "Ann"
    progress = supervisor.get(_page(run)).content.decode()
    assert "may not be called" in progress
    refused = b"".join(supervisor.get(f"/admin/campaigns/import/{run.pk}/refused/").streaming_content)
    rows = list(csv.reader(io.StringIO(refused.decode("utf-8-sig"))))
    assert rows[0] == ["Line", "Taken", "Why", "Name", "Phone", "Plan"]
    assert rows[1][0] == "3"
    assert rows[1][3:] == ["Bob", "'+19005550102", "gold"]
    assert len(rows) == 3


def test_many_refused_rows_are_summed_up_by_what_is_wrong_and_a_campaign_is_one_step_away(supervisor, ours):
    bad = "".join(f"Person {n};premium{n % 3};x\n" for n in range(8)) + "Dot;;x\n"
    supervisor.post(ADD, {"file": _file(FILE + bad), "name": "Spring", "client": ours.pk})
    run = Import.objects.get()
    chosen = {"column0": "name", "column1": "number", "column2": "own", "duplicates": "skip", "begin": "1"}
    supervisor.post(_page(run), chosen)
    importing.go_on(run.pk)
    run.refresh_from_db()

    kinds = [(row["rows"], row["kind"]) for row in run.rows.all().by_kind()]
    page = supervisor.get(_page(run)).content.decode()

    assert kinds[0][0] == 8 and kinds[0][1].startswith("“…” is not a phone number.")
    assert sum(count for count, _kind in kinds) == run.refused == 11
    assert "<strong>8</strong> <span>“…” is not a phone number." in page
    [step] = re.findall(r'href="(/admin/campaigns/campaign/add/[^"]*)"', page)
    form = supervisor.get(step.replace("&amp;", "&")).content.decode()
    assert re.search(rf'<option value="{run.list_id}" selected[^>]*>Spring', form)


def test_a_file_that_is_none_is_refused_on_the_page_and_nothing_is_kept(supervisor, ours):
    answer = supervisor.post(ADD, {"file": _file("PK\x03\x04xxxx"), "name": "Spring", "client": ours.pk})

    assert "That is an Excel workbook" in answer.content.decode()
    assert not Import.objects.exists()
    assert not ContactList.objects.exists()


def test_a_mapping_without_number_comes_back_with_the_reason(supervisor, ours):
    run = importing.receive(ContactListFactory(client=ours), _file())

    answer = supervisor.post(
        _page(run), {"column0": "name", "column1": "own", "column2": "own", "duplicates": "skip", "begin": "1"}
    )

    assert "Say which column is the telephone number" in answer.content.decode()
    run.refresh_from_db()
    assert run.status == Import.Status.WAITING


def test_the_file_can_be_read_in_another_way_and_given_up(supervisor, ours):
    run = importing.receive(ContactListFactory(client=ours), _file("Náme;Phone\nÁnn;+14155550101\n"))

    supervisor.post(_page(run), {"encoding": "cp1252", "delimiter": ";", "reread": "1"})
    run.refresh_from_db()
    assert run.headings[0] == "NÃ¡me"

    supervisor.post(_page(run), {"stop": "1"})
    run.refresh_from_db()
    assert run.status == Import.Status.FAILED
    assert not run.file


def test_more_than_anybody_may_send_is_refused_in_words(supervisor, ours, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_BYTES", 20)

    page = supervisor.post(ADD, {"client": ours.pk, "name": "Spring", "file": _file()})

    assert uploads.TOO_LARGE in page.content.decode()
    assert not Import.objects.exists()
    assert not ContactList.objects.exists()


def test_people_of_another_client_and_readers_change_nothing(client, ours):
    run = importing.receive(ContactListFactory(client=ours), _file())
    client.force_login(UserFactory(role="supervisor", clients=[ClientFactory()], is_staff=True))
    assert client.get(_page(run)).status_code == 404
    assert client.get(f"/admin/campaigns/import/{run.pk}/refused/").status_code == 404

    client.force_login(UserFactory(role="read-only", clients=[ours], is_staff=True))
    assert client.get(_page(run)).status_code == 200
    assert client.post(_page(run), {"stop": "1"}).status_code == 403
    assert client.get(ADD).status_code == 403
    run.refresh_from_db()
    assert run.status == Import.Status.WAITING
