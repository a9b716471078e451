"""Conferences: who is in, who hears whom, what is told."""

import pytest
from twilio.base.exceptions import TwilioRestException

from .world import COLLEAGUE, CUSTOMER, OURS, World

ALL = "start end join leave mute hold modify announcement"
THIRD = "+15550100888"


def room(more: str = "", dial: str = "") -> str:
    return (
        f"<Dial {dial}><Conference statusCallback='/room' statusCallbackEvent='{ALL}' {more}>call-1</Conference></Dial>"
    )


def two_in_a_room(world: World, first: str = "", second: str = "", dial: str = "") -> tuple[str, str]:
    """A customer who called and a colleague who was called, in the room call-1."""
    world.app.answers["/voice"] = room(first, dial) + "<Say>After the room</Say>"
    world.app.answers["/out"] = room(second, dial) + "<Say>After the room</Say>"
    return world.dial_in(), world.dial_out(COLLEAGUE)


def events(world: World) -> list[str]:
    return [asked.params["StatusCallbackEvent"] for asked in world.app.at("/room")]


def conference(world: World):
    return world.client.conferences.list(friendly_name="call-1")[0]


def test_it_starts_when_the_second_comes_and_both_hear_each_other(world: World):
    customer, colleague = two_in_a_room(world)
    assert events(world) == ["participant-join", "participant-join", "conference-start"]
    assert world.app.values("/room", "SequenceNumber") == ["1", "2", "3"]
    assert conference(world).status == "in-progress"
    assert world.call(customer)["hears"] == [colleague]
    assert world.call(colleague)["hears"] == [customer]
    assert world.where(customer) == "conference"


def test_alone_one_waits_with_the_wait_document(world: World):
    world.app.answers["/voice"] = room("waitUrl='/music'")
    world.app.answers["/music"] = "<Say>Please hold the line</Say><Redirect/>"
    sid = world.dial_in()
    assert conference(world).status == "init"
    world.advance(5)
    assert world.heard(sid).count("Please hold the line") >= 3
    world.app.answers["/out"] = room()
    world.dial_out(COLLEAGUE)
    heard = len(world.heard(sid))
    world.advance(10)
    assert len(world.heard(sid)) == heard


def test_it_does_not_start_before_one_who_may_start_it_is_there(world: World):
    two_in_a_room(world, "startConferenceOnEnter='false'", "startConferenceOnEnter='false'")
    assert conference(world).status == "init"
    assert "conference-start" not in events(world)


def test_the_one_who_ends_it_sends_everybody_on(world: World):
    customer, colleague = two_in_a_room(world, "endConferenceOnExit='true'", dial="action='/after'")
    world.hang_up(customer)
    ended = world.app.at("/room")[-1].params
    assert ended["StatusCallbackEvent"] == "conference-end"
    assert ended["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert ended["CallSidEndingConference"] == customer
    told = {asked.params["CallSid"]: asked.params for asked in world.app.at("/after")}
    assert told[colleague]["DialCallStatus"] == "answered"
    assert "DialCallSid" not in told[colleague]
    assert told[customer]["CallStatus"] == "completed"
    reasons = [a.params.get("ReasonParticipantLeft") for a in world.app.at("/room") if "Reason" in str(a.params)]
    assert "participant_hung_up" in reasons
    assert "moderator_ended_conference" in reasons


def test_one_who_stays_stays_and_the_last_one_ends_it(world: World):
    customer, colleague = two_in_a_room(world)
    world.hang_up(colleague)
    assert conference(world).status == "in-progress"
    assert world.where(customer) == "conference"
    world.hang_up(customer)
    assert conference(world).reason_conference_ended == "last-participant-left"


def test_hold_takes_the_ear_and_the_voice_and_plays_the_hold_document(world: World):
    customer, colleague = two_in_a_room(world)
    world.app.answers["/hold"] = "<Play loop='0'>/music.wav</Play>"
    seat = world.client.conferences(conference(world).sid).participants(customer)
    assert seat.update(hold=True, hold_url=f"{world.app.url}/hold").hold is True
    world.advance()
    assert world.app.at("/hold")[0].method == "GET"
    assert world.where(customer) == "hold"
    assert world.heard(customer)[-1] == f"{world.app.url}/music.wav"
    assert world.call(customer)["hears"] == world.call(colleague)["hears"] == []

    seat.update(hold=False)
    world.advance()
    assert world.call(customer)["hears"] == [colleague]
    assert events(world)[-2:] == ["participant-hold", "participant-unhold"]


def test_a_muted_participant_hears_but_is_not_heard(world: World):
    customer, colleague = two_in_a_room(world)
    world.client.conferences(conference(world).sid).participants(colleague).update(muted=True)
    assert world.call(customer)["hears"] == []
    assert world.call(colleague)["hears"] == [customer]
    assert world.call(colleague)["muted"]


def test_a_coach_hears_all_and_is_heard_by_the_coached_call_only(world: World):
    customer, colleague = two_in_a_room(world)
    world.app.answers["/listen"] = room(f"coach='{colleague}'")
    coach = world.dial_out(THIRD, url=f"{world.app.url}/listen")
    assert set(world.call(coach)["hears"]) == {customer, colleague}
    assert world.call(customer)["hears"] == [colleague]
    assert set(world.call(colleague)["hears"]) == {customer, coach}
    seat = world.client.conferences(conference(world).sid).participants(coach)
    assert (seat.fetch().coaching, seat.fetch().call_sid_to_coach) == (True, colleague)
    seat.update(coaching=False)
    assert set(world.call(customer)["hears"]) == {colleague, coach}


def test_coaching_somebody_who_is_not_there_is_refused(world: World):
    customer, _ = two_in_a_room(world)
    seat = world.client.conferences(conference(world).sid).participants(customer)
    with pytest.raises(TwilioRestException) as refusal:
        seat.update(coaching=True, call_sid_to_coach="CA" + "0" * 32)
    assert refusal.value.code == 16028


def test_somebody_is_called_into_the_room_by_the_api(world: World):
    world.app.answers["/voice"] = room()
    customer = world.dial_in()
    made = world.client.conferences("call-1").participants.create(
        from_=OURS,
        to=COLLEAGUE,
        label="colleague",
        status_callback=f"{world.app.url}/leg",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    assert made.status == "queued"
    world.advance(2)
    assert world.call(made.call_sid)["hears"] == [customer]
    assert world.client.conferences("call-1").participants("colleague").fetch().call_sid == made.call_sid
    world.client.conferences("call-1").participants("colleague").delete()
    world.advance()
    assert world.call(made.call_sid)["status"] == "completed"
    assert world.app.values("/leg", "CallStatus") == ["initiated", "ringing", "in-progress", "completed"]


def test_a_new_name_makes_a_new_room_and_nobody_coming_ends_it(world: World):
    world.phone(COLLEAGUE, answer="busy")
    world.client.conferences("call-2").participants.create(
        from_=OURS,
        to=COLLEAGUE,
        conference_status_callback=f"{world.app.url}/room",
        conference_status_callback_event=["leave", "end"],
    )
    world.advance(5)
    assert events(world) == ["participant-leave", "conference-end"]
    assert world.app.at("/room")[0].params["ReasonParticipantLeft"] == "participant_add_failed"


def test_a_label_is_unique_in_its_room(world: World):
    world.app.answers["/voice"] = room("participantLabel='customer'")
    customer = world.dial_in()
    with pytest.raises(TwilioRestException) as refusal:
        world.client.conferences("call-1").participants.create(from_=OURS, to=COLLEAGUE, label="customer")
    assert refusal.value.code == 16025
    assert world.client.conferences("call-1").participants("customer").fetch().call_sid == customer


def test_the_api_ends_a_room(world: World):
    customer, colleague = two_in_a_room(world)
    assert world.client.conferences(conference(world).sid).update(status="completed").status == "completed"
    world.advance()
    assert world.heard(customer)[-1] == world.heard(colleague)[-1] == "After the room"
    assert conference(world).reason_conference_ended == "conference-ended-via-api"


def test_a_redirect_takes_a_participant_out_at_once_and_the_room_stays(world: World):
    customer, colleague = two_in_a_room(world)
    world.app.answers["/elsewhere"] = "<Say>Elsewhere</Say><Pause length='60'/>"
    world.client.calls(customer).update(url=f"{world.app.url}/elsewhere")
    world.advance()
    assert world.heard(customer)[-1] == "Elsewhere"
    assert [seat.call_sid for seat in conference(world).participants.list()] == [colleague]
    left = world.app.at("/room")[-1].params
    assert (left["StatusCallbackEvent"], left["ParticipantCallStatus"]) == ("participant-leave", "in-progress")


def test_the_same_name_afterwards_is_another_room(world: World):
    customer, colleague = two_in_a_room(world)
    before = conference(world).sid
    world.hang_up(customer)
    world.hang_up(colleague)
    world.dial_in()
    assert conference(world).sid != before


def test_two_rooms_at_once_hear_nothing_of_each_other(world: World):
    customer, colleague = two_in_a_room(world)
    world.app.answers["/voice"] = "<Dial><Conference>call-3</Conference></Dial>"
    world.app.answers["/out"] = "<Dial><Conference>call-3</Conference></Dial>"
    other, another = world.dial_in(from_=THIRD), world.dial_out("+15550100999")
    assert world.call(other)["hears"] == [another]
    assert world.call(customer)["hears"] == [colleague]


def test_an_announcement_reaches_the_one_it_is_for(world: World):
    customer, colleague = two_in_a_room(world)
    world.app.answers["/announce"] = "<Say>One minute left</Say>"
    world.client.conferences(conference(world).sid).participants(customer).update(
        announce_url=f"{world.app.url}/announce"
    )
    world.advance(2)
    assert "One minute left" in world.heard(customer)
    assert "One minute left" not in world.heard(colleague)
    assert events(world)[-1] == "announcement-end"


def test_a_full_room_takes_nobody_more(world: World):
    two_in_a_room(world)
    world.app.answers["/voice"] = "<Dial action='/after'><Conference maxParticipants='2'>call-1</Conference></Dial>"
    world.dial_in(from_=CUSTOMER)
    assert world.app.values("/after", "DialCallStatus") == ["failed"]


def test_who_is_kicked_while_still_being_rung_never_joins(world: World):
    world.app.answers["/voice"] = room()
    world.dial_in()
    made = world.client.conferences("call-1").participants.create(from_=OURS, to=COLLEAGUE)
    world.advance()
    world.client.conferences("call-1").participants(made.call_sid).delete()
    world.advance(10)
    assert world.call(made.call_sid)["status"] == "canceled"
    assert len(conference(world).participants.list()) == 1
