import pytest

from apps.core import events
from apps.core.models import Event

pytestmark = pytest.mark.django_db


def test_an_undeclared_kind_or_field_is_refused():
    with pytest.raises(events.UndeclaredEvent, match=r"calls\.invented is not declared"):
        events.record("calls.invented")
    with pytest.raises(events.UndeclaredEvent, match="has no field colour"):
        events.record("calls.closed", outcome="answered", colour="red")
    assert not Event.objects.exists()


def test_a_key_makes_an_event_happen_once():
    first = events.record("calls.closed", key="once", outcome="answered")

    assert events.record("calls.closed", key="once", outcome="answered") is None
    assert list(Event.objects.all()) == [first]


def test_a_field_may_not_be_called_like_a_parameter_of_record():
    with pytest.raises(ValueError, match="has a field called key"):
        events.declare("tests.pressed", "The caller pressed {key}.", ["key"])


def test_an_event_reads_as_a_sentence_also_when_a_field_is_missing():
    assert events.record("calls.closed", outcome="answered").sentence == "The call is over: answered."
    assert Event(kind="calls.closed").sentence == "The call is over: …."
