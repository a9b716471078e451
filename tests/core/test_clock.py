import pytest
from django.utils import timezone

from apps.core import clock
from apps.core.ids import uuid7


def test_a_stopped_clock_moves_only_by_hand():
    began = clock.freeze()
    try:
        assert clock.now() == began
        clock.advance(90)
        assert (clock.now() - began).total_seconds() == 90
    finally:
        clock.release()
    assert abs((clock.now() - timezone.now()).total_seconds()) < 5


def test_a_running_clock_cannot_be_pushed():
    with pytest.raises(RuntimeError, match="freeze"):
        clock.advance(1)


def test_identifiers_sort_by_the_time_they_were_made():
    made = [uuid7() for _ in range(50)]

    assert {(one.version, one.variant) for one in made} == {(7, "specified in RFC 4122")}
    assert [one.int >> 80 for one in made] == sorted(one.int >> 80 for one in made)
    assert len(set(made)) == 50
