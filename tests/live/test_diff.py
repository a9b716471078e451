from hypothesis import given
from hypothesis import strategies as some

from apps.live.diff import apply, diff

rows = some.dictionaries(some.integers(0, 8), some.integers(0, 3)).map(
    lambda values: [{"id": key, "value": value} for key, value in values.items()]
)
pictures = some.fixed_dictionaries({"queues": rows, "calls": rows})


def in_any_order(picture):
    return {table: sorted(rows, key=lambda row: row["id"]) for table, rows in picture.items()}


@given(pictures, pictures)
def test_a_browser_that_applies_the_difference_has_the_new_picture(old, new):
    assert in_any_order(apply(old, diff(old, new))) == in_any_order(new)


@given(pictures)
def test_nothing_is_sent_when_nothing_changed(picture):
    assert diff(picture, picture) == {}


def test_only_rows_that_differ_are_put():
    old = {"calls": [{"id": 1, "status": "waiting"}, {"id": 2, "status": "waiting"}, {"id": 3, "status": "menu"}]}
    new = {"calls": [{"id": 1, "status": "talking"}, {"id": 2, "status": "waiting"}, {"id": 4, "status": "menu"}]}

    assert diff(old, new) == {
        "calls": {"put": [{"id": 1, "status": "talking"}, {"id": 4, "status": "menu"}], "drop": [3]}
    }
