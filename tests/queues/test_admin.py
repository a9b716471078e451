"""Queues and operators in the admin, as a manager sets them up."""

import pytest
from django.urls import reverse

from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.queues.models import Membership, Queue
from tests import factories
from tests.queues.conftest import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db, client):
    client.force_login(factories.UserFactory(role="administrator", is_staff=True))
    return client


def inline(prefix: str, rows: list[dict], *, existing: int = 0) -> dict:
    """The fields of an inline's formset."""
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": existing}
    for index, row in enumerate(rows):
        data |= {f"{prefix}-{index}-{name}": value for name, value in row.items()}
    return data


def settings_of(queue: Queue, **changes) -> dict:
    """The change form as the browser would send it back."""
    skipped = {"id", "public_id", "client", "destination", "music_seconds", "music_digest", "music", "dispositions"}
    values = {field.name: field.value_from_object(queue) for field in Queue._meta.concrete_fields}
    data = {
        name: value
        for name, value in values.items()
        if name not in skipped and value is not None and value is not False
    }
    for prefix in ("memberships", "requirements", "relaxations", "choices"):
        data |= inline(prefix, [])
    return data | changes


def test_a_queue_is_made_from_a_kind_of_work(manager):
    company = factories.ClientFactory()
    anna = factories.OperatorFactory(client=company)

    page = manager.post(
        reverse("admin:queues_queue_add"),
        {
            "client": company.pk, "name": "Sales", "preset": "sales", "operators": [anna.pk],
        },
        follow=True,
    )  # fmt: skip

    queue = Queue.objects.get()
    assert (queue.strategy, queue.ring_seconds, queue.max_wait_seconds) == ("round_robin", 15, 180)
    assert queue.destination.label == "Sales"
    assert list(queue.members.all()) == [anna]
    assert "no overflow" in page.content.decode()


def test_a_queue_without_members_is_kept_with_a_warning(manager):
    company = factories.ClientFactory()

    page = manager.post(
        reverse("admin:queues_queue_add"),
        {"client": company.pk, "name": "Support", "preset": "service"},
        follow=True,
    )

    assert Queue.objects.count() == 1
    assert "nobody would ever answer" in page.content.decode()


def test_a_loop_is_refused_on_the_form_and_nothing_is_saved(manager):
    queue = factories.QueueFactory()

    page = manager.post(
        reverse("admin:queues_queue_change", args=[queue.pk]),
        settings_of(queue, overflow=queue.destination.pk, ring_seconds=7),
    )

    assert page.status_code == 200
    assert "Calls would run in a circle" in page.content.decode()
    assert (now(queue).overflow, now(queue).ring_seconds) == (None, queue.ring_seconds)


def test_calls_that_are_passed_on_need_somewhere_to_go(manager):
    queue = factories.QueueFactory()

    page = manager.post(
        reverse("admin:queues_queue_change", args=[queue.pk]), settings_of(queue, when_unstaffed="overflow")
    )

    assert "Choose where calls go" in page.content.decode()
    assert now(queue).when_unstaffed == "wait"


def test_an_operator_of_another_client_cannot_be_added(manager):
    queue = factories.QueueFactory()
    stranger = factories.OperatorFactory()

    page = manager.post(
        reverse("admin:queues_queue_change", args=[queue.pk]),
        settings_of(
            queue,
            **inline(
                "memberships", [{"operator": stranger.pk, "tier": 1, "weight": 10, "position": 0, "active": "on"}]
            ),
        ),
    )

    assert "works for another client" in page.content.decode()
    assert not Membership.objects.exists()


def test_switching_queues_off_reaches_their_destinations(manager):
    queue = factories.QueueFactory()

    page = manager.post(
        reverse("admin:queues_queue_changelist"),
        {"action": "switch_off", "_selected_action": [queue.pk]},
        follow=True,
    )

    assert "1 queue switched off" in page.content.decode()
    assert not now(queue).active
    assert not now(queue.destination).active


def test_a_queue_with_a_past_is_not_deleted(manager, desk):
    desk.waits()

    manager.post(reverse("admin:queues_queue_delete", args=[desk.queue.pk]), {"post": "yes"})

    assert Queue.objects.filter(pk=desk.queue.pk).exists()


def test_every_page_opens_with_the_figures(manager, desk):
    desk.operator()
    entry = desk.talking()
    desk.waits()
    desk.operator()
    offer = desk.offer()

    pages = [
        reverse("admin:queues_queue_changelist"), reverse("admin:queues_queue_add"),
        reverse("admin:queues_queue_change", args=[desk.queue.pk]), reverse("admin:queues_queueentry_changelist"),
        reverse("admin:queues_queueentry_change", args=[entry.pk]), reverse("admin:queues_offer_changelist"),
        reverse("admin:queues_offer_change", args=[offer.pk]), reverse("admin:operators_operator_changelist"),
        reverse("admin:operators_operator_add"), reverse("admin:operators_engagement_changelist"),
        reverse("admin:operators_operator_change", args=[offer.operator_id]),
        reverse("admin:operators_team_changelist"),
        reverse("admin:operators_breakreason_changelist"), reverse("admin:operators_skill_changelist"),
        reverse("admin:calls_call_change", args=[entry.call_id]),
    ]  # fmt: skip
    for page in pages:
        assert manager.get(page).status_code == 200, page


def test_the_list_of_queues_costs_the_same_however_long_it_is(manager, django_assert_max_num_queries):
    company = factories.ClientFactory()
    for _ in range(12):
        factories.MembershipFactory(queue=factories.QueueFactory(client=company))

    with django_assert_max_num_queries(40):
        manager.get(reverse("admin:queues_queue_changelist"))


def test_a_supervisor_signs_a_forgotten_operator_out(client):
    anna = factories.OperatorFactory(presence="available")
    client.force_login(factories.UserFactory(role="supervisor", is_staff=True, clients=[anna.team.client]))

    page = client.post(
        reverse("admin:operators_operator_changelist"),
        {"action": "sign_out", "_selected_action": [anna.pk]},
        follow=True,
    )

    assert "1 of 1 changed to offline" in page.content.decode()
    assert now(anna).presence == "offline"


def test_wrap_ups_are_finished_from_the_list(manager):
    anna, ben = factories.OperatorFactory.create_batch(2, presence="available")
    operators.wrap_up(anna, 600, None)
    operators.engage(ben, Engagement.Purpose.OFFER)

    manager.post(
        reverse("admin:operators_operator_changelist"),
        {"action": "finish_wrap_up", "_selected_action": [anna.pk, ben.pk]},
    )

    assert not anna.engagements.open().exists()
    assert ben.engagements.open().exists()


def test_making_an_operator_gives_the_role_and_the_queues(manager):
    user, queue = factories.UserFactory(), factories.QueueFactory()
    team = factories.TeamFactory(client=queue.client)

    page = manager.post(
        reverse("admin:operators_operator_add"),
        {
            "user": user.pk, "team": team.pk, "extension": "21",
            **inline("memberships", [{"queue": queue.pk, "active": "on"}]), **inline("operator_skills", []),
        },
        follow=True,
    )  # fmt: skip

    operator = Operator.objects.get()
    assert page.status_code == 200
    assert list(queue.members.all()) == [operator]
    assert user.groups.get().name == "operator"
    assert queue.client in user.clients.all()


def test_another_clients_queues_are_not_shown(client):
    queue = factories.QueueFactory(name="Secret line")
    client.force_login(factories.UserFactory(role="supervisor", is_staff=True, clients=[factories.ClientFactory()]))

    assert "Secret line" not in client.get(reverse("admin:queues_queue_changelist")).content.decode()
    assert client.get(reverse("admin:queues_queue_change", args=[queue.pk])).status_code == 302
