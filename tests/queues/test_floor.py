"""The ready members of a queue, through a long day: right after every change, and no larger than who is there."""

from hypothesis import given
from hypothesis import strategies as st

from apps.queues.strategies import LONGEST_IDLE, Candidate, Waiting, Wanted
from apps.queues.strategies.floor import Floor

CALLER = Waiting(1, 0.0, 1)
PEOPLE = range(1, 9)
# Operators 5 to 8 lack the skill: they stay on top of their pile while those below come and go.
changes = st.lists(st.tuples(st.sampled_from(PEOPLE), st.booleans()), max_size=60)


@given(changes, st.integers(1, 12))
def test_the_best_is_the_longest_idle_who_is_able_after_any_comings_and_goings(day, times):
    floor, there = Floor(Wanted(LONGEST_IDLE, requirements=(("Spanish", 5),))), {}

    for at, (key, comes) in enumerate(day * times):
        if comes:
            there[key] = Candidate(key, float(at), skills={"Spanish": 5 if key <= 4 else 4})
            floor.add(there[key], float(at))
        else:
            there.pop(key, None)
            floor.remove(key)

        able = [one for one in there.values() if one.operator_id <= 4]
        expected = min(able, key=lambda one: one.idle_since, default=None)
        assert floor.best(CALLER, float(at)) == expected
        assert len(floor) == len(there)


def test_a_floor_that_is_kept_for_long_does_not_grow():
    floor = Floor(Wanted(LONGEST_IDLE))
    floor.add(Candidate(1, 0.0), 0.0)  # the first in turn, who is never asked

    for at in range(1, 5000):
        floor.add(Candidate(2 + at % 3, float(at)), float(at))
        floor.remove(2 + at % 3)

    assert len(floor) == 1
    assert sum(len(heap) for heap in floor._piles.values()) < 100
