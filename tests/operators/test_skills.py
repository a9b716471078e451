"""Skills: what operators can do, set from either side and through the API."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from apps.core.refused import Refused
from apps.operators import skills
from apps.operators.models import OperatorSkill, Skill
from apps.queues.models import SkillRequirement
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    return factories.OperatorFactory(user__first_name="Anna")


@pytest.fixture
def spanish(anna):
    return factories.SkillFactory(client=anna.team.client, name="Spanish")


@pytest.fixture
def api(anna) -> APIClient:
    client = APIClient()
    client.force_authenticate(factories.UserFactory(role="administrator"))
    return client


def levels() -> list[tuple[str, str, int]]:
    rows = OperatorSkill.objects.order_by("skill__name", "operator__user__first_name")
    return [(row.skill.name, str(row.operator), row.level) for row in rows]


def inline(prefix: str, rows: list[dict]) -> dict:
    data = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
    return data | {f"{prefix}-{n}-{name}": value for n, row in enumerate(rows) for name, value in row.items()}


def test_skills_are_exactly_those_given(anna, spanish):
    dispatch = factories.SkillFactory(client=anna.team.client, name="Dispatch")

    skills.set_skills(anna, [(spanish, 3), (dispatch, 9)])
    skills.set_skills(anna, [(spanish, 8)])

    assert levels() == [("Spanish", "Anna", 8)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda spanish: [(spanish, 3), (spanish, 5)], "named twice"),
        (lambda spanish: [(spanish, 11)], "from 1"),
        (lambda spanish: [(spanish, 0)], "from 1"),
        (lambda spanish: [(factories.SkillFactory(), 3)], "another client"),
    ],
)
def test_skills_that_cannot_be_are_refused_and_nothing_changes(anna, spanish, given, words):
    skills.set_skills(anna, [(spanish, 2)])

    with pytest.raises(Refused, match=words) as refusal:
        skills.set_skills(anna, given(spanish))

    assert list(refusal.value.fields) == ["skills"]
    assert levels() == [("Spanish", "Anna", 2)]


def test_a_skill_is_made_and_shown_with_who_has_it(api, anna, spanish):
    made = api.post("/api/v1/skills/", {"client": str(anna.team.client.public_id), "name": "Hazardous goods"})
    skills.set_skills(anna, [(Skill.objects.get(name="Hazardous goods"), 7)])

    shown = api.get(f"/api/v1/skills/{made.json()['id']}/").json()

    assert made.status_code == 201
    assert shown["operators"] == [{"operator": str(anna.public_id), "name": "Anna", "level": 7}]
    assert [row["name"] for row in api.get("/api/v1/skills/").json()["results"]] == ["Hazardous goods", "Spanish"]


def test_an_operator_gets_skills_through_the_api_and_keeps_them_when_they_are_not_named(api, anna, spanish):
    address = f"/api/v1/operators/{anna.public_id}/"

    reply = api.patch(address, {"skills": [{"skill": str(spanish.public_id), "level": 6}]}, format="json")
    api.patch(address, {"extension": "21"}, format="json")

    assert reply.json()["skills"] == [{"skill": str(spanish.public_id), "name": "Spanish", "level": 6}]
    assert levels() == [("Spanish", "Anna", 6)]


def test_a_refused_skill_leaves_the_operator_as_before(api, anna, spanish):
    row = {"skill": str(spanish.public_id), "level": 6}

    reply = api.patch(f"/api/v1/operators/{anna.public_id}/", {"extension": "77", "skills": [row, row]}, format="json")

    anna.refresh_from_db()
    assert (reply.status_code, anna.extension, levels()) == (409, "", [])
    assert "named twice" in reply.json()["detail"]


def test_a_skill_that_a_queue_asks_for_is_not_deleted(api, anna, spanish):
    queue = factories.QueueFactory(client=anna.team.client, name="Support")
    SkillRequirement.objects.create(queue=queue, skill=spanish)

    reply = api.delete(f"/api/v1/skills/{spanish.public_id}/")

    assert reply.status_code == 409
    assert "Support" in reply.json()["detail"]
    assert Skill.objects.filter(pk=spanish.pk).exists()


def test_the_skills_page_gives_a_skill_and_lists_who_has_it(client, anna, spanish):
    client.force_login(factories.UserFactory(role="administrator", is_staff=True))

    client.post(
        reverse("admin:operators_skill_change", args=[spanish.pk]),
        {"name": "Spanish", **inline("operator_skills", [{"operator": anna.pk, "level": 8}])},
    )

    assert levels() == [("Spanish", "Anna", 8)]
    assert "Anna (8)" in client.get(reverse("admin:operators_skill_changelist")).content.decode()


def test_the_skills_page_refuses_an_operator_of_another_client(client, spanish):
    client.force_login(factories.UserFactory(role="administrator", is_staff=True))
    stranger = factories.OperatorFactory()

    page = client.post(
        reverse("admin:operators_skill_change", args=[spanish.pk]),
        {"name": "Spanish", **inline("operator_skills", [{"operator": stranger.pk, "level": 8}])},
    )

    assert "does not work for" in page.content.decode()
    assert levels() == []
