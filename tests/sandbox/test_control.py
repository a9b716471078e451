"""The control API's own manners."""

import pytest
import requests

from .world import CUSTOMER, OURS, World


@pytest.mark.parametrize(
    ("method", "path", "body", "sentence"),
    [
        ("POST", "/calls", {"from": CUSTOMER}, "to is missing"),
        ("POST", "/calls", {"from": CUSTOMER, "to": OURS, "script": [{"sing": 1}]}, "A step is one of"),
        ("PUT", f"/phones/{CUSTOMER}", {"answer": "maybe"}, "answer is one of"),
        ("PUT", f"/phones/{CUSTOMER}", {"after": 3}, "not after"),
        ("POST", "/clock", {"mode": "fast"}, "mode is real or manual"),
        ("POST", "/devices/op_1/sing", {}, "A device can"),
    ],
)
def test_a_wrong_word_is_answered_with_a_sentence(world: World, method, path, body, sentence):
    assert sentence in world.control(method, path, body, status=400)["error"]


def test_what_does_not_exist_is_404(world: World):
    assert "no call with this sid" in world.control("GET", "/calls/CA0", status=404)["error"]
    assert "no ringing call" in world.control("POST", "/devices/op_1/answer", {}, status=404)["error"]


def test_a_page_of_another_site_may_not_act(world: World):
    url = f"{world.sandbox.url}/sandbox/reset"
    assert requests.post(url, headers={"Origin": "http://evil.example"}, timeout=5).status_code == 403
    assert requests.post(url, headers={"Origin": world.sandbox.url}, timeout=5).status_code == 200


def test_a_reset_leaves_nothing_and_says_nothing(world: World):
    world.app.answers["/voice"] = "<Enqueue waitUrl='' action='/done'>support</Enqueue>"
    world.dial_in()
    asked = len(world.app.asked)
    world.control("POST", "/reset", {})
    world.advance(100)
    assert len(world.app.asked) == asked
    assert world.control("GET", "/calls") == []
    assert world.client.queues.list() == []
    assert len(world.client.incoming_phone_numbers.list()) == 1
    assert world.advance()["pending_timers"] == 0
