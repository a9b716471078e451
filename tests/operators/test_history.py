"""The history of presence: what an operator was, from when to when."""

import itertools
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps as registry
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apps.core import clock
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import PresenceSpan
from tests import factories

pytestmark = pytest.mark.django_db
PRESENCES = st.sampled_from(["offline", "available", "on_break"])


@pytest.fixture(autouse=True)
def still_clock():
    clock.freeze()
    yield
    clock.release()


def spans(operator):
    rows = PresenceSpan.objects.filter(operator=operator).order_by("since", "pk")
    return [(row.presence, row.break_reason and row.break_reason.name, row.since, row.until) for row in rows]


def test_a_new_operator_begins_with_a_span_of_being_away():
    operator = operators.add_operator(factories.UserFactory(), factories.TeamFactory())

    assert spans(operator) == [("offline", None, operator.presence_since, None)]


def test_each_change_ends_one_span_and_begins_the_next_at_the_same_moment():
    operator = operators.add_operator(factories.UserFactory(), factories.TeamFactory())
    lunch = factories.BreakReasonFactory(client=operator.team.client, name="Lunch")
    begin = clock.now()

    noon = clock.advance(60)
    operators.set_presence(operator, "available")
    one = clock.advance(60)
    operators.set_presence(operator, "on_break", reason=lunch)
    operators.set_presence(operator, "on_break", reason=lunch)
    two = clock.advance(60)
    operators.set_presence(operator, "on_break")

    assert spans(operator) == [
        ("offline", None, begin, noon),
        ("available", None, noon, one),
        ("on_break", "Lunch", one, two),
        ("on_break", None, two, None),
    ]


def test_a_change_that_is_refused_leaves_the_history_alone():
    operator = operators.add_operator(factories.UserFactory(), factories.TeamFactory())
    before = spans(operator)

    with pytest.raises(Refused):
        operators.set_presence(operator, "available", reason=factories.BreakReasonFactory())

    assert spans(operator) == before


def test_a_change_that_is_rolled_back_takes_its_span_with_it():
    operator = operators.add_operator(factories.UserFactory(), factories.TeamFactory())
    before = spans(operator)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        operators.set_presence(operator, "available")
        raise ZeroDivisionError

    assert spans(operator) == before


def test_nobody_is_two_things_at_once():
    operator = operators.add_operator(factories.UserFactory(), factories.TeamFactory())

    with pytest.raises(IntegrityError), transaction.atomic():
        PresenceSpan.objects.create(operator=operator, presence="available", since=clock.now())


def test_the_history_of_those_who_were_there_before_it_begins_with_the_migration():
    operator = factories.OperatorFactory(presence="available")
    import_module("apps.operators.migrations.0003_begin_presence_history").begin_history(registry, None)

    assert spans(operator) == [("available", None, clock.now(), None)]


def test_a_shift_is_a_schedule_of_the_operators_client():
    team = factories.TeamFactory()
    ours, theirs = factories.ScheduleFactory(client=team.client), factories.ScheduleFactory()

    operator = operators.add_operator(factories.UserFactory(), team, shift=ours)

    operator.shift = theirs
    with pytest.raises(Refused) as refusal:
        operators.save(operator)
    operator.refresh_from_db()
    assert refusal.value.fields == {"shift": ["Of another client."]}
    assert operator.shift == ours


class TestWhateverIsChosen(TestCase):
    @given(
        st.lists(st.tuples(st.sampled_from(["offline", "available", "on_break"]), st.integers(0, 5000)), max_size=12)
    )
    def test_the_spans_follow_each_other_without_gap_or_overlap(self, choices):
        clock.freeze()
        operator = operators.add_operator(factories.UserFactory(), factories.TeamFactory())
        begin = clock.now()
        for presence, seconds in choices:
            clock.advance(seconds)
            operators.set_presence(operator, presence)
        rows = list(PresenceSpan.objects.filter(operator=operator).order_by("since", "pk"))
        clock.release()

        assert rows[0].since == begin and rows[-1].until is None
        assert all(first.until == second.since for first, second in itertools.pairwise(rows))
        assert all(first.presence != second.presence for first, second in itertools.pairwise(rows))
        assert rows[-1].presence == operator.presence
        assert rows[-1].since - begin <= timedelta(seconds=sum(seconds for _presence, seconds in choices))
