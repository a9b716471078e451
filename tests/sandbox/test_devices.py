"""Browser devices, headless ones and those on a websocket."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import jwt
import pytest
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from websockets.sync.client import ClientConnection, connect

from .world import ACCOUNT, API_KEY, API_SECRET, APP, OURS, World


def token(identity: str, ttl: int = 3600) -> str:
    made = AccessToken(ACCOUNT, API_KEY, API_SECRET, identity=identity, ttl=ttl)
    made.add_grant(VoiceGrant(outgoing_application_sid=APP, incoming_allow=True))
    return made.to_jwt()


class Tab:
    """A browser tab."""

    def __init__(self, world: World) -> None:
        self._open = ExitStack()
        address = world.sandbox.url.replace("http", "ws") + "/sandbox/device"
        self.socket: ClientConnection = self._open.enter_context(connect(address))

    def close(self) -> None:
        self._open.close()

    def send(self, kind: str, **what: Any) -> None:
        self.socket.send(json.dumps({"type": kind} | what))

    def get(self, kind: str) -> dict[str, Any]:
        """The next message of this type; others before it are passed over."""
        while (message := json.loads(self.socket.recv(timeout=5)))["type"] != kind:
            pass
        return message

    def synced(self) -> None:
        """Everything sent before has been taken."""
        self.send("ping")
        self.get("pong")


@pytest.fixture
def tabs(world: World) -> Iterator[Any]:
    opened: list[Tab] = []

    def register(identity: str) -> Tab:
        tab = Tab(world)
        opened.append(tab)
        tab.send("register", token=token(identity))
        assert tab.get("registered")["identity"] == identity
        return tab

    yield register
    for tab in opened:
        tab.close()


def ring(world: World, to: str = "client:op_1", **how: Any) -> str:
    world.app.answers.setdefault("/out", "<Pause length='600'/>")
    return world.dial_out(to, answered=False, **how)


def test_a_headless_device_rings_answers_and_hangs_up(world: World):
    world.device("op_1", "register")
    sid = ring(world, "client:op_1?leg=abc&x=1")
    device = world.control("GET", "/devices")[0]
    assert device["calls"] == [
        {
            "sid": sid,
            "state": "ringing",
            "from": OURS,
            "to": "client:op_1",
            "params": {"leg": "abc", "x": "1"},
            "muted": False,
        }
    ]
    world.device("op_1", "answer")
    assert world.client.calls(sid).fetch().status == "in-progress"
    assert world.app.at("/out")[0].params["To"] == "client:op_1"
    world.device("op_1", "hangup")
    assert world.client.calls(sid).fetch().status == "completed"


def test_a_device_that_is_not_there_fails_with_480(world: World):
    sid = ring(world, "client:nobody", status_callback=f"{world.app.url}/progress")
    assert world.call(sid)["status"] == "failed"
    assert world.app.values("/progress", "SipResponseCode") == ["480"]


def test_a_refused_call_is_busy(world: World):
    world.device("op_1", "register")
    sid = ring(world)
    world.device("op_1", "reject")
    assert world.call(sid)["status"] == "busy"


def test_parameters_of_the_client_noun_reach_the_device(world: World):
    world.device("op_1", "register")
    world.app.answers["/voice"] = (
        "<Dial><Client><Identity>op_1</Identity><Parameter name='call' value='42'/></Client></Dial>"
    )
    world.dial_in()
    assert world.control("GET", "/devices")[0]["calls"][0]["params"] == {"call": "42"}


def test_connect_asks_the_application_with_its_parameters_as_form_fields(world: World):
    world.client.applications(APP).update(voice_url=f"{world.app.url}/app")
    world.app.answers["/app"] = "<Say>Connected</Say><Pause length='9'/>"
    world.device("op_1", "register")
    sid = world.device("op_1", "connect", params={"token": "t0", "To": OURS})["sid"]
    told = world.app.at("/app")[0].params
    assert (told["From"], told["To"], told["token"]) == ("client:op_1", OURS, "t0")
    assert (told["ApplicationSid"], told["Direction"]) == (APP, "inbound")
    assert world.heard(sid) == ["Connected"]
    assert world.call(sid)["status"] == "in-progress"


def test_a_tab_registers_with_the_official_token_and_takes_a_call(world: World, tabs):
    tab = tabs("op_1")
    sid = ring(world, "client:op_1?leg=7")
    incoming = tab.get("incoming")
    assert (incoming["callSid"], incoming["params"], incoming["from"]) == (sid, {"leg": "7"}, OURS)
    world.app.answers["/out"] = "<Say>Hello operator</Say><Gather input='dtmf' numDigits='1' action='/key'/>"
    tab.send("accept", callSid=sid)
    assert tab.get("accepted")["callSid"] == sid
    assert tab.get("heard")["text"] == "Hello operator"
    world.advance(2)
    tab.send("digits", callSid=sid, digits="5")
    tab.synced()
    world.advance()
    assert world.app.values("/key", "Digits") == ["5"]
    assert tab.get("disconnect") == {"type": "disconnect", "callSid": sid, "reason": "completed"}


def test_several_tabs_ring_together_and_the_first_has_the_call(world: World, tabs):
    one, two = tabs("op_1"), tabs("op_1")
    sid = ring(world)
    one.get("incoming"), two.get("incoming")
    two.send("accept", callSid=sid)
    two.get("accepted")
    assert one.get("cancel")["callSid"] == sid
    one.send("accept", callSid=sid)
    assert one.get("cancel")["callSid"] == sid
    assert world.call(sid)["status"] == "in-progress"


def test_a_caller_who_gives_up_stops_the_ringing(world: World, tabs):
    tab = tabs("op_1")
    sid = ring(world)
    tab.get("incoming")
    world.client.calls(sid).update(status="canceled")
    assert tab.get("cancel")["callSid"] == sid


def test_a_tab_that_dies_while_talking_ends_its_leg_after_three_seconds(world: World, tabs):
    tab = tabs("op_1")
    sid = ring(world)
    tab.send("accept", callSid=sid)
    tab.get("accepted")
    tab.close()
    until(lambda: world.facts("device.lost"))
    world.advance(2.9)
    assert world.call(sid)["status"] == "in-progress"
    world.advance(0.2)
    assert world.call(sid)["status"] == "completed"


def test_a_tab_that_comes_back_in_time_has_its_call_again(world: World, tabs):
    tab = tabs("op_1")
    sid = ring(world)
    tab.send("accept", callSid=sid)
    tab.get("accepted")
    tab.close()
    until(lambda: world.facts("device.lost"))
    world.advance(2)
    back = tabs("op_1")
    assert [call["callSid"] for call in back.get("resumed")["calls"]] == [sid]
    world.advance(10)
    assert world.call(sid)["status"] == "in-progress"
    back.send("hangup", callSid=sid)
    back.get("disconnect")


def test_a_tab_that_dies_while_ringing_leaves_it_to_the_others(world: World, tabs):
    one, two = tabs("op_1"), tabs("op_1")
    sid = ring(world)
    two.get("incoming")
    one.close()
    until(lambda: world.facts("device.unregistered"))
    two.send("accept", callSid=sid)
    two.get("accepted")


def test_a_muted_device_is_not_heard(world: World, tabs):
    tab = tabs("op_1")
    world.app.answers["/voice"] = world.app.answers["/out"] = "<Dial><Conference>call-1</Conference></Dial>"
    customer, sid = world.dial_in(), ring(world)
    tab.send("accept", callSid=sid)
    tab.get("accepted")
    world.advance()
    assert world.call(customer)["hears"] == [sid]
    tab.send("mute", callSid=sid, muted=True)
    tab.synced()
    assert world.call(customer)["hears"] == []
    assert world.call(sid)["muted"]


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda: token("op_1", ttl=-60), 31205),
        (lambda: "nonsense", 31204),
        (
            lambda: jwt.encode(
                {"exp": time.time() + 60, "sub": ACCOUNT, "grants": {}}, "another secret of thirty-two bytes"
            ),
            31204,
        ),
    ],
)
def test_a_wrong_token_does_not_register(world: World, made, code):
    tab = Tab(world)
    tab.send("register", token=made())
    assert tab.get("error")["code"] == code
    assert world.control("GET", "/devices") == []
    tab.close()


def test_onlookers_see_calls_change(world: World):
    with connect(world.sandbox.url.replace("http", "ws") + "/sandbox/watch") as socket:
        world.app.answers["/voice"] = "<Say>Hello</Say>"
        sid = world.dial_in()
        seen: dict[str, Any] = {}
        while seen.get("sid") != sid or not seen.get("heard"):
            seen = json.loads(socket.recv(timeout=5))
        assert (seen["type"], seen["heard"][0]["text"]) == ("call", "Hello")


def until(what: Any) -> None:
    """Real sockets close in real time: look again until it is seen."""
    end = time.monotonic() + 5
    while not what():
        assert time.monotonic() < end
