"""<Enqueue>, <Leave>, the queue's REST resources and <Dial><Queue>."""

import pytest
from twilio.base.exceptions import TwilioRestException

from .world import COLLEAGUE, World

SECOND = "+15550100124"


def queue(world: World, wait: str = "<Play>/music-10s.wav</Play>", more: str = "") -> None:
    world.app.answers["/voice"] = (
        f"<Enqueue action='/done' waitUrl='/wait' {more}>support</Enqueue><Say>Next verb</Say>"
    )
    world.app.answers["/wait"] = wait


def support(world: World):
    return next(row for row in world.client.queues.list() if row.friendly_name == "support")


def test_the_wait_document_is_asked_for_again_and_again_with_the_place(world: World):
    queue(world)
    sid = world.dial_in()
    world.dial_in(from_=SECOND)
    asked = world.app.at("/wait")
    assert [a.params["QueuePosition"] for a in asked] == ["1", "2"]
    world.advance(20)
    mine = [a.params for a in world.app.at("/wait") if a.params["CallSid"] == sid]
    assert [params["QueueTime"] for params in mine] == ["0", "10", "20"]
    assert mine[-1]["CurrentQueueSize"] == "2"
    assert mine[-1]["MaxQueueSize"] == "1000"
    assert mine[-1]["QueueSid"] == support(world).sid
    assert world.where(sid) == "queue"


def test_the_place_moves_up_when_one_leaves(world: World):
    queue(world)
    first, second = world.dial_in(), world.dial_in(from_=SECOND)
    world.hang_up(first)
    world.advance(10)
    mine = [a.params["QueuePosition"] for a in world.app.at("/wait") if a.params["CallSid"] == second]
    assert mine == ["2", "1"]


def test_leave_goes_on_with_the_action(world: World):
    queue(world, "<Gather numDigits='1' action='/choice'><Play>/music-10s.wav</Play></Gather>")
    world.app.answers["/choice"] = "<Leave/>"
    world.app.answers["/done"] = "<Say>We call you back</Say>"
    sid = world.dial_in()
    world.advance(4)
    world.press(sid, "1")
    told = world.app.at("/done")[0].params
    assert (told["QueueResult"], told["QueueTime"]) == ("leave", "4")
    assert world.heard(sid)[-1] == "We call you back"
    assert support(world).current_size == 0


def test_without_an_action_leave_goes_on_with_the_next_verb(world: World):
    world.app.answers["/voice"] = "<Enqueue waitUrl='/wait'>support</Enqueue><Say>Next verb</Say>"
    world.app.answers["/wait"] = "<Leave/>"
    assert world.heard(world.dial_in()) == ["Next verb"]


def test_a_redirect_takes_the_caller_out_at_once(world: World):
    queue(world)
    world.app.answers["/room"] = "<Dial><Conference>call-1</Conference></Dial>"
    sid = world.dial_in()
    world.client.calls(sid).update(url=f"{world.app.url}/room")
    assert support(world).current_size == 0
    world.advance(30)
    assert world.where(sid) == "conference"
    assert world.app.values("/done", "QueueResult") == ["redirected"]
    assert len(world.app.at("/wait")) == 1


def test_a_redirect_during_a_gather_in_the_queue(world: World):
    queue(world, "<Gather numDigits='1'><Play>/music-10s.wav</Play></Gather>")
    world.app.answers["/room"] = "<Say>Your operator</Say><Pause length='50'/>"
    sid = world.dial_in()
    world.advance(3)
    world.client.calls(sid).update(url=f"{world.app.url}/room")
    world.advance(20)
    assert world.heard(sid)[-2:] == ["Your operator", "Pause"]
    assert len(world.app.at("/wait")) == 1


def test_a_caller_who_hangs_up_leaves_the_queue_and_the_action_is_told(world: World):
    queue(world)
    sid = world.dial_in()
    world.advance(7)
    world.hang_up(sid)
    told = world.app.at("/done")[0].params
    assert (told["QueueResult"], told["CallStatus"], told["QueueTime"]) == ("hangup", "completed", "7")
    assert support(world).current_size == 0


def test_hangup_in_the_wait_document_ends_the_call(world: World):
    queue(world, "<Say>Too long</Say><Hangup/>")
    sid = world.dial_in()
    world.advance(1)
    assert world.call(sid)["status"] == "completed"
    assert world.app.values("/done", "QueueResult") == ["hangup"]


def test_a_full_queue_says_so(world: World):
    queue(world, more="maxQueueSize='1'")
    world.dial_in()
    second = world.dial_in(from_=SECOND)
    assert world.app.values("/done", "QueueResult") == ["queue-full"]
    assert world.call(second)["status"] == "completed"


def test_members_are_listed_and_the_front_is_sent_elsewhere(world: World):
    queue(world)
    first, second = world.dial_in(), world.dial_in(from_=SECOND)
    world.advance(5)
    members = world.client.queues(support(world).sid).members.list()
    assert [(m.call_sid, m.position, m.wait_time) for m in members] == [(first, 1, 5), (second, 2, 5)]
    world.app.answers["/agent"] = "<Say>Agent</Say>"
    world.client.queues(support(world).sid).members("Front").update(url=f"{world.app.url}/agent")
    world.advance()
    assert world.heard(first)[-1] == "Agent"
    assert world.app.values("/done", "QueueResult") == ["redirected"]
    assert [m.call_sid for m in world.client.queues(support(world).sid).members.list()] == [second]


def test_a_queue_with_callers_in_it_is_not_deleted(world: World):
    queue(world)
    world.dial_in()
    with pytest.raises(TwilioRestException):
        world.client.queues(support(world).sid).delete()
    made = world.client.queues.create(friendly_name="empty", max_size=5)
    assert made.max_size == 5
    assert world.client.queues(made.sid).delete()


def test_dialling_the_queue_whispers_to_the_caller_and_bridges(world: World):
    queue(world)
    caller = world.dial_in()
    world.advance(10)
    world.app.answers["/out"] = "<Dial action='/agent-done'><Queue url='/whisper'>support</Queue></Dial>"
    world.app.answers["/whisper"] = "<Say>You are being connected</Say>"
    agent = world.dial_out(COLLEAGUE)
    asked = world.app.at("/whisper")[0].params
    assert (asked["CallSid"], asked["DequeingCallSid"], asked["QueueTime"]) == (caller, agent, "12")
    world.advance(2)
    assert world.call(caller)["hears"] == [agent]
    world.advance(30)
    world.hang_up(agent)
    assert world.app.values("/done", "QueueResult") == ["bridged"]
    told = world.app.at("/agent-done")[0].params
    assert (told["DialCallStatus"], told["CallStatus"]) == ("completed", "completed")


def test_dialling_an_empty_queue_waits_for_somebody(world: World):
    world.client.queues.create(friendly_name="support")
    world.app.answers["/out"] = "<Dial timeout='30' action='/agent-done'><Queue>support</Queue></Dial>"
    agent = world.dial_out(COLLEAGUE)
    world.advance(5)
    queue(world)
    caller = world.dial_in()
    assert world.call(agent)["hears"] == [caller]
    world.hang_up(caller)
    assert world.app.values("/agent-done", "DialCallStatus") == ["completed"]

    again = world.dial_out(COLLEAGUE)
    world.advance(30)
    assert world.app.values("/agent-done", "DialCallStatus")[-1] == "no-answer"
    assert world.call(again)["status"] == "completed"


def test_a_wait_document_that_fails_does_not_strand_the_caller(world: World):
    from .world import Reply

    queue(world)
    world.app.answers["/wait"] = Reply(status=500)
    world.app.answers["/fallback"] = "<Say>Please call again later</Say>"
    sid = world.dial_in()
    assert world.heard(sid) == ["Please call again later"]
    assert support(world).current_size == 0
