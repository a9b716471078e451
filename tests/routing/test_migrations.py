"""Rules from before there were groups keep what they asked."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, NOW = [("routing", "0001_initial")], [("routing", "0003_conditions_in_groups")]


@pytest.mark.django_db(transaction=True)
def test_conditions_of_old_rules_become_one_group():
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        old = MigrationExecutor(connection).loader.project_state(BEFORE).apps
        client = old.get_model("clients", "Client").objects.create(name="Old", slug="old")
        desk = old.get_model("destinations", "Destination").objects.create(client=client, kind="ending", label="Desk")
        rules, conditions = old.get_model("routing", "Rule"), old.get_model("routing", "Condition")
        asking = rules.objects.create(client=client, name="Asking", destination=desk)
        rules.objects.create(client=client, name="Always", destination=desk, position=1)
        conditions.objects.create(rule=asking, subject="caller_prefix", value="+1", negated=True)
        conditions.objects.create(rule=asking, subject="known_caller", value="yes")
    finally:
        MigrationExecutor(connection).migrate(NOW)

    from apps.destinations.models import Destination
    from apps.routing.models import Rule

    asking, always = Rule.objects.complete()
    assert [str(group) for group in asking.groups.all()] == [
        "the caller's number does not begin with +1 and the caller is known"
    ]
    assert (asking.match, always.group_views) == ("all", ())
    assert Destination.objects.filter(client=asking.client, kind="rules").count() == 1
