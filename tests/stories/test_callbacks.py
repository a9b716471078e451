"""A caller in line asks to be called back, and is: the dialogue, the tries, and what a bad day does to them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.calls.models import Call, Leg
from apps.carrier.models import WebhookDelivery
from apps.core import clock
from apps.hours import services as hours
from apps.operators.models import Engagement
from apps.queues import callback_care
from apps.queues.models import Callback, CallbackTry, Choice, Offer, QueueEntry
from tests import factories
from tests.stories.base import MOBILE
from tests.stories.conftest import DIRECT_LINE
from tests.support.signed import post

OTHER = "+14155550177"


@pytest.fixture(autouse=True)
def morning(world):
    """Eleven in the morning at the company's place: inside the hours of any callback."""
    now = clock.now()
    eleven = now.replace(hour=11, minute=0, second=0, microsecond=0)
    clock.advance((eleven - now).total_seconds() % 86400)


@pytest.fixture
def company(company):
    company.client.time_zone = "UTC"
    company.client.save()
    company.queue.callback_retry_seconds = 300
    company.queue.save()
    factories.ChoiceFactory(queue=company.queue, key="1")
    return company


def asks(world, number: str = MOBILE):
    """A caller in line presses the key for a callback."""
    caller = world.caller(number).dials(DIRECT_LINE)
    caller.hears("To be called back and keep your place, press 1.")
    caller.presses("1")
    return caller


def promised(world, number: str = MOBILE):
    """The same, confirmed and hung up."""
    caller = asks(world, number)
    caller.hears("To be called there, press 1")
    caller.presses("1")
    world.until(lambda: not caller.is_connected, within=30)
    return caller


def phone(world, number: str, answer: str = "human", after_s: int = 2) -> None:
    world.sandbox.put(f"/sandbox/phones/{number}", {"answer": answer, "after_s": after_s})


def dialled(world, number: str) -> list[dict]:
    """The carrier's own list of the calls that it placed to this number."""
    return [call for call in world.sandbox.get("/sandbox/calls") if call["to"] == number]


def the_callback() -> Callback:
    return Callback.objects.get()


def test_a_caller_asks_for_a_callback_and_is_reached(world, company):
    phone(world, MOBILE)
    caller = promised(world)

    assert "4 1 5, 5 5 5, 0 1 2 3" in caller.heard
    assert "We will call you back as soon as an operator is free, at the latest tomorrow at 11:00." in caller.heard
    first = Call.objects.get(direction="inbound")
    assert first.outcome == Call.Outcome.CALLBACK
    assert (world.entry.kind, world.entry.status, world.entry.call) == ("callback", "waiting", first)
    assert not dialled(world, MOBILE)

    company.anna.becomes_available()
    company.anna.rings()
    assert the_callback().status == "calling"
    assert not dialled(world, MOBILE), "the operator comes first"
    company.anna.answers()
    world.until(lambda: the_callback().status == "done", within=20)
    world.advance(3)

    second = Call.objects.get(direction="outbound")
    assert second.operator == company.anna.operator
    assert second.answered_at is not None
    assert the_callback().fulfilled_by == second == world.entry.call
    assert world.entry.status == "talking"
    assert {leg.joined_at is not None for leg in second.legs.open()} == {True}
    assert len(dialled(world, MOBILE)) == 1

    company.anna.hangs_up()
    world.advance(3)
    assert world.entry.status == "answered"
    assert second.__class__.objects.get(pk=second.pk).outcome == Call.Outcome.ANSWERED
    assert company.anna.busy_with == "wrap_up"
    assert not Leg.objects.open().exists()
    assert "queues.callback_reached" in world.timeline(first)


def test_the_window_is_told_from_what_is_expected(world, company):
    company.anna.becomes_available()
    talk = world.caller(OTHER).dials(DIRECT_LINE)
    company.anna.answers()
    world.advance(570, step=30)
    talk.hangs_up()
    world.advance(3)  # the wrap-up holds Anna: a conversation of ten minutes is the measure

    caller = promised(world)

    callback = the_callback()
    shown = f"between {callback.promised_from:%-H:%M} and {callback.promised_until:%-H:%M}"
    assert f"We will call you back {shown}." in caller.heard
    assert callback.promised_from.minute % 5 == callback.promised_until.minute % 5 == 0
    expected = clock.now() + timedelta(minutes=10)
    assert callback.promised_from < expected < callback.promised_until


def test_the_caller_gives_another_number_and_is_reached_there(world, company):
    phone(world, OTHER)
    caller = asks(world)
    caller.presses("2")
    caller.hears("key the number")
    caller.presses("4155550177#")
    caller.hears("4 1 5, 5 5 5, 0 1 7 7")
    caller.presses("1")
    world.until(lambda: not caller.is_connected)

    company.anna.becomes_available()
    company.anna.answers()
    world.until(lambda: the_callback().status == "done", within=20)

    assert the_callback().number == OTHER
    assert len(dialled(world, OTHER)) == 1
    assert not dialled(world, MOBILE)


@pytest.mark.parametrize("digits", ["911#", "9005550123#", "12#", "#", "442079460000#"])
def test_a_number_that_may_not_be_called_is_refused_and_asked_for_again(world, company, digits):
    caller = asks(world)
    caller.presses("2")
    caller.hears("key the number")

    caller.presses(digits)

    caller.hears("Sorry")
    world.until(lambda: caller.heard.count("key the number") == 2)
    assert world.entry.status == "choosing"
    assert not Callback.objects.exists()


def test_a_withheld_caller_must_key_a_number(world, company):
    caller = world.caller("anonymous").dials(DIRECT_LINE)
    caller.hears("press 1")
    caller.presses("1")
    caller.hears("We have no number that we can call you back at")

    caller.presses("4155550177#")
    caller.hears("To be called there, press 1")
    caller.presses("1")
    world.until(lambda: not caller.is_connected)

    assert the_callback().number == OTHER


def test_three_answers_that_lead_nowhere_put_the_caller_back_in_the_old_place(world, company):
    first = asks(world)
    second = world.caller(OTHER).dials(DIRECT_LINE)
    second.hears("You are number 2 in line")

    world.until(lambda: "You are back in line, in your old place" in first.heard, within=90)

    assert first.heard.count("did not understand") == 2
    assert first.is_connected
    first.hears("You are next")
    company.anna.becomes_available()
    company.anna.answers()
    world.advance(3)
    assert first.where == "conference"
    assert second.where != "conference"


def test_who_asks_for_a_callback_is_not_offered_meanwhile_and_those_behind_are(world, company):
    asks(world)
    second = world.caller(OTHER).dials(DIRECT_LINE)

    company.anna.becomes_available()
    company.anna.answers()
    world.advance(3)

    assert second.where == "conference"


def test_hanging_up_in_the_dialogue_is_giving_up(world, company):
    caller = asks(world)
    world.advance(10)

    caller.hangs_up()
    world.advance(2)

    assert world.call.outcome == Call.Outcome.ABANDONED
    assert world.entry.status == "abandoned"
    assert not Callback.objects.exists()


def test_a_busy_customer_is_called_again_by_the_rule_and_reached(world, company):
    phone(world, MOBILE, "busy")
    promised(world)
    company.anna.becomes_available()
    company.anna.answers()
    world.until(lambda: the_callback().status == "waiting", within=30)

    attempt = CallbackTry.objects.get()
    assert attempt.outcome == "the line was busy"
    assert company.anna.busy_with == "", "nobody was served: no wrap-up"
    due = the_callback().next_try_at
    assert timedelta(seconds=295) < due - clock.now() <= timedelta(seconds=300)
    phone(world, MOBILE)
    world.advance(280, step=10)
    assert len(dialled(world, MOBILE)) == 1

    world.until(lambda: company.anna.ringing, within=60)
    company.anna.answers()
    world.until(lambda: the_callback().status == "done", within=20)
    assert [row.outcome for row in CallbackTry.objects.order_by("n")] == ["the line was busy", "reached"]
    assert len(dialled(world, MOBILE)) == 2


def test_after_the_last_try_the_callback_is_given_up(world, company):
    company.queue.callback_tries = 1
    company.queue.save()
    phone(world, MOBILE, "no-answer", 30)
    promised(world)
    company.anna.becomes_available()

    company.anna.answers()
    world.until(lambda: the_callback().status == "expired", within=90)

    assert world.entry.status == "expired"
    assert Call.objects.get(direction="outbound").outcome == Call.Outcome.NO_ANSWER
    assert not Engagement.objects.open().exists()
    world.advance(400, step=20)
    assert len(dialled(world, MOBILE)) == 1


def test_a_callback_that_nobody_could_make_expires(world, company):
    company.queue.callback_expires_seconds = 600
    company.queue.save()
    promised(world)

    world.advance(620, step=20)

    assert (the_callback().status, world.entry.status) == ("expired", "expired")
    company.anna.becomes_available()
    world.advance(5)
    assert not company.anna.ringing


def test_outside_the_calling_hours_nobody_is_rung_and_in_the_morning_they_are(world, company):
    clock.advance(9.5 * 3600)  # half past eight in the evening
    caller = promised(world)
    assert "at the latest tomorrow at 20:" in caller.heard or "at the latest tomorrow at 21:00" in caller.heard
    clock.advance(3600)
    company.anna.becomes_available()
    world.advance(10)
    assert not company.anna.ringing
    assert the_callback().status == "waiting"

    clock.advance(int((the_callback().next_try_at - clock.now()).total_seconds()) + 1)
    company.anna.becomes_available()
    world.until(lambda: company.anna.ringing, within=30)
    assert 8 <= clock.now().hour < 21


def test_pressing_twice_and_telling_twice_is_one_callback(world, company):
    world.sandbox.put("/sandbox/faults", {"callbacks": {"duplicate_rate": 1}})
    caller = world.caller().dials(DIRECT_LINE)
    caller.hears("press 1")
    caller.presses("11")
    caller.hears("To be called there, press 1")
    caller.presses("11")
    world.until(lambda: not caller.is_connected)

    assert Callback.objects.count() == QueueEntry.objects.count() == 1

    again = promised(world)

    assert "Your callback stands already" in again.heard
    assert Callback.objects.count() == 1
    phone(world, MOBILE)
    company.anna.becomes_available()
    company.anna.answers()
    world.until(lambda: the_callback().status == "done", within=20)
    assert len(dialled(world, MOBILE)) == 1


def test_the_carriers_retry_of_each_step_of_the_dialogue_gets_the_same_document(world, company):
    promised(world)
    steps = WebhookDelivery.objects.filter(path__contains="/choose/") | WebhookDelivery.objects.filter(
        path__contains="/step/"
    )
    told = [(row.path, row.reply) for row in steps.filter(verdict="accepted")]
    assert len(told) >= 3
    before = (Callback.objects.count(), world.entry.status, world.timeline())

    sent = [entry for entry in world.sandbox.get("/sandbox/journal")["entries"] if "/carrier/choose/" in entry["url"]]
    for entry in sent:
        reply = post(entry["url"].removeprefix(world.site.url), entry["params"])
        assert reply.status_code == 200
        assert "Leave" in reply.text or "Gather" in reply.text

    assert (Callback.objects.count(), world.entry.status, world.timeline()) == before


def test_a_caller_goes_elsewhere_with_a_key(world, company):
    factories.ChoiceFactory(queue=company.queue, key="2", action=Choice.Action.GO, destination=company.closed)
    caller = world.caller().dials(DIRECT_LINE)
    caller.hears("For Closed, press 2.")

    caller.presses("2")

    caller.hears("We are closed now. Please call tomorrow.")
    world.advance(10)
    assert world.entry.status == "moved"
    assert world.timeline().count("queues.chose") == 1


def test_a_key_without_a_meaning_is_said_and_the_wait_goes_on(world, company):
    caller = world.caller().dials(DIRECT_LINE)
    caller.hears("press 1")

    caller.presses("7")

    caller.hears("that key has no meaning here")
    assert world.entry.status == "waiting"
    assert caller.where in ("queue", "gather")


def test_the_customer_first_hears_who_calls_and_is_connected_at_once(world, company):
    company.queue.callback_first = "customer"
    company.queue.save()
    promised(world)
    phone(world, MOBILE)

    company.anna.becomes_available()
    world.until(lambda: bool(dialled(world, MOBILE)), within=5)
    assert not company.anna.ringing
    assert company.anna.busy_with == "offer"
    company.anna.answers()
    world.until(lambda: the_callback().status == "done", within=20)
    world.advance(10)

    sid = dialled(world, MOBILE)[0]["sid"]
    heard = " ".join(verb.get("text", "") for verb in world.sandbox.get(f"/sandbox/calls/{sid}")["heard"])
    assert "this is Northline Freight. You asked us to call you back" in heard
    assert world.sandbox.get(f"/sandbox/calls/{sid}")["where"] == "conference"
    assert Offer.objects.get(status="accepted").leg is not None


def test_customer_first_and_nobody_answers_frees_the_operator(world, company):
    company.queue.callback_first = "customer"
    company.queue.save()
    promised(world)
    phone(world, MOBILE, "busy")

    company.anna.becomes_available()
    world.until(lambda: CallbackTry.objects.filter(outcome="the line was busy").exists(), within=20)
    world.advance(2)

    assert company.anna.busy_with == ""
    assert not company.anna.ringing
    assert the_callback().status == "waiting"
    assert not Call.objects.open().exists()


def test_who_calls_again_stands_in_the_old_place_and_the_callback_is_cancelled_by_the_answer(world, company):
    promised(world)
    world.advance(60, step=10)
    second = world.caller(OTHER).dials(DIRECT_LINE)
    second.hears("You are number 2 in line")

    again = world.caller().dials(DIRECT_LINE)
    again.hears("press 1")
    company.anna.becomes_available()
    company.anna.answers()
    world.advance(5)

    assert again.where == "conference"
    assert (the_callback().status, the_callback().entry.status) == ("cancelled", "moved")
    assert second.is_connected
    assert not dialled(world, MOBILE)


def test_who_calls_again_and_gives_up_is_called_back_as_promised(world, company):
    phone(world, MOBILE)
    promised(world)
    again = world.caller().dials(DIRECT_LINE)
    world.advance(10)
    again.hangs_up()
    world.advance(2)
    assert the_callback().status == "waiting"

    company.anna.becomes_available()
    company.anna.answers()
    world.until(lambda: the_callback().status == "done", within=20)


def test_a_declined_callback_goes_to_the_next_operator_in_the_same_try(world, company):
    phone(world, MOBILE)
    promised(world)
    company.anna.becomes_available()
    world.advance(2)
    company.anna.declines()
    company.ben.becomes_available()

    company.ben.answers()
    world.until(lambda: the_callback().status == "done", within=30)

    assert CallbackTry.objects.count() == 1
    assert len(dialled(world, MOBILE)) == 1
    assert world.call.operator == company.ben.operator


def test_a_try_that_no_operator_takes_is_closed_and_does_not_count(world, company):
    promised(world)
    company.anna.becomes_available()
    company.anna.rings()
    company.anna.commands("operators/me/presence", status="offline")

    world.advance(60, step=5)

    assert not Call.objects.open().exists()
    attempt = CallbackTry.objects.get()
    assert (attempt.outcome, attempt.dialled_at) == ("no operator took it", None)
    assert the_callback().status == "waiting"
    assert not dialled(world, MOBILE)


def test_an_operator_who_is_lost_in_mid_conversation_leaves_the_customer_in_front(world, company):
    phone(world, MOBILE)
    promised(world)
    company.anna.becomes_available()
    company.anna.answers()
    world.until(lambda: the_callback().status == "done", within=20)
    world.advance(5)

    company.anna.loses_the_tab()
    world.until(lambda: world.entry.status == "waiting", within=20)
    assert world.entry.front
    company.ben.becomes_available()
    company.ben.answers()
    world.advance(5)

    assert world.entry.status == "talking"
    assert world.call.operator == company.ben.operator
    assert len(dialled(world, MOBILE)) == 1


@pytest.mark.parametrize("fault", ["lost answer", "lost answer and reports"])
def test_a_lost_answer_of_the_carrier_never_dials_the_customer_twice(world, company, fault):
    phone(world, MOBILE)
    promised(world)
    company.anna.becomes_available()
    company.anna.rings()
    faults = {"lost_answers": {"path": "/Calls.json", "times": 1}}
    if fault.endswith("reports"):
        faults["callbacks"] = {"lost_rate": 1}
    world.sandbox.put("/sandbox/faults", faults)

    company.anna.answers()
    world.advance(180, step=5)
    world.sandbox.put("/sandbox/faults", {})
    world.advance(30, step=5)

    assert len(dialled(world, MOBILE)) == 1


def test_those_who_wait_at_closing_time_are_passed_on_with_a_word(world, company):
    schedule = hours.create_schedule(company.client, name="Office", week=hours.ALWAYS)
    company.queue.schedule, company.queue.when_closed = schedule, company.closed
    company.queue.at_closing = "pass_on"
    company.queue.save()
    caller = world.caller().dials(DIRECT_LINE)
    caller.hears("You are next")

    hours.close_now(schedule)

    caller.hears("We are closed now. We are sorry that we could not help you today.", within=10)
    caller.hears("Please call tomorrow.")
    world.advance(10)
    assert world.entry.status == "overflowed"
    assert not caller.is_connected


def test_those_who_wait_at_closing_time_are_served_still_where_that_is_set(world, company):
    schedule = hours.create_schedule(company.client, name="Office", week=hours.ALWAYS)
    company.queue.schedule = schedule
    company.queue.save()
    caller = world.caller().dials(DIRECT_LINE)
    hours.close_now(schedule)
    world.advance(30)
    assert caller.is_connected

    company.anna.becomes_available()
    company.anna.answers()
    world.advance(3)

    assert caller.where == "conference"


def test_a_cancelled_callback_stops_every_phone(world, company):
    phone(world, MOBILE, "human", 30)
    promised(world)
    company.anna.becomes_available()
    company.anna.answers()
    world.advance(5)
    assert the_callback().status == "calling"

    callback_care.cancel(the_callback(), why="The supervisor took it back.")
    world.advance(5)

    assert (the_callback().status, world.entry.status) == ("cancelled", "expired")
    assert not Leg.objects.open().exists()
    assert company.anna.busy_with == ""
