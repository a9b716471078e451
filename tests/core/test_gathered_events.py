import pytest
from django.db import transaction

from apps.core import events
from apps.core.models import Event


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.django_db(transaction=True)
def test_gathered_events_are_written_in_their_order_by_one_statement(django_assert_num_queries):
    with django_assert_num_queries(3), transaction.atomic(), events.gathered():  # begin, insert, commit
        events.record("calls.opened", direction="incoming")
        events.record("calls.noted")
        events.record("calls.held")

    assert kinds() == ["calls.opened", "calls.noted", "calls.held"]


@pytest.mark.django_db(transaction=True)
def test_the_events_of_a_step_that_is_taken_back_are_not_written():
    with transaction.atomic(), events.gathered():
        events.record("calls.opened", direction="incoming")
        with pytest.raises(RuntimeError), transaction.atomic():
            events.record("calls.held")
            raise RuntimeError
        events.record("calls.noted")

    assert kinds() == ["calls.opened", "calls.noted"]


@pytest.mark.django_db(transaction=True)
def test_a_failure_of_the_whole_writes_nothing():
    with pytest.raises(RuntimeError), transaction.atomic(), events.gathered():
        events.record("calls.opened", direction="incoming")
        raise RuntimeError

    assert kinds() == []


@pytest.mark.django_db
def test_two_gatherings_in_one_transaction_write_each_event_once():
    for kind in ("calls.held", "calls.resumed"):
        with events.gathered():
            events.record(kind)
    events.record("calls.noted")

    assert kinds() == ["calls.held", "calls.resumed", "calls.noted"]


@pytest.mark.django_db
def test_an_event_with_a_key_is_written_at_once_and_once():
    with events.gathered():
        first = events.record("calls.noted", key="the-same")
        second = events.record("calls.noted", key="the-same")

        assert first.pk is not None
        assert second is None

    assert kinds() == ["calls.noted"]
