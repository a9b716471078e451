"""A prepared question gives what its queryset gives, for whatever values."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.core.models import Event, User
from apps.core.prepared import OneOf, Prepared
from apps.operators.models import Engagement, Operator
from tests import factories

pytestmark = pytest.mark.django_db


def test_rows_are_those_of_the_queryset_each_time():
    people = factories.OperatorFactory.create_batch(4)
    asked = Prepared(lambda keys: Operator.objects.filter(pk=OneOf(keys)).order_by("pk").values_list("pk", "presence"))

    for some in (people[:1], people[1:], [], people):
        keys = [one.pk for one in some]
        assert asked(keys=keys) == list(
            Operator.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "presence")
        )


def test_models_come_with_what_was_selected_along():
    one = factories.OperatorFactory()
    asked = Prepared(lambda keys: Operator.objects.select_related("user", "team__client").filter(pk=OneOf(keys)))
    asked(keys=[])

    (found,) = asked(keys=[one.pk])

    with CaptureQueriesContext(connection) as queries:
        assert (found, found.user, found.team.client) == (one, one.user, one.team.client)
    assert not queries


def test_moments_are_filled_in_wherever_they_stand():
    now = clock.now()
    busy = factories.OperatorFactory()
    Engagement.objects.create(operator=busy, purpose="offer", since=now - timedelta(seconds=10))
    asked = Prepared(
        lambda at: Operator.objects.filter(
            Exists(Engagement.objects.filter(operator=OuterRef("pk"), since__lt=at))
        ).values_list("pk", flat=True)
    )

    assert asked(at=now) == [busy.pk]
    assert asked(at=now - timedelta(seconds=20)) == []


def test_other_fixed_values_are_another_question():
    for name in ("ann", "ben", "cleo"):
        User.objects.create(username=name)
    asked = Prepared(lambda keys, most: User.objects.exclude(pk=OneOf(keys)).order_by("username")[:most])

    assert [one.username for one in asked(keys=[], most=2)] == ["ann", "ben"]
    assert [one.username for one in asked(keys=[], most=1)] == ["ann"]


def test_rows_are_locked_where_the_queryset_locks():
    one = factories.OperatorFactory()
    asked = Prepared(lambda keys: Operator.objects.select_for_update(skip_locked=True).filter(pk=OneOf(keys)))

    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        asked(keys=[one.pk])

    assert queries[-1]["sql"].endswith("SKIP LOCKED")


def test_a_value_that_is_changed_on_its_way_is_refused():
    asked = Prepared(lambda at: Event.objects.filter(at__lt=at - timedelta(seconds=5)))

    with pytest.raises(ValueError, match="not fixed"):
        asked(at=clock.now())


def test_a_value_that_is_left_out_is_refused():
    asked = Prepared(lambda at: Event.objects.filter(kind="x"))

    with pytest.raises(ValueError, match="Not every open place"):
        asked(at=clock.now())
