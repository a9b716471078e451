"""<Gather> and <Redirect>."""

from .world import World


def test_keys_go_to_the_action_and_stop_the_prompt(world: World):
    world.app.answers["/voice"] = (
        "<Gather numDigits='1' action='/menu'><Say>Press one</Say><Play>/m.wav</Play></Gather>"
    )
    world.app.answers["/menu"] = "<Say>Thank you</Say>"
    sid = world.dial_in()
    assert world.where(sid) == "gather"
    world.press(sid, "1")
    assert world.app.values("/menu", "Digits") == ["1"]
    assert world.app.values("/menu", "CallStatus") == ["in-progress"]
    assert world.heard(sid) == ["Press one", "Thank you"]


def test_without_an_action_the_document_itself_is_asked_again(world: World):
    world.app.answers["/voice"] = "<Gather numDigits='2'/><Say>Nothing</Say>"
    sid = world.dial_in()
    world.press(sid, "4")
    assert len(world.app.at("/voice")) == 1
    world.press(sid, "2")
    assert world.app.values("/voice", "Digits") == [None, "42"]


def test_no_input_falls_through_after_five_seconds_of_silence(world: World):
    world.app.answers["/voice"] = "<Gather action='/menu'><Say>Press one</Say></Gather><Say>Goodbye</Say>"
    sid = world.dial_in()
    world.advance(1 + 4.9)
    assert world.heard(sid) == ["Press one"]
    world.advance(0.2)
    assert world.heard(sid) == ["Press one", "Goodbye"]
    assert world.app.at("/menu") == []


def test_no_input_is_posted_when_asked_for(world: World):
    world.app.answers["/voice"] = "<Gather action='/menu' actionOnEmptyResult='true' timeout='3'/><Say>Not this</Say>"
    world.dial_in()
    world.advance(3)
    assert world.app.values("/menu", "Digits") == [""]


def test_the_finishing_key_ends_the_input_and_is_not_part_of_it(world: World):
    world.app.answers["/voice"] = "<Gather action='/menu' finishOnKey='*'/>"
    sid = world.dial_in()
    world.press(sid, "12#*")
    assert world.app.values("/menu", "Digits") == ["12#"]


def test_an_empty_finishing_key_switches_it_off(world: World):
    world.app.answers["/voice"] = "<Gather action='/menu' finishOnKey='' timeout='2'/>"
    sid = world.dial_in()
    world.press(sid, "1#")
    assert world.app.at("/menu") == []
    world.advance(2)
    assert world.app.values("/menu", "Digits") == ["1#"]


def test_get_moves_the_parameters_into_the_query(world: World):
    world.app.answers["/voice"] = "<Gather action='/menu?lang=en' method='GET' numDigits='1'/>"
    sid = world.dial_in()
    world.press(sid, "7")
    asked = world.app.at("/menu")[0]
    assert (asked.method, asked.params["Digits"], asked.params["lang"]) == ("GET", "7", "en")
    assert asked.signed


def test_speech_is_gathered_where_it_is_listened_for(world: World):
    world.app.answers["/voice"] = "<Gather input='speech' action='/menu'><Say>How can I help</Say></Gather>"
    sid = world.dial_in()
    world.control("POST", f"/calls/{sid}/say", {"text": "Where is my truck"})
    world.advance()
    assert world.app.values("/menu", "SpeechResult") == ["Where is my truck"]


def test_a_redirect_leaves_the_rest_of_the_document(world: World):
    world.app.answers["/voice"] = "<Redirect method='GET'>next?x=1</Redirect><Say>Never</Say>"
    world.app.answers["/next"] = "<Say>Here</Say>"
    sid = world.dial_in()
    assert world.app.at("/next")[0].method == "GET"
    assert world.heard(sid) == ["Here"]


def test_a_scripted_caller_listens_and_presses(world: World):
    world.app.answers["/voice"] = "<Gather numDigits='1' action='/menu'><Say>Press one for sales</Say></Gather>"
    world.app.answers["/menu"] = "<Say>Sales it is</Say><Pause length='100'/>"
    script = [{"expect": "for sales"}, {"wait": 0.5}, {"press": "1"}, {"expect": "it is"}, {"hangup": True}]
    sid = world.dial_in(script=script)
    world.advance(5)
    call = world.call(sid)
    assert call["script"] == {"step": 5, "steps": 5, "state": "done", "error": None}
    assert call["status"] == "completed"


def test_a_script_that_does_not_hear_what_it_expects_fails_visibly(world: World):
    world.app.answers["/voice"] = "<Pause length='200'/>"
    sid = world.dial_in(script=[{"expect": "welcome"}])
    world.advance(61)
    script = world.call(sid)["script"]
    assert (script["state"], script["step"]) == ("failed", 0)
    assert "'welcome' was not heard within 60 s" in script["error"]


def test_documents_that_send_each_other_in_circles_do_not_stop_the_clock(world: World):
    world.app.answers["/voice"] = "<Redirect>/voice</Redirect>"
    sid = world.dial_in()
    world.advance(3)
    assert world.call(sid)["status"] == "ringing"
    assert len(world.app.at("/voice")) < 300
