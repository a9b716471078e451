"""A supervisor in somebody else's conversation: who hears whom, by the carrier's own rules."""

import pytest

from apps.calls.models import Leg
from apps.core.models import Event
from apps.operators import services as operators
from apps.operators.models import Team
from tests import factories
from tests.stories.conftest import DIRECT_LINE

HELLO, HINT, ASIDE = "My truck is broken.", "Offer them a loan truck.", "One moment."


@pytest.fixture
def sue(world, company):
    """A supervisor of the house, with a desk."""
    user = factories.UserFactory(role="supervisor", clients=[company.client], first_name="Sue", last_name="")
    return world.operator(operators.add_operator(user, company.anna.operator.team)).opens_desk()


@pytest.fixture
def talk(world, company):
    """A caller who talks with Anna."""
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.answers()
    world.advance(3)
    return caller


def path(world, what):
    return f"calls/{world.call.public_id}/{what}"


def joins(world, somebody, mode):
    somebody.commands(path(world, "monitor"), mode=mode)
    if somebody.ringing:
        somebody.device("answer")
        world.advance(1)


def refusal(world, somebody, what, **body):
    """The sentence with which the command is refused; nothing of the conversation has changed then."""
    before = sorted(Leg.objects.values_list("pk", "status", "muted", "coaches"))
    reply = somebody.asks("POST", path(world, what), **body)
    assert reply.status_code in {403, 409}, reply.text
    world.settle()
    assert sorted(Leg.objects.values_list("pk", "status", "muted", "coaches")) == before
    return reply.json()["detail"]


def heard(world, somebody):
    """What was said to the line of an operator or a supervisor."""
    leg = Leg.objects.filter(operator=somebody.operator).latest("created_at")
    phone = world.sandbox.get(f"/sandbox/calls/{leg.sid}")
    return [each["text"] for each in phone["heard"] if each["verb"] == "Speech"]


def says(world, somebody, text):
    leg = Leg.objects.filter(operator=somebody.operator).latest("created_at")
    world.sandbox.post(f"/sandbox/calls/{leg.sid}/say", {"text": text})
    world.settle()


def caller_says(world, caller, text):
    world.sandbox.post(f"/sandbox/calls/{caller.sid}/say", {"text": text})
    world.settle()


def test_who_listens_hears_both_and_is_heard_by_nobody(world, company, talk, sue):
    joins(world, sue, "listen")

    caller_says(world, talk, HELLO)
    says(world, company.anna, ASIDE)
    says(world, sue, HINT)

    assert heard(world, sue) == [HELLO, ASIDE]
    assert heard(world, company.anna) == [HELLO]
    assert HINT not in talk.heard
    assert sue.busy_with == "monitoring"


def test_a_whisper_is_heard_by_the_operator_only(world, company, talk, sue):
    joins(world, sue, "listen")
    joins(world, sue, "whisper")

    says(world, sue, HINT)
    caller_says(world, talk, HELLO)

    assert heard(world, company.anna) == [HINT, HELLO]
    assert heard(world, sue) == [HELLO]
    assert HINT not in talk.heard


def test_one_may_come_in_whispering_at_once(world, company, talk, sue):
    joins(world, sue, "whisper")

    says(world, sue, HINT)

    assert heard(world, company.anna) == [HINT]
    assert HINT not in talk.heard


def test_who_barges_in_is_heard_by_both_and_may_fall_silent_again(world, company, talk, sue):
    joins(world, sue, "barge")
    says(world, sue, HINT)
    joins(world, sue, "listen")
    says(world, sue, ASIDE)

    assert heard(world, company.anna) == [HINT]
    assert HINT in talk.heard
    assert ASIDE not in talk.heard


def test_a_call_that_is_taken_over_is_the_supervisors_and_the_operator_files_it(world, company, talk, sue):
    joins(world, sue, "listen")

    sue.commands(path(world, "take-over"))
    world.advance(2)
    says(world, sue, HINT)

    assert HINT in talk.heard
    assert talk.where == "conference"
    assert not company.anna.talking
    assert company.anna.busy_with == "wrap_up"
    assert world.call.operator == sue.operator
    talk.hangs_up()
    world.advance(2)
    assert world.call.outcome == "answered"
    assert not sue.talking


def test_who_leaves_is_free_and_the_others_talk_on(world, company, talk, sue):
    joins(world, sue, "listen")

    sue.commands(path(world, "stop-monitoring"))
    sue.commands(path(world, "stop-monitoring"))
    world.advance(2)

    assert (sue.busy_with, sue.talking) == ("", False)
    assert talk.where == "conference"
    assert company.anna.talking


def test_the_listener_goes_with_the_call_and_files_nothing(world, company, talk, sue):
    joins(world, sue, "listen")

    talk.hangs_up()
    world.advance(2)

    assert (sue.busy_with, sue.talking) == ("", False)


def test_a_listener_whose_tab_crashes_is_free_and_nobody_hears_of_it(world, company, talk, sue):
    joins(world, sue, "whisper")

    sue.loses_the_tab()
    world.advance(5)

    assert sue.busy_with == ""
    assert talk.where == "conference"
    assert company.anna.talking


def test_two_supervisors_may_listen_at_once(world, company, talk, sue):
    user = factories.UserFactory(role="supervisor", clients=[company.client])
    other = world.operator(operators.add_operator(user, company.anna.operator.team)).opens_desk()
    joins(world, sue, "whisper")
    joins(world, other, "listen")

    says(world, sue, HINT)

    assert heard(world, other) == []
    assert heard(world, company.anna) == [HINT]


def test_of_a_team_that_keeps_its_conversations_to_itself_nobody_hears_unheard(world, company, talk, sue):
    Team.objects.update(listening=Team.Listening.NOBODY)

    said = [refusal(world, sue, "monitor", mode=mode) for mode in ("listen", "whisper")]
    joins(world, sue, "barge")
    says(world, sue, HINT)

    assert all(words.startswith("Nobody listens to the team") for words in said)
    assert HINT in talk.heard


def test_whoever_comes_in_is_written_down(world, company, talk, sue):
    joins(world, sue, "listen")
    joins(world, sue, "listen")
    joins(world, sue, "barge")

    kept = Event.objects.of_call(world.call.public_id).filter(kind="switchboard.supervised").order_by("pk")
    assert [event.data["how"] for event in kept] == ["listens", "talks with both"]


def test_commands_that_do_not_fit_are_refused_and_nothing_happens(world, company, talk, sue):
    assert refusal(world, sue, "take-over") == "Listen first, then take the call over."


def test_an_operator_may_not_listen(world, company, talk):
    company.ben.becomes_available()

    reply = company.ben.asks("POST", path(world, "monitor"), mode="listen")

    assert reply.status_code in {403, 404}


def test_quality_may_listen_and_no_more(world, company, talk):
    user = factories.UserFactory(role="quality", clients=[company.client])
    quinn = world.operator(operators.add_operator(user, company.anna.operator.team)).opens_desk()

    assert refusal(world, quinn, "monitor", mode="whisper") == "Your role may listen only."
    joins(world, quinn, "listen")
    caller_says(world, talk, HELLO)
    assert refusal(world, quinn, "take-over") == "Your role may listen only."
    assert heard(world, quinn) == [HELLO]


def test_when_nobody_talks_there_is_nothing_to_hear(world, company, sue):
    world.caller().dials(DIRECT_LINE)

    assert refusal(world, sue, "monitor", mode="listen") == "The customer is not connected."


def test_a_call_that_is_over_is_refused(world, company, talk, sue):
    talk.hangs_up()
    world.advance(1)

    assert refusal(world, sue, "monitor", mode="listen") == "The call is over."


def test_who_is_transferring_is_not_taken_over(world, company, talk, sue):
    joins(world, sue, "listen")
    company.ben.becomes_available()
    company.anna.commands(path(world, "transfer"), kind="warm", operator=str(company.ben.operator.public_id))
    company.ben.rings()

    assert "transferring" in refusal(world, sue, "take-over")
