"""An incoming call, from the dialled number to an operator's ear and back into the records."""

from apps.calls.models import Call
from apps.core.models import Event
from apps.ivr import services as ivr
from apps.routing import services as routing
from apps.routing.models import Rule
from apps.routing.truth import ConditionView, GroupView
from tests import factories
from tests.stories.conftest import DIRECT_LINE, MAIN_LINE


def test_a_caller_presses_1_and_talks_to_an_operator(world, company):
    company.anna.becomes_available()
    caller = world.caller().dials(MAIN_LINE)
    caller.hears("Press 1 for dispatch")

    caller.presses("1")
    company.anna.answers()
    world.advance(3)

    assert caller.where == "conference"
    assert company.anna.talking
    assert world.call.operator == company.anna.operator
    assert company.anna.busy_with == "offer"

    world.advance(30)
    company.anna.hangs_up()
    world.advance(2)

    assert not caller.is_connected
    assert world.call.outcome == Call.Outcome.ANSWERED
    assert company.anna.busy_with == "wrap_up"
    world.advance(31)
    assert company.anna.busy_with == ""
    kinds = world.timeline()
    wanted = ["calls.opened", "ivr.pressed", "queues.joined", "queues.accepted", "calls.connected", "calls.closed"]
    assert [kind for kind in kinds if kind in wanted] == wanted


def test_a_caller_who_hangs_up_ends_the_conversation(world, company):
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.answers()
    world.advance(5)

    caller.hangs_up()
    world.advance(2)

    assert not company.anna.talking
    assert world.call.outcome == Call.Outcome.ANSWERED
    assert company.anna.busy_with == "wrap_up"


def test_a_wrong_key_is_said_and_asked_again(world, company):
    caller = world.caller().dials(MAIN_LINE)
    caller.hears("Press 1")

    caller.presses("9")
    world.advance(5)
    caller.presses("9")
    world.advance(5)

    assert caller.heard.count("Press 1 for dispatch") == 3
    assert world.timeline().count("ivr.pressed") == 2
    assert caller.is_connected


def test_silence_is_asked_again_and_ends_at_the_menus_otherwise(world, company):
    caller = world.caller().dials(MAIN_LINE)

    caller.hears("We are closed now", within=90)

    world.advance(10)
    assert caller.heard.count("Press 1 for dispatch") == 3
    assert not caller.is_connected
    assert world.call.outcome == Call.Outcome.REFUSED


def test_a_full_queue_passes_the_call_on(world, company):
    company.queue.max_size = 1
    company.queue.overflow = company.closed
    company.queue.save()
    world.caller("+14155550120").dials(DIRECT_LINE)

    second = world.caller("+14155550121").dials(DIRECT_LINE)

    second.hears("We are closed now")
    world.advance(10)
    assert not second.is_connected


def test_with_nobody_there_the_caller_waits_and_is_passed_on_in_the_end(world, company):
    company.queue.max_wait_seconds = 60
    company.queue.overflow = company.closed
    company.queue.save()
    caller = world.caller().dials(DIRECT_LINE)
    caller.hears("You are next")

    caller.hears("We are closed now", within=75)

    world.advance(10)
    assert world.entry.status == "overflowed"
    assert world.call.outcome == Call.Outcome.REFUSED


def test_a_declined_call_goes_to_the_next_operator_and_keeps_its_place(world, company):
    company.anna.becomes_available()
    world.advance(5)
    company.ben.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.declines()
    place = world.entry.place_at

    company.ben.answers()
    world.advance(3)

    assert caller.where == "conference"
    assert world.entry.place_at == place
    assert world.call.operator == company.ben.operator
    assert company.anna.busy_with == ""


def test_a_missed_call_goes_to_the_next_operator(world, company):
    company.anna.becomes_available()
    world.advance(5)
    company.ben.becomes_available()
    world.caller().dials(DIRECT_LINE)
    company.anna.rings()

    company.ben.rings(within=40)

    assert not company.anna.ringing
    assert company.anna.busy_with == ""


def test_a_caller_who_gives_up_while_waiting_is_abandoned(world, company):
    caller = world.caller().dials(DIRECT_LINE)
    world.advance(30)

    caller.hangs_up()
    world.advance(1)

    assert world.call.outcome == Call.Outcome.ABANDONED
    assert world.entry.status == "abandoned"


def test_a_caller_who_gives_up_while_it_rings_frees_the_operator(world, company):
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.rings()

    caller.hangs_up()
    world.advance(2)

    assert not company.anna.ringing
    assert company.anna.busy_with == ""
    assert world.call.status == Call.Status.OVER


def test_hold_plays_music_and_resume_brings_them_back(world, company):
    company.anna.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    company.anna.answers()
    world.advance(5)

    company.anna.commands(f"calls/{world.call.public_id}/hold")
    world.advance(2)
    assert caller.where == "hold"
    assert caller.leg.on_hold_since is not None

    company.anna.commands(f"calls/{world.call.public_id}/resume")
    world.advance(2)
    assert caller.where == "conference"
    assert caller.leg.on_hold_since is None


def test_outside_hours_the_caller_hears_the_closing_message(world, company):
    from tests import factories

    company.queue.schedule = factories.ScheduleFactory(client=company.client, closed_now=True)
    company.queue.when_closed = company.closed
    company.queue.save()

    caller = world.caller().dials(DIRECT_LINE)

    caller.hears("We are closed now")
    world.advance(10)
    assert world.call.outcome == Call.Outcome.REFUSED


def test_when_the_operators_tab_dies_the_caller_waits_in_front(world, company):
    company.anna.becomes_available()
    company.ben.becomes_available()
    caller = world.caller().dials(DIRECT_LINE)
    talking = company.anna if company.anna.ringing else company.ben
    other = company.ben if talking is company.anna else company.anna
    talking.answers()
    world.advance(5)

    talking.loses_the_tab()
    other.rings(within=15)

    assert caller.is_connected
    assert world.entry.front
    other.answers()
    world.advance(3)
    assert caller.where == "conference"
    assert world.call.operator == other.operator


def test_when_the_tab_dies_while_ringing_the_next_operator_is_rung(world, company):
    company.anna.becomes_available()
    world.advance(5)
    company.ben.becomes_available()
    world.caller().dials(DIRECT_LINE)
    company.anna.rings()

    company.anna.loses_the_tab()

    company.ben.rings(within=30)


def test_a_conversation_is_recorded_and_can_be_played(world, company):
    company.anna.becomes_available()
    world.caller().dials(DIRECT_LINE)
    company.anna.answers()
    world.advance(20)
    company.anna.hangs_up()
    world.advance(15)

    recording = world.call.recordings.get()

    assert recording.status == "stored", recording.error
    assert recording.channels == 2
    assert recording.size_bytes == recording.file.size > 1000
    assert Event.objects.filter(kind="recordings.stored", call_ref=world.call.public_id).exists()


def test_a_caller_who_presses_2_is_routed_by_what_was_pressed(world, company):
    """The menu sends the call to the rules; the rule about the key sends it to the queue."""
    rule = Rule(client=company.client, name="Pressed 2", destination=company.queue.destination)
    routing.save_rule(rule, [GroupView((ConditionView("digits", "2"),))])
    factories.OptionFactory(menu=company.menu, key="2", destination=routing.destination_of(company.client))
    ivr.publish(company.menu.flow)
    company.anna.becomes_available()

    caller = world.caller().dials(MAIN_LINE)
    caller.hears("Press 1 for dispatch")
    caller.presses("2")
    company.anna.answers()
    world.advance(3)

    assert company.anna.talking
    first, second = routing.why(world.call)[:2]
    assert first.startswith("No rule matched: it goes to “Main menu”")
    assert second == "Rule “Pressed 2”, because the caller pressed 2: it goes to “Dispatch”."


def test_a_full_queue_of_a_rule_sends_the_caller_to_the_fallback(world, company):
    rule = Rule(client=company.client, name="All", destination=company.queue.destination, fallback=company.closed)
    routing.save_rule(rule, [])
    company.queue.max_size = 1
    company.queue.save()
    world.caller("+16465550111").dials(DIRECT_LINE)
    world.advance(2)

    second = world.caller("+16465550112").dials(DIRECT_LINE)

    second.hears("We are closed now")
