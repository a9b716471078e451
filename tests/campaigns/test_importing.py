"""A file goes into a list: once, in order, whatever happens on the way."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.campaigns import import_chunks, importing, tasks
from apps.campaigns.models import Contact, ContactNumber, Import, ImportRow
from apps.core import clock
from apps.core.models import Event
from apps.core.refused import Refused
from tests.factories import ClientFactory, ContactListFactory, PersonFactory, PersonNumberFactory

pytestmark = pytest.mark.django_db

HEADING = "Customer ID,Name,Phone,Plan\n"


def _received(text: str, contacts=None, **given) -> Import:
    contacts = contacts or ContactListFactory(client__country="US")
    return importing.receive(contacts, SimpleUploadedFile("people.csv", text.encode()), **given)


def _imported(text: str, contacts=None, **given) -> Import:
    run = importing.start(_received(text, contacts), **given)
    while importing.go_on(run.pk):
        pass
    run.refresh_from_db()
    return run


def _number(last: int) -> str:
    return f"+1415555{last:04}"


def _rows(count: int) -> str:
    return HEADING + "".join(f"C{n},Person {n},{_number(n)},gold\n" for n in range(count))


def test_a_file_is_received_with_a_guess_and_nothing_is_imported_before_the_start():
    run = _received(_rows(3))

    assert run.status == Import.Status.WAITING
    assert run.mapping == {"Customer ID": "external_id", "Name": "name", "Phone": "number", "Plan": "own"}
    assert importing.samples(run)[0] == ("C0", "Person 0", _number(0), "gold")
    assert not importing.go_on(run.pk)
    assert not Contact.objects.exists()


def test_contacts_come_with_numbers_fields_and_the_person_whom_we_know():
    contacts = ContactListFactory(client__country="US")
    person = PersonFactory(client=contacts.client)
    PersonNumberFactory(person=person, client=contacts.client, number=_number(1))

    run = _imported(HEADING + f"C1,Ann,(415) 555-0001; {_number(2)},gold\n", contacts)

    contact = Contact.objects.get()
    assert (run.status, run.added, run.rows_total, run.percent) == (Import.Status.DONE, 1, 1, 100)
    assert (contact.name, contact.external_id, contact.fields) == ("Ann", "C1", {"Plan": "gold"})
    assert [row.number for row in contact.numbers.all()] == [_number(1), _number(2)]
    assert contact.person == person
    contacts.refresh_from_db()
    assert contacts.own_fields == ["Plan"]


def test_refused_rows_keep_their_line_their_cells_and_the_reason():
    run = _imported(HEADING + f"C1,Ann,{_number(1)},\nC2,Bob,+19005550100,\nC3,Cat,112,\nC4,Dan,\n")

    assert (run.added, run.refused) == (1, 3)
    rows = list(ImportRow.objects.values_list("line", "cells", "reason"))
    assert [line for line, _cells, _reason in rows] == [3, 4, 5]
    assert rows[0][1] == ["C2", "Bob", "+19005550100", ""]
    assert "may not be called" in rows[0][2]
    assert "Emergency numbers are never dialled" in rows[1][2]
    assert rows[2][2] == "It has no telephone number."


def test_a_number_where_the_client_never_calls_is_refused_on_the_day_of_the_import():
    run = _imported(HEADING + "C1,Ann,+16135550123,\n")

    assert (run.added, run.refused) == (0, 1)
    assert "Only numbers in US" in ImportRow.objects.get().reason


def test_an_update_by_a_shared_number_makes_nobody_somebody_else():
    contacts = ContactListFactory(client__country="US")
    _imported(HEADING + f"C1,Ann,{_number(1)},\n", contacts)
    run = _imported(HEADING + f"C2,Bob,{_number(1)},\n", contacts, duplicates=Import.Duplicates.UPDATE)

    assert (run.added, run.updated) == (1, 0)
    assert list(Contact.objects.values_list("external_id", "name")) == [("C1", "Ann"), ("C2", "Bob")]


def test_a_row_with_one_good_and_one_bad_number_is_taken_and_said():
    run = _imported(HEADING + f"C1,Ann,{_number(1)}; 12,gold\n")

    assert (run.added, run.refused, run.partly) == (1, 0, 1)
    assert ImportRow.objects.get().partly
    assert ContactNumber.objects.get().number == _number(1)


def test_the_file_is_gone_when_the_import_has_ended(django_capture_on_commit_callbacks):
    run = importing.start(_received(_rows(2)))
    name = run.file.name
    assert default_storage.exists(name)

    with django_capture_on_commit_callbacks(execute=True):
        importing.go_on(run.pk)

    assert not default_storage.exists(name)
    run.refresh_from_db()
    assert not run.file


def test_a_kill_between_two_chunks_neither_loses_nor_doubles_a_row(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 10)
    run = importing.start(_received(_rows(95)))

    assert importing.go_on(run.pk, chunks=3)
    run.refresh_from_db()
    assert (run.rows_done, run.rows_total, run.percent) == (30, 95, 31)
    assert importing.go_on(run.pk, chunks=4)
    assert not importing.go_on(run.pk)

    assert sorted(int(one.external_id[1:]) for one in Contact.objects.all()) == list(range(95))
    assert ContactNumber.objects.count() == 95


def test_a_kill_within_a_chunk_leaves_nothing_of_it(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 10)
    run = importing.start(_received(_rows(30)))
    importing.go_on(run.pk, chunks=1)

    def killed(batch):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(import_chunks, "_update", killed)
        with pytest.raises(KeyboardInterrupt):
            importing.go_on(run.pk)
    assert Contact.objects.count() == 10

    importing.go_on(run.pk)

    assert Contact.objects.count() == 30
    run.refresh_from_db()
    assert (run.added, run.status) == (30, Import.Status.DONE)


def test_a_process_that_comes_late_with_the_same_chunk_writes_nothing():
    run = importing.start(_received(_rows(5)))
    stale = Import.objects.get(pk=run.pk)
    importing.go_on(run.pk)
    Import.objects.filter(pk=run.pk).update(status=Import.Status.RUNNING)

    assert not import_chunks.write(stale, 0, [], None)
    assert Contact.objects.count() == 5


@pytest.mark.parametrize(
    ("policy", "contacts", "name", "figures"),
    [("skip", 2, "Person 0", (1, 0, 1)), ("update", 2, "New", (1, 1, 0)), ("add", 3, "Person 0", (2, 0, 0))],
)
def test_who_is_on_the_list_already_is_treated_by_the_policy(policy, contacts, name, figures):
    ours = ContactListFactory(client__country="US")
    _imported(f"Name,Phone\nPerson 0,{_number(0)}\n", ours)

    run = _imported(f"Name,Phone\nNew,{_number(0)}\nOther,{_number(1)}\n", ours, duplicates=policy)

    assert (run.added, run.updated, run.skipped) == figures
    assert Contact.objects.count() == contacts
    assert Contact.objects.order_by("pk").first().name == name


def test_an_update_adds_numbers_and_keeps_what_the_file_does_not_say():
    ours = ContactListFactory(client__country="US")
    _imported(f"ID,Name,Phone,Never call: do not call\nA,Ann,{_number(0)},yes\n", ours)

    _imported(f"ID,Name,Phone,Never call: do not call\nA,,{_number(1)},no\n", ours, duplicates="update")

    contact = Contact.objects.get()
    assert (contact.name, contact.do_not_call) == ("Ann", True)
    assert [(row.number, row.position) for row in contact.numbers.all()] == [(_number(0), 0), (_number(1), 1)]


def test_a_mapping_without_a_number_is_refused_and_nothing_begins():
    run = _received(_rows(1))

    with pytest.raises(Refused, match="which column is the telephone number"):
        importing.start(run, mapping={"Name": "name"})

    run.refresh_from_db()
    assert run.status == Import.Status.WAITING


def test_starting_twice_imports_once_and_stopping_keeps_what_is_there(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 10)
    run = importing.start(_received(_rows(30)))
    importing.start(run, duplicates="add")
    importing.go_on(run.pk, chunks=1)

    importing.stop(run)
    importing.stop(run)

    assert not importing.go_on(run.pk)
    run.refresh_from_db()
    assert (run.status, run.failure, run.duplicates) == (Import.Status.FAILED, "somebody stopped it.", "skip")
    assert Contact.objects.count() == 10
    assert Event.objects.filter(kind="campaigns.import_began").count() == 1
    assert Event.objects.filter(kind="campaigns.import_failed").count() == 1


def test_a_lost_file_ends_the_import_in_words():
    run = importing.start(_received(_rows(1)))
    default_storage.delete(run.file.name)

    importing.go_on(run.pk)

    run.refresh_from_db()
    assert run.status == Import.Status.FAILED
    assert "no longer there" in run.failure


def test_the_timetable_takes_up_what_a_dead_process_left():
    run = importing.start(_received(_rows(3)))
    gone = timedelta(seconds=importing.GONE_AFTER_SECONDS)

    assert list(Import.objects.silent(clock.now() - gone)) == []  # somebody was heard a moment ago
    Import.objects.filter(pk=run.pk).update(heard_at=clock.now() - 2 * gone)
    assert list(Import.objects.silent(clock.now() - gone)) == [run]
    tasks.take_imports_up()
    tasks.go_on_importing(run.pk)

    run.refresh_from_db()
    assert run.rows_done == 3
    assert list(Import.objects.silent(clock.now() - gone)) == []


def test_a_list_has_its_name_once_per_client():
    client = ClientFactory()
    importing.add_list(client, name="Spring")

    with pytest.raises(Refused, match="There is a list “Spring” already"):
        importing.add_list(client, name=" Spring ")


def test_a_country_that_is_none_is_refused():
    with pytest.raises(Refused, match="“XX” is no country"):
        _received(_rows(1), country="xx")
