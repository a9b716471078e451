"""The carrier's time, real and by hand."""

from pathlib import Path

from .world import OURS, Sandbox, World


def test_nothing_moves_until_the_clock_is_moved(world: World):
    world.app.answers["/voice"] = "<Pause length='5'/><Say>Hello</Say>"
    sid = world.dial_in()
    assert world.advance(0)["pending_timers"] > 0
    assert world.call(sid)["status"] == "ringing"
    world.advance(5)
    assert world.heard(sid)[-1] == "Hello"


def test_a_long_story_in_one_step_is_the_same_as_in_many(world: World):
    world.app.answers["/voice"] = "<Gather timeout='3'><Say>Press one</Say></Gather><Play>/m-20s.wav</Play><Redirect/>"

    def heard(steps: list[float]) -> list[tuple[str, float]]:
        sid = world.dial_in()
        for step in steps:
            world.advance(step)
        call = world.call(sid)
        begun = call["created_at"]
        return [(entry["verb"], seconds(entry["at"]) - seconds(begun)) for entry in call["heard"]]

    assert heard([120]) == heard([0.5] * 240)


def seconds(at: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(at).timestamp()


def test_the_answer_comes_only_when_the_application_has_answered_everything(world: World):
    world.app.answers["/voice"] = "<Redirect>/a</Redirect>"
    world.app.answers["/a"] = "<Redirect>/b</Redirect>"
    world.app.answers["/b"] = "<Say>There</Say>"
    sid = world.dial_in()
    assert world.advance(0)["in_flight"] == 0
    assert world.heard(sid) == ["There"]


def test_the_clock_can_be_set(world: World):
    told = world.control("POST", "/clock", {"mode": "manual", "now": "2027-03-01T08:00:00Z"})
    assert told["now"] == "2027-03-01T08:00:00.000Z"
    world.app.answers["/out"] = "<Hangup/>"
    sid = world.dial_out()
    assert world.client.calls(sid).fetch().date_created.isoformat() == "2027-03-01T08:00:00+00:00"


def test_in_real_mode_time_goes_by_itself_and_the_process_stops_quickly(tmp_path: Path, application):
    application.clear()
    application.answers["/voice"] = "<Gather numDigits='1' action='/menu'/>"
    application.answers["/menu"] = "<Hangup/>"
    ledger = tmp_path / "ledger.jsonl"
    sandbox = Sandbox(ledger, clock="real")
    world = World(sandbox, application)
    world.client.incoming_phone_numbers.create(phone_number=OURS, voice_url=f"{application.url}/voice")
    sid = world.dial_in(script=[{"wait": 0.2}, {"press": "1"}])
    while world.call(sid)["status"] != "completed":
        pass
    assert sandbox.stop() in (0, -15)
    assert '"call.pressed"' in ledger.read_text()
