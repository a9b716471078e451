"""A picture that was brought up to date by parts is the picture."""

import os
import random
from datetime import timedelta
from itertools import zip_longest

import pytest

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg
from apps.core.refused import Refused
from apps.live import receivers, snapshot
from apps.live.scope import Scope
from apps.live.touched import Touched
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.queues import services as queues
from apps.queues import setup
from apps.queues.models import QueueEntry
from tests.factories import (
    CallFactory,
    ClientFactory,
    DecisionFactory,
    LegFactory,
    MembershipFactory,
    OperatorFactory,
    QueueFactory,
    RoomFactory,
    TeamFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def touched(monkeypatch):
    """What the services tell the live pages."""
    heard = Touched()
    monkeypatch.setattr(receivers, "post", heard.add)
    return heard


def in_order(picture):
    return {name: sorted(rows, key=lambda row: row["id"]) for name, rows in picture.items()}


class House:
    """A client with two queues and six operators, to whom things happen at random."""

    def __init__(self, chance):
        self.chance, self.client = chance, ClientFactory()
        self.queues = [QueueFactory(client=self.client) for _ in range(2)]
        team = TeamFactory(client=self.client)
        self.operators = [OperatorFactory(team=team) for _ in range(6)]
        for operator in self.operators:
            MembershipFactory(queue=chance.choice(self.queues), operator=operator)

    def somebody(self):
        return Operator.objects.get(pk=self.chance.choice(self.operators).pk)

    def call(self):
        return self.chance.choice([*Call.objects.open()] or [None])

    def come_and_go(self):
        operators.set_presence(self.somebody(), self.chance.choice(Operator.Presence.values))

    def go_astray(self):
        one = self.somebody()
        self.chance.choice([lambda: operators.mark_reachable(one), lambda: operators.mark_unreachable(one, "asleep")])()

    def ring(self):
        call = CallFactory(client=self.client)
        LegFactory(call=call, status=state.IN_PROGRESS)
        queues.join(call, self.chance.choice(self.queues))

    def talk(self):
        operator, room = self.somebody(), RoomFactory(call=CallFactory(client=self.client))
        calls.changed(room.call)
        engagement = operators.engage(operator, Engagement.Purpose.DESK_CALL, call_ref=room.call.public_id)
        LegFactory(call=room.call, room=room, status=state.IN_PROGRESS, joined_at=room.opened_at)
        calls.answer(room.call, operator)
        return engagement

    def hold(self):
        legs = Leg.objects.open().filter(joined_at__isnull=False)
        if leg := self.chance.choice([*legs] or [None]):
            calls.set_hold(leg, on=leg.on_hold_since is None)

    def end(self):
        call = self.call()
        if call is not None:
            for entry in call.queue_entries.filter(status__in=QueueEntry.UNANSWERED):
                queues.abandon(entry)
            calls.close(call, Call.Outcome.ABANDONED)
            for engagement in Engagement.objects.open().filter(call_ref=call.public_id):
                operators.release(engagement)
                operators.wrap_up(engagement.operator, 30, call.public_id)

    def file(self):
        operators.finish_wrap_up(self.somebody())

    def set_members(self):
        setup.set_members(self.chance.choice(self.queues), self.chance.sample(self.operators, 3))


def test_a_picture_brought_up_to_date_by_parts_is_the_whole_picture(touched, monkeypatch):
    monkeypatch.setattr(snapshot, "DAY_EVERY", timedelta())
    seed = int(os.environ.get("BOARD_SEED") or random.randrange(10**6))
    chance = random.Random(seed)
    house = House(chance)
    scope = Scope(frozenset([house.client.pk]))
    reader = snapshot.Reader(scope)
    picture = reader.whole()
    acts = [house.come_and_go, house.go_astray, house.ring, house.ring, house.talk, house.hold, house.end, house.file]
    for _round in range(12):
        for _ in range(chance.randrange(1, 5)):
            try:
                chance.choice([*acts, *acts, house.set_members])()
            except Refused:
                pass  # the act did not fit; nothing happened then
        picture = reader.after(picture, touched)
        touched.__init__()
        there = in_order(snapshot.board(scope))
        wrong = [(a, b) for name in there for a, b in zip_longest(in_order(picture)[name], there[name]) if a != b]
        assert wrong == [], f"BOARD_SEED={seed}"
        assert in_order(reader.again()) == there, f"BOARD_SEED={seed}"


def test_what_was_renamed_is_shown_once_it_was_learned(touched):
    house = House(random.Random(1))
    reader = snapshot.Reader(Scope(None))
    reader.whole()
    user = house.operators[0].user
    user.first_name, user.last_name = "Grace", "Hopper"
    user.save()

    before = reader.again()
    reader.learn()
    after = reader.again()

    names = [{row["name"] for row in picture["operators"]} for picture in (before, after)]
    assert ["Grace Hopper" in each for each in names] == [False, True]


def test_figures_of_the_day_wait_for_their_turn_and_come(touched, monkeypatch):
    house = House(random.Random(1))
    reader = snapshot.Reader(Scope(None))
    picture = reader.whole()

    house.ring()
    at_once = reader.after(picture, touched)
    was_behind = reader.is_behind
    monkeypatch.setattr(snapshot, "DAY_EVERY", timedelta())
    later = reader.after(at_once, Touched())

    assert [sum(row[name] for row in at_once["queues"]) for name in ("waiting", "offered")] == [1, 0]
    assert [sum(row[name] for row in later["queues"]) for name in ("waiting", "offered")] == [1, 1]
    assert (was_behind, reader.is_behind) == (True, False)


def test_rows_of_another_client_are_not_read(touched):
    mine, foreign = House(random.Random(1)), House(random.Random(2))
    scope = Scope(frozenset([mine.client.pk]))
    reader = snapshot.Reader(scope)
    picture = reader.whole()

    foreign.ring()
    foreign.come_and_go()
    after = reader.after(picture, touched)

    assert touched.call | touched.entry
    assert in_order(after) == in_order(picture)


def test_who_may_see_no_client_sees_an_empty_board():
    House(random.Random(1)).ring()

    assert not any(snapshot.board(Scope(frozenset())).values())


def test_a_call_for_which_no_rule_matched_is_marked_until_rules_are_tried_again(touched):
    client = ClientFactory()
    lost, led, untried = (CallFactory(client=client) for _ in range(3))
    DecisionFactory(call=lost, tried=[{"matched": False}])
    DecisionFactory(call=led, tried=[{"matched": False}, {"matched": True}])
    DecisionFactory(call=untried)
    reader = snapshot.Reader(Scope(None))
    picture = reader.whole()
    DecisionFactory(call=lost, tried=[{"matched": True}])
    after = reader.after(picture, Touched(clients={client.pk}, call={lost.pk}))

    remarks = [{row["id"]: row["remark"] for row in each["calls"]} for each in (picture, after)]
    assert remarks[0] == {str(lost.public_id): "no rule matched", str(led.public_id): "", str(untried.public_id): ""}
    assert remarks[1] == dict.fromkeys(remarks[0], "")
