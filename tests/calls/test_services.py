import pytest
from django.db import transaction

from apps.calls import outgoing
from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.core.models import Event
from apps.core.refused import Refused
from tests import factories

pytestmark = pytest.mark.django_db

OURS = "+14155550101"


@pytest.fixture
def client():
    client = factories.ClientFactory(caller_id=OURS, max_concurrent_calls=2)
    factories.PhoneNumberFactory(client=client, number=OURS)
    return client


def test_a_late_report_is_written_and_changes_nothing():
    leg = factories.LegFactory(status="completed")

    assert not calls.advance(leg, "ringing")

    leg.refresh_from_db()
    assert leg.status == "completed"
    event = Event.objects.latest("pk")
    assert (event.kind, event.applied) == ("calls.report_ignored", False)


def test_a_call_ends_once_and_takes_its_lines_along():
    call = factories.CallFactory()
    leg = factories.LegFactory(call=call, status="in-progress")

    assert calls.close(call, Call.Outcome.ANSWERED)
    assert not calls.close(call, Call.Outcome.FAILED)

    call.refresh_from_db()
    leg.refresh_from_db()
    assert (call.status, call.outcome) == ("over", "answered")
    assert leg.hang_up_asked_at is not None


def test_outgoing_calls_stop_at_the_clients_limit(client):
    for number in ("+14155550130", "+14155550131"):
        outgoing.place(client, to=number)

    with pytest.raises(Refused, match="All 2 outgoing lines"):
        outgoing.place(client, to="+14155550132")

    assert Call.objects.count() == 2


def test_an_ended_call_gives_its_line_back(client):
    first = outgoing.place(client, to="+14155550130")
    outgoing.place(client, to="+14155550131")
    calls.close(first, Call.Outcome.NO_ANSWER)

    assert outgoing.place(client, to="+14155550132").status == "open"


def test_who_asked_not_to_be_called_is_not_called(client):
    person = factories.PersonFactory(client=client, do_not_call=True, name="Rosa")

    with pytest.raises(Refused, match="Rosa asked not to be called"):
        outgoing.place(client, to="+14155550130", person=person)

    assert not Call.objects.exists()


def test_only_ones_own_numbers_are_shown(client):
    with pytest.raises(Refused, match="not one of this client's numbers"):
        outgoing.place(client, to="+14155550130", caller_id="+14155550999")


def test_a_second_carrier_call_for_one_line_is_a_stray():
    leg = factories.LegFactory(sid="CA" + "1" * 32, status="ringing")

    assert calls.bind(leg, "CA" + "1" * 32)
    assert not calls.bind(leg, "CA" + "2" * 32)

    leg.refresh_from_db()
    assert leg.sid == "CA" + "1" * 32
    assert Event.objects.filter(kind="calls.stray_ended").count() == 1


def test_the_carriers_report_may_come_before_its_answer_to_our_request():
    leg = factories.LegFactory(sid=None, status="queued")
    as_the_request_saw_it = Leg.objects.get(pk=leg.pk)
    calls.bind(leg, "CA" + "1" * 32)

    assert calls.bind(as_the_request_saw_it, "CA" + "1" * 32)

    assert not Event.objects.filter(kind="calls.stray_ended").exists()


def test_hold_needs_somebody_in_the_room():
    leg = factories.LegFactory(status="in-progress", joined_at=None)

    with pytest.raises(Refused, match="not connected"):
        calls.set_hold(leg, on=True)

    assert Leg.objects.get(pk=leg.pk).on_hold_since is None


def test_a_disposition_of_another_client_is_refused():
    call, disposition = factories.CallFactory(), factories.DispositionFactory()

    with pytest.raises(Refused), transaction.atomic():
        calls.classify(call, disposition=disposition)

    assert Call.objects.get(pk=call.pk).disposition is None


def test_two_pages_that_file_the_same_words_at_once_leave_one_line_in_the_timeline():
    call, disposition = factories.CallFactory(), factories.DispositionFactory()
    Call.objects.filter(pk=call.pk).update(client=disposition.client)
    first, second = Call.objects.get(pk=call.pk), Call.objects.get(pk=call.pk)

    calls.classify(first, disposition=disposition, note="Two pallets.")
    calls.classify(second, disposition=disposition, note="Two pallets.")

    kinds = Event.objects.of_call(call.public_id).values_list("kind", flat=True)
    assert sorted(kinds) == ["calls.classified", "calls.noted"]
