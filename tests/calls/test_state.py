from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.calls import state

WORDS = ["initiated", "queued", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "canceled"]


def test_every_order_of_one_calls_reports_ends_the_same():
    reports = ["initiated", "ringing", "in-progress", "completed"]

    assert {state.merge("queued", list(order)) for order in permutations(reports)} == {"completed"}


@given(st.lists(st.sampled_from(WORDS)), st.sampled_from(state.FINAL), st.lists(st.sampled_from(WORDS)))
def test_what_is_over_stays_as_it_ended(before, final, after):
    ended = state.merge("queued", [*before, final])

    assert ended in state.FINAL
    assert state.merge(ended, after) == ended


@given(st.lists(st.sampled_from(WORDS)))
def test_a_line_never_steps_back(reports):
    order = {"queued": 0, "ringing": 1, "in-progress": 2} | dict.fromkeys(state.FINAL, 3)
    status, seen = "queued", [0]
    for report in reports:
        status = state.merge(status, [report])
        seen.append(order[status])

    assert seen == sorted(seen)


@pytest.mark.parametrize("final", state.FINAL)
def test_the_sources_of_a_move_are_the_statuses_that_may_make_it(final):
    assert set(state.sources(final)) == {status for status in state.OPEN if state.may_move(status, final)}
