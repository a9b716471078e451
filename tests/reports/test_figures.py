"""The sums of a row and what follows from them, pure."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.queues.stats import Tally
from apps.reports import definitions
from apps.reports.definitions import By
from apps.reports.figures import Row, Staff, Work

COUNTS = st.integers(0, 1000)
TALLIES = st.builds(Tally, **{each.name: COUNTS for each in fields(Tally)})
WORKS = st.builds(Work, **{each.name: COUNTS for each in fields(Work)})
STAFF = st.builds(Staff, **{each.name: st.floats(0, 1e6) for each in fields(Staff)})
PRESENCE = st.dictionaries(
    st.tuples(st.sampled_from(["available", "on_break"]), st.sampled_from(["", "Lunch"])), COUNTS
)
ROWS = st.builds(
    Row, tally=TALLIES, work=WORKS, staff=STAFF, presence=PRESENCE, operators=st.frozensets(st.integers(1, 5))
)


@given(st.lists(TALLIES, max_size=6))
def test_tallies_add_up_whatever_the_order(tallies):
    forward, backward = Tally.sum(tallies), Tally.sum(reversed(tallies))

    assert forward == backward
    assert forward.offered == sum(each.offered for each in tallies)
    assert forward.longest_wait_seconds == max((each.longest_wait_seconds for each in tallies), default=0)


@given(STAFF)
def test_occupancy_is_between_nothing_and_all(staff):
    assert staff.occupancy is None or 0 <= staff.occupancy <= 1
    assert staff.adherence is None or 0 <= staff.adherence <= 1


@given(ROWS, ROWS, ROWS)
def test_rows_add_up_whatever_the_grouping(a, b, c):
    left, right = Row.sum([Row.sum([a, b]), c]), Row.sum([a, Row.sum([b, c])])

    assert left.tally == right.tally and left.work == right.work and left.operators == right.operators
    assert left.presence == right.presence
    assert left.staff.handling == pytest.approx(right.staff.handling)


@given(ROWS)
def test_every_figure_has_a_definition_and_every_definition_a_figure(row):
    assert set(row.values()) == set(definitions.BY_KEY)
    assert len(definitions.BY_KEY) == len(definitions.DEFINITIONS)


@pytest.mark.parametrize("by", list(By))
def test_every_figure_of_a_page_is_explained_in_a_sentence(by):
    for definition in definitions.shown(by):
        assert definition.words.endswith(".") and definition.words[0].isupper()
        assert definition.name


def test_a_row_of_nothing_tells_nothing_instead_of_dividing_by_it():
    values = Row().values()

    assert values["service_level_percent"] is values["average_answer_seconds"] is values["occupancy_percent"] is None
    assert values["longest_wait_seconds"] is values["average_handle_seconds"] is values["adherence_percent"] is None
    assert values["offered"] == values["talk_seconds"] == 0


def test_hold_is_a_part_of_the_conversation_and_not_of_the_talk():
    values = Row(work=Work(conversation=100, hold=30, wrap_up=20, handle=120, conversations=2)).values()

    assert (values["talk_seconds"], values["hold_seconds"], values["wrap_up_seconds"]) == (70, 30, 20)
    assert values["average_handle_seconds"] == 60
