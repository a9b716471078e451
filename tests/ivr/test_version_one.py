"""The migration that makes version 1 of the menus that are there."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.ivr import publishing, versions
from apps.ivr.models import Flow, Visit
from tests.factories import CallFactory, DestinationFactory, FlowFactory, MenuFactory, OptionFactory, PromptFactory

pytestmark = pytest.mark.django_db(transaction=True)
OLD_STEP = {"at": "2026-01-05T10:00:00Z", "menu": "First", "key": "7", "cause": "wrong", "label": ""}


@pytest.fixture
def flow():
    flow = FlowFactory(active=True, name="Main menu")
    flow.greeting = PromptFactory(client=flow.client, text="Welcome.")
    flow.save()
    reception = DestinationFactory(client=flow.client, label="Reception")
    menu = MenuFactory(flow=flow, name="First", otherwise=reception)
    OptionFactory(menu=menu, key="1", destination=DestinationFactory(client=flow.client, label="Yard"))
    OptionFactory(menu=menu, key="2", destination=None, next_menu=menu)
    return Flow.objects.get(pk=flow.pk)


def migrate(name: str = "") -> MigrationExecutor:
    """To `name`, or to the latest."""
    executor = MigrationExecutor(connection)
    executor.migrate([("ivr", name)] if name else executor.loader.graph.leaf_nodes("ivr"))
    return executor


def test_menus_that_take_calls_become_version_one_and_calls_in_them_go_on(flow):
    drawn = versions.document_of(flow)
    Visit.objects.create(flow=flow, call=CallFactory(client=flow.client), path=[OLD_STEP])
    try:
        executor = migrate("0002_versions")
        old = executor.loader.project_state([("ivr", "0002_versions")]).apps.get_model("ivr", "Visit")
        old.objects.update(menu_id=flow.start_id)
    finally:
        migrate()

    flow.refresh_from_db()
    visit = Visit.objects.get()
    assert (flow.version.number, flow.version.document) == (1, drawn)
    assert (visit.version, visit.node) == (flow.version, f"menu-{flow.start_id}")
    assert (visit.path[0]["name"], visit.path[0]["key"], "menu" in visit.path[0]) == ("First", "7", False)
    assert publishing.publish(flow) == flow.version  # nothing new since: the migration drew what the product draws
