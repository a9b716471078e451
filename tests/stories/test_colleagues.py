"""Operators call each other from their desks."""

from apps.calls.models import Call
from apps.live import desk_state
from tests.factories import DispositionFactory


def desk(operator) -> dict:
    [state] = desk_state.states([operator.operator.pk]).values()
    return state


def calls(one, other, **body):
    return one.asks("POST", "calls", colleague=str(other.operator.public_id), **body)


def begins(world, one, other) -> Call:
    placed = calls(one, other).json()
    one.device("connect", params={"token": placed["connect_token"]})
    world.advance(2)
    return Call.objects.get(public_id=placed["call"]["id"])


def test_an_operator_calls_a_colleague_and_both_are_free_after_it(world, company):
    anna, ben = company.anna, company.ben
    anna.becomes_available()
    ben.becomes_available()
    call = begins(world, anna, ben)

    assert desk(ben)["offer"]["transfer"] == {"kind": "inside", "by": str(anna.operator)}
    assert desk(ben)["offer"]["name"] == str(anna.operator)
    ben.answers()
    world.advance(2)
    assert desk(anna)["call"]["name"] == str(ben.operator)
    assert desk(ben)["call"]["name"] == str(anna.operator)
    assert (anna.busy_with, ben.busy_with) == ("desk_call", "consult")
    assert call.legs.filter(joined_at__isnull=False).count() == 2
    assert not call.recordings.exists(), "colleagues among themselves are not recorded"

    refused = anna.asks("POST", f"calls/{call.public_id}/hold")
    assert (refused.status_code, refused.json()["code"]) == (409, "inside")
    ben.hangs_up()
    world.advance(2)

    call.refresh_from_db()
    assert (call.status, call.outcome) == ("over", "answered")
    assert (anna.busy_with, ben.busy_with) == ("", ""), "there is nothing to wrap up"
    assert desk(ben)["recent"][0]["name"] == str(anna.operator)
    assert desk(ben)["recent"][0]["colleague"] == str(anna.operator.public_id)


def test_a_call_between_colleagues_has_no_ending_to_choose(world, company):
    anna, ben = company.anna, company.ben
    anna.becomes_available()
    ben.becomes_available()
    sold = DispositionFactory(client=company.client, name="Sold")
    call = begins(world, anna, ben)
    ben.answers()
    world.advance(2)

    card = desk(anna)["call"]
    assert (card["inside"], card["dispositions"], card["disposition_required"]) == (True, [], False)
    refused = anna.asks("PATCH", f"calls/{call.public_id}", disposition=str(sold.public_id))

    assert (refused.status_code, refused.json()["code"]) == (409, "inside")
    assert refused.json()["detail"] == "A call between colleagues has no ending to choose."
    call.refresh_from_db()
    assert call.disposition is None


def test_a_colleague_who_does_not_answer_or_hangs_up_first_leaves_nobody_busy(world, company):
    anna, ben = company.anna, company.ben
    anna.becomes_available()
    ben.becomes_available()
    call = begins(world, anna, ben)
    world.advance(40)
    call.refresh_from_db()
    assert (call.status, call.outcome) == ("over", "no_answer")
    assert (anna.busy_with, ben.busy_with) == ("", "")

    again = begins(world, anna, ben)
    ben.answers()
    world.advance(2)
    anna.device("hangup")
    world.advance(3)
    again.refresh_from_db()
    assert (again.status, again.outcome) == ("over", "answered")
    assert (anna.busy_with, ben.busy_with) == ("", "")


def test_who_is_not_there_busy_or_oneself_cannot_be_called_and_nothing_changes(world, company):
    anna, ben = company.anna, company.ben
    anna.becomes_available()

    away = calls(anna, ben)
    myself = calls(anna, anna)
    nobody = anna.asks("POST", "calls")

    assert (away.status_code, away.json()["code"]) == (409, "not_available")
    assert "yourself" in myself.json()["detail"]
    assert nobody.status_code in (400, 409)
    assert not Call.objects.exists()
    assert anna.busy_with == ""
