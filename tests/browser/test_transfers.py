"""Transfers and conferences at the desks of two operators, with a caller in the booth."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import DISPATCH, TALKS

pytestmark = pytest.mark.browser

GROCER, NUMBER = "Bluebird Grocers, loading dock", "+14155550110"


@pytest.fixture
def talk(company):
    """A caller who talks with the first of two operators."""
    first = company.operator("operator1").is_available()
    caller = company.caller(NUMBER)
    caller.dials(DISPATCH)
    first.rings(name=GROCER)
    first.answers()
    second = company.operator("operator2").is_available()
    return caller, first, second


def test_a_warm_transfer_is_talked_over_and_accepted(talk):
    caller, first, second = talk

    first.transfers("Operator 2", "Ask first")
    first.is_asked("Ringing Operator 2")
    caller.sees("On hold")
    second.rings(name=GROCER)
    expect(second.page.locator("#kicker")).to_contain_text("Operator 1 asks you about")
    second.button("Answer").click()
    first.is_asked("You talk to Operator 2")
    second.is_asked("Operator 1 asks you to take this call")
    first.says("It is about two pallets.")
    second.hears("It is about two pallets.")
    expect(caller.page.locator("#heard")).not_to_contain_text("two pallets")

    second.button("Take the call").click()

    caller.sees(TALKS)
    second.talks(name=GROCER)
    expect(first.page.locator("#kicker")).to_have_text("Wrap-up after the call")
    second.says("Hello, this is billing.")
    caller.hears("Hello, this is billing.")


def test_a_colleague_asks_to_take_a_message_and_the_caller_comes_back(talk):
    caller, first, second = talk
    first.transfers("Operator 2", "Ask first")
    second.rings(name=GROCER)
    second.button("Answer").click()
    second.is_asked("asks you to take this call")

    second.page.get_by_label("A word to who asks").fill("I call back at two.")
    second.button("Take a message").click()

    first.is_told("Operator 2 asks you to take a message. “I call back at two.”")
    caller.sees(TALKS)
    first.talks(name=GROCER)
    expect(second.page.locator("#idle-words")).to_have_text("Ready for the next call")


def test_a_colleague_declines_and_the_caller_comes_back(talk):
    caller, first, second = talk
    first.transfers("Operator 2", "Ask first")
    second.rings(name=GROCER)

    second.button("Decline").click()

    first.is_told("Operator 2 does not take the call.")
    caller.sees(TALKS)
    first.talks(name=GROCER)


def test_three_talk_and_the_first_leaves(talk):
    caller, first, second = talk
    first.transfers("Operator 2", "Ask first")
    second.rings(name=GROCER)
    second.button("Answer").click()
    first.is_asked("You talk to Operator 2")

    first.button("All three together").click()
    expect(first.parties()).to_have_count(3)
    caller.sees(TALKS)
    first.says("We are three now.")
    caller.hears("We are three now.")
    second.hears("We are three now.")
    first.button("Mute: Operator 2").click()
    expect(first.parties().filter(has_text="Operator 2")).to_contain_text("muted")
    first.button("Let be heard: Operator 2").click()
    expect(first.parties().filter(has_text="Operator 2")).to_contain_text("in the call")

    first.button("Leave").click()

    expect(first.page.locator("#kicker")).to_have_text("Wrap-up after the call")
    second.talks(name=GROCER)
    caller.sees(TALKS)
    second.hangs_up()
    caller.sees("Call ended")


def test_a_call_is_sent_at_once_and_an_outside_number_is_added(talk):
    caller, first, second = talk

    first.transfers("Operator 2", "Send")
    expect(first.page.locator("#kicker")).to_have_text("Wrap-up after the call")
    caller.sees("On hold")
    second.rings(name=GROCER)
    second.answers()
    caller.sees(TALKS)

    second.transfers("+14155550112", "Add")
    expect(second.parties()).to_have_count(3)
    expect(second.parties().filter(has_text="outside number")).to_contain_text("in the call")
    second.button("Take out of the call:").click()
    expect(second.parties()).to_have_count(0)
    caller.sees(TALKS)


def test_who_goes_on_a_break_or_comes_back_is_seen_at_once_by_who_looks_for_a_colleague(talk):
    _caller, first, second = talk
    first.page.route("**/me/directory/", lambda route: route.abort())  # colleagues are not asked for, they are told of
    first.button("Transfer").click()
    wanted = first.button("Ask first: Operator 2")
    beside = first.page.locator("#colleagues li").filter(has_text="Operator 2")
    expect(wanted).to_be_visible()

    second.takes_a_break("Lunch")
    expect(wanted).to_be_hidden(timeout=2_000)
    expect(beside).to_contain_text("on a break")
    second.is_available()
    expect(wanted).to_be_visible(timeout=2_000)
    expect(beside).to_contain_text("free")
    first.talks(name=GROCER)
