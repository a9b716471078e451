"""How a line sounds, from what telephones measure."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.calls.quality import Bucket, Sample, buckets, complaint, mos

NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
USUAL = SimpleNamespace(mos=3.5, loss_percent=3, jitter_ms=40, round_trip_ms=400)
NONE = SimpleNamespace(mos=1, loss_percent=0, jitter_ms=0, round_trip_ms=0)

milliseconds = st.floats(0, 5000)
percent = st.floats(0, 100)
samples = st.lists(
    st.builds(
        Sample, at=st.integers(0, 60_000).map(lambda ms: NOON + timedelta(milliseconds=ms)), jitter_ms=milliseconds,
        round_trip_ms=milliseconds, loss_percent=percent, mos=st.none() | st.floats(1, 5),
    ),
    max_size=30,
)  # fmt: skip


@pytest.mark.parametrize(
    ("line", "score"),
    [((0, 0, 0), 4.4), ((5, 60, 0), 4.37), ((40, 400, 3), 2.51), ((0, 0, 10), 3.5), ((0, 0, 100), 1.0)],
)
def test_a_line_is_scored_as_the_e_model_has_it(line, score):
    assert mos(*line) == pytest.approx(score, abs=0.01)


@given(milliseconds, milliseconds, percent, milliseconds, milliseconds, percent)
def test_a_worse_line_never_scores_better(jitter, trip, loss, more_jitter, more_trip, more_loss):
    worse = mos(jitter + more_jitter, trip + more_trip, min(100, loss + more_loss))
    assert 1 <= worse <= mos(jitter, trip, loss) <= 4.5


@given(samples)
def test_every_sample_is_in_the_ten_seconds_in_which_it_was_measured(found):
    rows = buckets(found)
    assert sum(row.samples for row in rows) == len(found)
    assert [row.at for row in rows] == sorted({row.at for row in rows})
    for row in rows:
        assert row.at.second % 10 == 0 and row.at.microsecond == 0
        mine = [each for each in found if row.at <= each.at < row.at + timedelta(seconds=10)]
        assert row.samples == len(mine)
        least, most = min(each.jitter_ms for each in mine), max(each.jitter_ms for each in mine)
        assert least - 0.1 <= row.jitter_ms <= most + 0.1


def test_the_telephones_own_score_goes_before_ours():
    (row,) = buckets([Sample(NOON, 0, 0, 0, mos=2.0), Sample(NOON, 0, 0, 100)])
    assert (row.mos, row.loss_percent) == (1.5, 50)


def test_what_is_worse_than_the_limits_is_named_with_its_figure():
    bad = Bucket(NOON, 10, jitter_ms=55.2, round_trip_ms=520, loss_percent=8.4, mos=2.31)
    assert complaint(bad, USUAL) == "score 2.31, 8 % lost, jitter 55 ms, round trip 520 ms"
    assert complaint(bad, NONE) == ""
    assert complaint(Bucket(NOON, 10, jitter_ms=40, round_trip_ms=400, loss_percent=3, mos=3.5), USUAL) == ""
