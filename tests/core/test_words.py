import pytest

from apps.core.words import names, span


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-4, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (245, "4:05"), (3600, "1:00:00"), (3729, "1:02:09")],
)
def test_seconds_are_written_as_people_read_them(seconds, said):
    assert span(seconds) == said


def test_names_stay_few():
    assert names(["Anna"]) == "Anna"
    assert names(["Anna", "Ben"]) == "Anna and Ben"
    assert names("ABCDEFG") == "A, B, C, D and 3 more"
