"""A queue's page in the admin: sections, advice beside the field, rows that must fit, music."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.queues import setup
from apps.queues.models import Choice, OwnOperator, Queue, SkillRelaxation
from tests import factories
from tests.queues.conftest import now
from tests.queues.test_admin import inline, settings_of
from tests.support.sounds import mp3, wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db, client):
    client.force_login(factories.UserFactory(role="administrator", is_staff=True))
    return client


@pytest.fixture
def queue():
    client = factories.ClientFactory()
    overflow = factories.EndingFactory(destination__client=client).destination
    queue = setup.save(Queue(client=client, name="Support", overflow=overflow))
    return setup.set_members(queue, [factories.OperatorFactory(client=client, user__first_name="Anna")])


def address(queue: Queue) -> str:
    return reverse("admin:queues_queue_change", args=[queue.pk])


def form_of(queue: Queue, **changes) -> dict:
    """The page's form as it stands, with the one member."""
    row = queue.memberships.get()
    member = {"id": row.pk, "operator": row.operator_id, "tier": 1, "weight": 10, "position": 0, "active": "on"}
    return settings_of(queue) | inline("memberships", [member], existing=1) | changes


def test_the_page_has_its_sections_in_order_and_says_how_each_is_set(manager, queue):
    setup.save(queue, choices=[Choice(key="1")], relaxations=[SkillRelaxation(after_seconds=60, level=0)])

    body = manager.get(address(queue)).content.decode()

    order = [
        "Who is rung", "Required skills", "Tiers and preferred operator", "Order of callers",
        "When it is full or takes too long", "What callers may press", "Callbacks", "What callers hear",
        "After the call", "Rests and automatic break", "Hours and closing time", "How it is measured",
        "Alerts on the board",
    ]  # fmt: skip
    assert re.findall(r'class="queue-heading.*?<span>(.*?)</span>', body, re.DOTALL) == order
    for words in ("1: be called back", "priority 5, the same while they wait", "80 % within 20 s", "always open"):
        assert words in body
    assert "whose last call ended longest ago" in body


def test_a_preset_sets_choices_and_members_in_one_form(manager, queue):
    anna = queue.members.get()

    manager.post(
        reverse("admin:queues_queue_add"),
        {
            "client": queue.client.pk, "name": "Nights", "preset": "after_hours", "operators": [anna.pk],
            "overflow": queue.overflow.pk,
        },
    )  # fmt: skip

    nights = Queue.objects.get(name="Nights")
    assert (nights.strategy, nights.when_unstaffed, nights.overflow) == ("linear", "overflow", queue.overflow)
    assert [(choice.key, choice.action) for choice in nights.choices.all()] == [("1", "callback")]
    assert list(nights.members.all()) == [anna]


def test_skills_relaxations_and_choices_are_saved_from_the_page(manager, queue):
    spanish = factories.SkillFactory(client=queue.client, name="Spanish")
    factories.OperatorSkillFactory(operator=queue.members.get(), skill=spanish, level=9)

    reply = manager.post(
        address(queue),
        form_of(
            queue,
            **inline("requirements", [{"skill": spanish.pk, "level": 6}]),
            **inline("relaxations", [{"after_seconds": 20, "level": 4}, {"after_seconds": 60, "level": 0}]),
            **inline(
                "choices",
                [
                    {"key": "1", "action": "callback", "destination": queue.overflow.pk},
                    {"key": "2", "action": "go", "destination": queue.overflow.pk},
                ],
            ),
        ),
    )

    assert reply.status_code == 302
    assert [str(row) for row in queue.requirements.all()] == ["Support: Spanish 6"]
    assert [str(row) for row in queue.relaxations.all()] == ["after 20 s: level 4", "after 60 s: anybody"]
    assert [(row.key, row.destination) for row in queue.choices.all()] == [("1", None), ("2", queue.overflow)]


@pytest.mark.parametrize(
    ("prefix", "rows", "words"),
    [
        ("relaxations", [{"after_seconds": 20, "level": 3}, {"after_seconds": 40, "level": 5}], "The level must fall"),
        ("choices", [{"key": "1", "action": "callback"}, {"key": "1", "action": "callback"}], "Key 1 is there twice"),
        ("choices", [{"key": "2", "action": "go"}], "Choose where this key leads"),
        ("choices", [{"key": "#", "action": "callback"}], "One digit, 0 to 9"),
    ],
)
def test_rows_that_do_not_fit_are_refused_on_the_page_and_nothing_is_saved(manager, queue, prefix, rows, words):
    page = manager.post(address(queue), form_of(queue, ring_seconds=33, **inline(prefix, rows)))

    assert page.status_code == 200
    assert words in page.content.decode()
    assert not getattr(queue, prefix).exists()
    assert now(queue).ring_seconds != 33


def test_a_loop_by_a_key_is_refused_on_the_page_and_nothing_is_saved(manager, queue):
    sales = setup.save(Queue(client=queue.client, name="Sales", overflow=queue.destination))
    leads = inline("choices", [{"key": "2", "action": "go", "destination": sales.destination.pk}])

    page = manager.post(address(queue), form_of(queue, ring_seconds=33, **leads))

    assert "Calls would run in a circle: Support → Sales → Support" in page.content.decode()
    assert not queue.choices.exists()
    assert now(queue).ring_seconds != 33


def test_a_loop_is_put_right_by_changing_both_ends_at_once(manager, queue):
    """The choice that would close the circle goes in the same save as the overflow that closes it is chosen."""
    sales = setup.save(Queue(client=queue.client, name="Sales", overflow=queue.overflow))
    choice = Choice.objects.create(queue=sales, key="2", action="go", destination=queue.destination)
    sales_form = settings_of(sales, overflow=queue.overflow.pk)
    row = {"id": choice.pk, "key": "2", "action": "go", "destination": queue.destination.pk, "DELETE": "on"}

    manager.post(address(sales), sales_form | inline("choices", [row], existing=1))
    reply = manager.post(address(queue), form_of(queue, overflow=sales.destination.pk))

    assert reply.status_code == 302
    assert now(queue).overflow == sales.destination


def test_advice_stands_beside_its_field_and_its_section_is_open(manager, queue):
    spanish = factories.SkillFactory(client=queue.client, name="Spanish")
    Queue.objects.filter(pk=queue.pk).update(priority=10, ageing_seconds=5)
    queue.requirements.create(skill=spanish, level=5)

    body = manager.get(address(queue)).content.decode()

    ageing, skills = "The priority is 10 already", "Support asks for Spanish 5, but nobody has it at all"
    assert body.count(ageing) == body.count(skills) == 2, "once in the summary, once beside the field"
    beside = body.rindex(ageing)
    assert body.rindex("id_ageing_seconds", 0, beside) > body.rindex("id_priority", 0, beside)
    assert body.rindex("<details open>", 0, body.rindex(skills)) > body.rindex(
        "<details open>", 0, body.index("Who is rung")
    )


def test_advice_is_text_whatever_a_skill_is_called(manager, queue):
    queue.requirements.create(skill=factories.SkillFactory(client=queue.client, name="<b>Spanish"), level=5)

    body = manager.get(address(queue)).content.decode()

    assert "&lt;b&gt;Spanish 5" in body
    assert "<b>Spanish" not in body


def test_music_is_uploaded_played_and_removed(manager, queue):
    upload = SimpleUploadedFile("tune.txt", mp3(100), content_type="text/plain")
    manager.post(address(queue), form_of(queue, music=upload))
    assert (now(queue).music_seconds, now(queue).music.name.endswith(".mp3")) == (3, True)

    assert now(queue).music_path in manager.get(address(queue)).content.decode()
    sound = manager.get(now(queue).music_path)
    assert (sound.headers["Content-Type"], b"".join(sound.streaming_content)) == ("audio/mpeg", mp3(100))

    manager.post(address(queue), form_of(queue, **{"music-clear": "on"}))
    assert not now(queue).music


@pytest.mark.parametrize(
    ("sound", "words"),
    [(b"MZ not a sound", "neither a WAV nor an MP3"), (wav(1201), "longer than 20 minutes"),
     (b"RIFF" + bytes(10 * 1024 * 1024), "larger than 10 MB")],
)  # fmt: skip
def test_a_file_that_is_no_music_is_refused_beside_the_field(manager, queue, sound, words):
    page = manager.post(address(queue), form_of(queue, ring_seconds=33, music=SimpleUploadedFile("song.mp3", sound)))

    assert words in page.content.decode()
    assert not now(queue).music
    assert now(queue).ring_seconds != 33


def test_a_supervisor_sets_skills_and_a_reader_only_reads(client, queue):
    client.force_login(factories.UserFactory(role="supervisor", is_staff=True, clients=[queue.client]))
    assert 'name="relaxations-__prefix__-level"' in client.get(address(queue)).content.decode()

    client.force_login(factories.UserFactory(role="read-only", is_staff=True, clients=[queue.client]))
    body = client.get(address(queue)).content.decode()
    assert "Required skills" in body
    assert 'name="relaxations-__prefix__-level"' not in body


def test_a_person_gets_an_own_operator_on_their_page(manager, queue):
    person, anna = factories.PersonFactory(client=queue.client), queue.members.get()
    data = {"name": person.name, **inline("numbers", []), **inline("consents", [])}

    manager.post(
        reverse("admin:people_person_change", args=[person.pk]), data | inline("own_operator", [{"operator": anna.pk}])
    )
    assert OwnOperator.objects.get().operator == anna

    page = manager.post(
        reverse("admin:people_person_change", args=[factories.PersonFactory(client=queue.client).pk]),
        data | inline("own_operator", [{"operator": factories.OperatorFactory().pk}]),
    )
    assert "works for another client" in page.content.decode()
    assert OwnOperator.objects.count() == 1
