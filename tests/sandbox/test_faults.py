"""Faults that tests switch on."""

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from .world import CUSTOMER, OURS, World

EVENTS = ["initiated", "ringing", "answered", "completed"]


def create(world: World):
    return world.client.calls.create(
        to=CUSTOMER,
        from_=OURS,
        url=f"{world.app.url}/out",
        status_callback=f"{world.app.url}/progress",
        status_callback_event=EVENTS,
    )


def test_a_lost_answer_means_that_the_call_was_made(world: World):
    world.control("PUT", "/faults", {"lost_answers": 1})
    with pytest.raises(requests.ConnectionError):
        create(world)
    made = world.client.calls.list()
    assert len(made) == 1
    assert create(world).status == "queued"


def test_the_next_request_for_a_path_fails_as_told_and_is_not_carried_out(world: World):
    world.control("PUT", "/faults", {"fail_next": [{"path": "Calls.json", "status": 429, "code": 20429}]})
    with pytest.raises(TwilioRestException) as refusal:
        create(world)
    assert (refusal.value.status, refusal.value.code) == (429, 20429)
    assert world.client.calls.list() == []
    create(world)


def test_a_share_of_requests_fails_the_same_way_each_time(world: World):
    def tries() -> list[int]:
        world.control("PUT", "/faults", {"error_rate": 0.5, "seed": 7})
        url, auth = world.sandbox.url + world_calls(world), world.client.auth
        return [requests.get(url, auth=auth, timeout=5).status_code for _ in range(12)]

    first = tries()
    assert set(first) == {200, 503}
    assert tries() == first


def world_calls(world: World) -> str:
    return f"/2010-04-01/Accounts/{world.client.username}/Calls.json"


def test_late_callbacks_come_later_by_the_carriers_clock(world: World):
    world.control("PUT", "/faults", {"callbacks": {"late_s": 5}})
    create(world)
    world.advance(4)
    assert world.app.at("/progress") == []
    world.advance(2)
    assert world.app.values("/progress", "CallStatus") == ["initiated", "ringing"]


def test_duplicated_callbacks_come_twice(world: World):
    world.control("PUT", "/faults", {"callbacks": {"duplicate_rate": 1}})
    create(world)
    world.advance(0)
    assert world.app.values("/progress", "SequenceNumber") == ["0", "0", "1", "1"]


def test_lost_callbacks_do_not_come_but_stand_in_the_journal(world: World):
    world.control("PUT", "/faults", {"callbacks": {"lost_rate": 1}})
    create(world)
    world.advance(0)
    assert world.app.asked == []
    assert [entry["error"] for entry in world.journal()] == ["lost by a fault"] * 2


def test_reordered_callbacks_come_all_but_in_another_order(world: World):
    world.control("PUT", "/faults", {"callbacks": {"reorder": True}, "seed": 1})
    world.app.answers["/out"] = "<Pause length='1'/>"
    create(world)
    world.advance(20)
    numbers = world.app.values("/progress", "SequenceNumber")
    assert sorted(numbers) == ["0", "1", "2", "3"]
    assert numbers != sorted(numbers)


def test_nothing_is_wrong_after_an_empty_word(world: World):
    world.control("PUT", "/faults", {"error_rate": 1})
    assert world.control("GET", "/faults") == {"error_rate": 1}
    world.control("PUT", "/faults", {})
    create(world)


def test_an_unknown_fault_is_refused(world: World):
    answer = world.control("PUT", "/faults", {"eror_rate": 1}, status=400)
    assert "Unknown fault: eror_rate" in answer["error"]
