"""A prepared question gives what its queryset gives, for whatever values."""

from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Exists, OuterRef
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.core.models import Event, User
from apps.core.prepared import OneOf, Prepared, PreparedUpdate, insert
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


def test_what_is_fixed_stands_in_the_statement_as_it_is():
    """An index of some rows only is of use then, and a percent sign is no place to fill in."""
    for name in ("50 % off", "it's", "100"):
        User.objects.create(username=name)
    asked = Prepared(
        lambda keys, name: User.objects.exclude(pk=OneOf(keys)).filter(username=name).values_list("username", flat=True)
    )

    with CaptureQueriesContext(connection) as queries:
        found = [asked(keys=[], name=name) for name in ("50 % off", "it's", "100")]

    assert found == [["50 % off"], ["it's"], ["100"]]
    assert "'50 % off'" in queries[0]["sql"]


def test_a_statement_is_planned_once_for_each_connection():
    asked = Prepared(lambda keys: Operator.objects.filter(pk=OneOf(keys)).order_by("pk").values_list("pk"))
    asked(keys=[])

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        (before,) = cursor.fetchone()
        for keys in ([1], [70_000, 2**40], list(range(200))):
            asked(keys=keys)
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (before,)


def test_values_are_converted_as_the_queryset_converts_them():
    operator = factories.OperatorFactory()
    operator.user.last_login = clock.now()
    operator.user.save()
    rows = Operator.objects.order_by("user__username").values_list("public_id", "user__last_login", "idle_since")
    asked = Prepared(lambda keys: rows.filter(pk=OneOf(keys)))

    assert asked(keys=[operator.pk]) == list(rows.filter(pk=operator.pk))


def test_columns_by_which_is_ordered_only_are_left_out():
    operator = factories.OperatorFactory()
    asked = Prepared(
        lambda keys: (
            Operator.objects.filter(pk=OneOf(keys)).order_by("user__username").values_list("presence").distinct()
        )
    )

    assert asked(keys=[operator.pk]) == [(operator.presence,)]


def test_a_change_is_made_where_it_is_due_and_says_how_often():
    now, (one, other) = clock.now(), factories.OperatorFactory.create_batch(2)
    change = PreparedUpdate(
        lambda keys, at: (Operator.objects.filter(pk=OneOf(keys)), {"idle_since": at, "help_note": "50 %"})
    )

    assert change(keys=[one.pk], at=now) == 1
    assert change(keys=[], at=now) == 0

    rows = Operator.objects.in_bulk()
    assert (rows[one.pk].idle_since, rows[one.pk].help_note) == (now, "50 %")
    assert rows[other.pk].help_note == ""


def test_new_rows_come_back_with_their_keys_and_hold_what_they_were_given():
    operators = factories.OperatorFactory.create_batch(3)
    now, ref = clock.now(), operators[0].public_id
    rows = insert([Engagement(operator=each, purpose="offer", since=now, call_ref=ref) for each in operators])
    events = insert([Event(kind="x", at=now, data={"words": 'a "quoted" {word}, \\ and ü', "n": [1, None]})])

    assert [Engagement.objects.get(pk=row.pk).operator for row in rows] == operators
    kept = Engagement.objects.get(pk=rows[0].pk)
    assert (kept.since, kept.call_ref, kept.due_at, kept.ended_at) == (now, ref, None, None)
    assert Event.objects.get(pk=events[0].pk).data == events[0].data
    assert insert([]) == []


def test_a_row_that_breaks_a_rule_of_the_tables_is_not_written():
    operator = factories.OperatorFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([Engagement(operator=operator, purpose="offer") for _twice in range(2)])
    with pytest.raises(DataError), transaction.atomic():
        insert([Engagement(operator=operator, purpose="longer than the column is")])
    with pytest.raises(TypeError, match="cannot be written"):
        insert([Event(kind="x", data={"bad": object()})])

    assert not Engagement.objects.exists()


def test_a_value_that_is_changed_on_its_way_is_refused():
    asked = Prepared(lambda at: Event.objects.filter(at__lt=at - timedelta(seconds=5)))

    with pytest.raises(ValueError, match="not fixed"):
        asked(at=clock.now())


def test_a_value_that_is_left_out_is_refused():
    asked = Prepared(lambda at: Event.objects.filter(kind="x"))

    with pytest.raises(ValueError, match="Not every open place"):
        asked(at=clock.now())
