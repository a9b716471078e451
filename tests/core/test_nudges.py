"""Work that follows a commit: for one, and for many at once."""

import pytest
from django.db import transaction

from apps.calls import services as calls
from apps.calls.models import Leg
from apps.core.nudges import ONE_BY_ONE, nudge_each
from tests import factories
from tests.support.tasks import drain, drain_only

DIAL = "apps.calls.tasks.dial"


@pytest.fixture
def legs(transactional_db):
    """Lines that are to be dialled, of calls that are over: the task only marks them."""
    drain_only("")
    call = factories.CallFactory(status="over", outcome="answered", ended_at=factories.CallFactory.build().started_at)
    return [factories.LegFactory(call=call, role="operator", status="queued", sid=None) for _number in range(6)]


@pytest.mark.parametrize("count", [1, ONE_BY_ONE, ONE_BY_ONE + 1])
def test_the_task_runs_once_for_each(legs, count):
    with transaction.atomic():
        nudge_each(DIAL, [leg.pk for leg in legs[:count]])

    drain()

    assert Leg.objects.filter(dialed_at__isnull=False).count() == count


def test_many_are_one_message_until_a_worker_shares_them_out(legs):
    with transaction.atomic():
        nudge_each(DIAL, [leg.pk for leg in legs])

    assert drain_only("apps.core.tasks.share_out") == 1


def test_nothing_is_sent_without_a_commit(legs):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        nudge_each(DIAL, [leg.pk for leg in legs])
        raise ZeroDivisionError

    assert drain() == 0


def test_nobody_is_nobody(legs):
    nudge_each(DIAL, [])

    assert drain() == 0
    assert calls.add_legs([]) == []
