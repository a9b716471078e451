"""Nobody is in a recorded conversation before hearing that it may be recorded, however fast the operator is."""

from __future__ import annotations

from uuid import uuid4

from apps.carrier import callbacks
from apps.carrier.models import CarrierRequest
from apps.core.models import Event
from tests.stories.base import MOBILE
from tests.stories.conftest import DIRECT_LINE

LONG = "Welcome to Northline Freight. We carry what you have to wherever it should be, by day and by night."


def greet(company) -> str:
    company.queue.greeting = LONG
    company.queue.save()
    return company.client.recording_announcement


def recorded_from(world):
    return Event.objects.get(kind="recordings.asked", call_ref=world.call.public_id).at


def announced_at(world):
    return Event.objects.get(kind="calls.announced", call_ref=world.call.public_id).at


def test_who_is_answered_during_the_greeting_hears_it_before_the_room(world, company):
    announcement = greet(company)
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)

    company.anna.answers()
    world.advance(8)

    assert caller.where == "conference"
    assert caller.heard.count(announcement) == 1
    assert caller.heard.index(LONG) < caller.heard.index(announcement)
    assert announced_at(world) <= recorded_from(world)
    assert world.timeline().count("calls.announced") == 1


def test_who_is_answered_while_it_is_said_hears_it_again_to_the_end(world, company):
    announcement = company.client.recording_announcement
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    caller.hears(announcement)

    company.anna.answers()
    assert not world.call.recordings.exists()
    world.advance(4)

    assert caller.where == "conference"
    assert caller.heard.count(announcement) == 2
    assert world.call.recordings.count() == 1


def test_who_waits_hears_it_once(world, company):
    announcement = greet(company)
    caller = world.caller().dials(DIRECT_LINE)
    world.advance(60)
    company.anna.becomes_available()

    company.anna.answers()
    world.advance(5)

    assert caller.where == "conference"
    assert caller.heard.count(announcement) == 1
    assert announced_at(world) < recorded_from(world)


def test_a_long_announcement_is_not_begun_again_by_the_sweeper(world, company):
    words = "This call may be recorded for training and for the safety of all who carry and receive your goods. " * 3
    company.client.recording_announcement = words.strip()
    company.client.save()
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)

    company.anna.answers()
    world.advance(30)

    assert caller.where == "conference"
    assert caller.heard.count(words.strip()) == 2
    assert CarrierRequest.objects.filter(call_sid=caller.sid, action="redirect").count() == 1


def test_a_client_that_records_nothing_says_nothing(world, company):
    company.client.record_calls = False
    company.client.save()
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)

    company.anna.answers()
    world.advance(3)

    assert caller.where == "conference"
    assert "calls.announced" not in world.timeline()
    assert not world.call.recordings.exists()


def test_recording_that_is_switched_on_meanwhile_is_announced_before_the_room(world, company):
    company.client.record_calls = False
    company.client.save()
    caller = world.caller().dials(DIRECT_LINE)
    world.advance(10)
    company.client.record_calls = True
    company.client.save()
    world.advance(60)  # the wait document is fetched again, and proves nothing
    company.anna.becomes_available()

    company.anna.answers()
    world.advance(5)

    assert caller.where == "conference"
    assert caller.heard.count(company.client.recording_announcement) == 1
    assert announced_at(world) <= recorded_from(world)


def test_who_loses_the_operator_does_not_hear_it_again(world, company):
    announcement = company.client.recording_announcement
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    world.advance(3)
    company.anna.answers()
    company.ben.becomes_available()
    world.advance(3)

    company.anna.loses_the_tab()
    company.ben.rings(within=15)
    company.ben.answers()
    world.advance(5)

    assert caller.where == "conference"
    assert caller.heard.count(announcement) == 1


def test_a_called_customer_hears_a_long_one_to_the_end(world, company):
    words = "This call may be recorded for training and for the safety of all who carry and receive your goods. " * 3
    company.client.recording_announcement = words.strip()
    company.client.save()
    company.anna.becomes_available()
    world.sandbox.put(f"/sandbox/phones/{MOBILE}", {"answer": "human", "after_s": 2})

    company.anna.calls_out(MOBILE)
    world.advance(35)

    heard = next(call["heard"] for call in world.sandbox.get("/sandbox/calls") if call["to"] == MOBILE)
    assert [each.get("text") for each in heard].count(words.strip()) == 1
    assert world.call.recordings.count() == 1


def test_a_place_in_line_says_whether_the_announcement_stood_before_it():
    entry = uuid4()
    assert callbacks.read("wait", callbacks.wait(entry, announced=True).rpartition("/")[2]) == (entry, True)
    assert callbacks.read("wait", callbacks.wait(entry).rpartition("/")[2]) == (entry, False)
