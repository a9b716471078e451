"""Everything of a queue's setup through /api/v1/queues, checked by the same services as the admin's form."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from apps.queues import setup
from apps.queues.models import OwnOperator, Queue
from tests import factories
from tests.queues.conftest import now
from tests.support.sounds import mp3, wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> APIClient:
    client = APIClient()
    client.default_format = "json"
    client.force_authenticate(factories.UserFactory(role="administrator"))
    return client


@pytest.fixture
def queue():
    return setup.save(Queue(client=factories.ClientFactory(), name="Support"))


def address(queue: Queue, more: str = "") -> str:
    return f"/api/v1/queues/{queue.public_id}/{more}"


def test_a_demanding_queue_is_made_in_one_request(api):
    company = factories.ClientFactory()
    anna, spanish = factories.OperatorFactory(client=company), factories.SkillFactory(client=company, name="Spanish")
    ending = factories.EndingFactory(destination__client=company).destination
    office = factories.ScheduleFactory(client=company, always=True)

    reply = api.post(
        "/api/v1/queues/",
        {
            "client": str(company.public_id), "name": "Support", "strategy": "weighted", "priority": 8,
            "ageing_seconds": 120, "tier_wait_seconds": 15, "prefer": "own", "prefer_wait_seconds": 10,
            "break_after_misses": 2, "at_closing": "pass_on", "callback_first": "customer", "callback_tries": 2,
            "callback_schedule": str(office.public_id), "announce_expected_wait": False, "service_level_percent": 90,
            "memberships": [{"operator": str(anna.public_id), "tier": 2, "weight": 30, "position": 1}],
            "requirements": [{"skill": str(spanish.public_id), "level": 6}],
            "relaxations": [{"after_seconds": 20, "level": 4}, {"after_seconds": 60, "level": 0}],
            "choices": [{"key": "1"}, {"key": "2", "action": "go", "destination": str(ending.public_id)}],
        },
    )  # fmt: skip

    assert reply.status_code == 201, reply.json()
    made = reply.json()
    queue = Queue.objects.get()
    assert (queue.strategy, queue.priority, queue.prefer, queue.callback_schedule) == ("weighted", 8, "own", office)
    assert made["memberships"] == [
        {"operator": str(anna.public_id), "tier": 2, "weight": 30, "position": 1, "active": True}
    ]
    assert made["members"] == [str(anna.public_id)]
    assert made["requirements"] == [{"skill": str(spanish.public_id), "name": "Spanish", "level": 6}]
    assert made["relaxations"] == [{"after_seconds": 20, "level": 4}, {"after_seconds": 60, "level": 0}]
    assert made["choices"] == [
        {"key": "1", "action": "callback", "destination": None},
        {"key": "2", "action": "go", "destination": str(ending.public_id)},
    ]
    assert api.get("/api/v1/queues/").json()["results"] == [made]


def test_what_is_not_named_stays(api, queue):
    api.patch(address(queue), {"choices": [{"key": "1"}], "relaxations": [{"after_seconds": 20, "level": 4}]})

    reply = api.patch(address(queue), {"priority": 9})

    assert [row["key"] for row in reply.json()["choices"]] == ["1"]
    assert [row["level"] for row in reply.json()["relaxations"]] == [4]


@pytest.mark.parametrize(
    ("changes", "status", "field", "words"),
    [
        ({"relaxations": [{"after_seconds": 20, "level": 3}, {"after_seconds": 40, "level": 3}]}, 409, "relaxations",
         "The level must fall"),
        ({"choices": [{"key": "1"}, {"key": "1"}]}, 409, "choices", "Key 1 is there twice"),
        ({"choices": [{"key": "1", "action": "go"}]}, 409, "choices", "leads nowhere"),
        ({"choices": [{"key": "12"}]}, 400, "choices", ""),
        ({"priority": 11}, 400, "priority", ""),
        ({"strategy": "by mood"}, 400, "strategy", ""),
        ({"callback_tries": 0}, 400, "callback_tries", ""),
        ({"relaxations": [{"after_seconds": 20, "level": 10}]}, 400, "relaxations", ""),
        ({"requirements": [{"skill": "01890000-0000-7000-8000-000000000000"}]}, 400, "requirements", ""),
        ({"members": [], "memberships": []}, 400, "members", ""),
    ],
)  # fmt: skip
def test_bad_settings_are_refused_at_their_field_and_nothing_changes(api, queue, changes, status, field, words):
    reply = api.patch(address(queue), {"ring_seconds": 33, **changes})

    assert (reply.status_code, list(reply.json()["fields"])) == (status, [field])
    assert words in reply.json()["detail"]
    assert now(queue).ring_seconds == 20
    assert not queue.choices.exists() and not queue.relaxations.exists() and not queue.requirements.exists()


def test_the_warnings_name_the_setting(api, queue):
    rows = api.get(address(queue, "warnings/")).json()

    assert [row["field"] for row in rows] == ["memberships", "overflow"]
    assert "Support has no members" in rows[0]["sentence"]


def test_music_is_uploaded_heard_and_taken_away(api, queue):
    assert api.get(address(queue, "music/")).status_code == 404

    sent = api.put(address(queue, "music/"), {"music": SimpleUploadedFile("x.bin", wav(3))}, format="multipart")
    assert (sent.status_code, sent.json()["music_seconds"]) == (200, 3)
    heard = api.get(sent.json()["music_url"], HTTP_RANGE="bytes=0-3")
    assert (heard.status_code, heard.headers["Content-Type"], b"".join(heard.streaming_content)) == (
        206, "audio/wav", b"RIFF",
    )  # fmt: skip

    assert api.delete(address(queue, "music/")).json()["music_url"] == ""
    assert not now(queue).music


@pytest.mark.parametrize(("sound", "status"), [(b"no sound at all", 409), (mp3(2), 409), (wav(1201), 409), (b"", 400)])
def test_music_that_cannot_be_played_is_refused(api, queue, sound, status):
    reply = api.put(address(queue, "music/"), {"music": SimpleUploadedFile("x.mp3", sound)}, format="multipart")

    assert (reply.status_code, list(reply.json()["fields"])) == (status, ["music"])
    assert not now(queue).music


def test_the_list_of_queues_costs_the_same_however_long_it_is(api, django_assert_max_num_queries):
    for _ in range(6):
        queue = factories.QueueFactory(members=[])
        factories.MembershipFactory(queue=queue)
        queue.requirements.create(skill=factories.SkillFactory(client=queue.client))
        queue.choices.create(key="1")

    with django_assert_max_num_queries(14):
        assert api.get("/api/v1/queues/").json()["count"] == 6


def test_a_person_has_an_own_operator_through_the_api(api):
    person = factories.PersonFactory()
    anna = factories.OperatorFactory(client=person.client)
    path = f"/api/v1/people/{person.public_id}/"

    assert api.get(path).json()["own_operator"] is None
    assert api.patch(path, {"own_operator": str(anna.public_id)}).json()["own_operator"] == str(anna.public_id)
    assert api.patch(path, {"notes": "Likes mornings."}).json()["own_operator"] == str(anna.public_id)
    stranger = api.patch(path, {"own_operator": str(factories.OperatorFactory().public_id), "notes": "No."})
    assert (stranger.status_code, list(stranger.json()["fields"])) == (409, ["own_operator"])
    assert api.patch(path, {"own_operator": None}).json()["own_operator"] is None
    person.refresh_from_db()
    assert (person.notes, OwnOperator.objects.count()) == ("Likes mornings.", 0)
