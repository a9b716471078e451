"""What a queue cannot be set up as: refused with a sentence, and nothing changes."""

import pytest

from apps.core.refused import Refused
from apps.queues import setup
from apps.queues.models import Choice, Membership, OwnOperator, Queue, SkillRelaxation, SkillRequirement
from tests import factories
from tests.queues.conftest import now
from tests.support.sounds import mp3, wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue():
    return setup.save(Queue(client=factories.ClientFactory(), name="Support"))


def relax(*steps: tuple[int, int]) -> list[SkillRelaxation]:
    return [SkillRelaxation(after_seconds=after, level=level) for after, level in steps]


def ending(queue: Queue):
    return factories.EndingFactory(destination__client=queue.client).destination


def test_rows_that_are_given_replace_those_that_were_there(queue):
    spanish = factories.SkillFactory(client=queue.client, name="Spanish")
    setup.save(queue, requirements=[SkillRequirement(skill=spanish, level=4)], relaxations=relax((20, 3), (40, 0)))
    setup.save(queue, relaxations=relax((30, 2)), choices=[Choice(key="1")])

    assert [str(row) for row in queue.requirements.all()] == ["Support: Spanish 4"]
    assert [str(row) for row in queue.relaxations.all()] == ["after 30 s: level 2"]
    assert [row.key for row in queue.choices.all()] == ["1"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([(20, 3), (40, 4)], "After 40 s level 4 is asked, but after 20 s 3 is enough already"),
        ([(40, 3), (20, 3)], "After 40 s level 3"),
        ([(20, 4), (20, 3)], "two levels for 20 s"),
    ],
)
def test_relaxations_must_fall(queue, steps, words):
    setup.save(queue, relaxations=relax((10, 2)))
    queue.ring_seconds = 33

    with pytest.raises(Refused, match=words) as refusal:
        setup.save(queue, relaxations=relax(*steps))

    assert list(refusal.value.fields) == ["relaxations"]
    assert [row.after_seconds for row in queue.relaxations.all()] == [10]
    assert now(queue).ring_seconds != 33


def test_a_key_or_a_skill_is_there_once(queue):
    spanish = factories.SkillFactory(client=queue.client, name="Spanish")

    with pytest.raises(Refused, match="Key 1 is there twice"):
        setup.save(queue, choices=[Choice(key="1"), Choice(key="1", action="go", destination=ending(queue))])
    with pytest.raises(Refused, match="Spanish is there twice"):
        setup.save(queue, requirements=[SkillRequirement(skill=spanish), SkillRequirement(skill=spanish, level=9)])

    assert not queue.choices.exists() and not queue.requirements.exists()


def test_a_key_leads_somewhere_or_asks_for_a_callback_and_not_both(queue):
    with pytest.raises(Refused, match="Key 2 leads nowhere"):
        setup.save(queue, choices=[Choice(key="2", action="go")])
    with pytest.raises(Refused, match="Key 2 asks for a callback"):
        setup.save(queue, choices=[Choice(key="2", destination=ending(queue))])


@pytest.mark.parametrize("what", ["skill", "destination", "callback_schedule"])
def test_what_belongs_to_another_client_is_refused(queue, what):
    with pytest.raises(Refused, match="belongs to another client"):
        if what == "skill":
            setup.save(queue, requirements=[SkillRequirement(skill=factories.SkillFactory())])
        elif what == "destination":
            setup.save(queue, choices=[Choice(key="1", action="go", destination=factories.EndingFactory().destination)])
        else:
            queue.callback_schedule = factories.ScheduleFactory()
            setup.save(queue)


def test_a_key_that_comes_round_to_the_queue_is_refused_with_the_way(queue):
    sales = setup.save(Queue(client=queue.client, name="Sales", overflow=queue.destination))

    with pytest.raises(Refused, match="Support → Sales → Support") as refusal:
        setup.save(queue, choices=[Choice(key="2", action="go", destination=sales.destination)])

    assert refusal.value.fields == {"choices": ["Leads back."]}
    assert not queue.choices.exists()


def test_a_loop_of_overflows_names_the_overflow(queue):
    sales = setup.save(Queue(client=queue.client, name="Sales", overflow=queue.destination))
    queue.overflow = sales.destination

    with pytest.raises(Refused, match="Support → Sales → Support") as refusal:
        setup.save(queue)

    assert refusal.value.fields == {"overflow": ["Leads back."]}


def test_members_keep_their_tier_when_only_who_is_said(queue):
    anna, ben = (factories.OperatorFactory(client=queue.client) for _ in range(2))
    setup.set_memberships(queue, [Membership(operator=anna, tier=2, weight=30, position=4)])

    setup.set_members(queue, [anna, ben])

    rows = {row.operator: (row.tier, row.weight, row.position) for row in queue.memberships.all()}
    assert rows == {anna: (2, 30, 4), ben: (1, 10, 0)}


def test_nobody_is_a_member_twice(queue):
    anna = factories.OperatorFactory(client=queue.client)

    with pytest.raises(Refused, match="named twice"):
        setup.set_memberships(queue, [Membership(operator=anna), Membership(operator=anna, tier=2)])

    assert not queue.memberships.exists()


@pytest.mark.parametrize(("sound", "kind", "seconds"), [(wav(2.4), "wav", 2), (mp3(100), "mp3", 3)])
def test_music_is_kept_with_its_length_whatever_the_file_was_called(queue, sound, kind, seconds):
    setup.set_music(queue, sound)

    kept = now(queue)
    assert (kept.music.name.rpartition(".")[2], kept.music_seconds, len(kept.music_digest)) == (kind, seconds, 16)
    assert kept.music.read() == sound


def test_music_is_replaced_and_taken_away_with_its_file(queue, django_capture_on_commit_callbacks):
    setup.set_music(queue, wav(1))
    storage, first = queue.music.storage, queue.music.name

    with django_capture_on_commit_callbacks(execute=True):
        setup.set_music(queue, wav(2))
    assert not storage.exists(first)
    second = queue.music.name
    with django_capture_on_commit_callbacks(execute=True):
        setup.set_music(queue, b"")

    assert not storage.exists(second)
    assert (now(queue).music.name, now(queue).music_seconds, now(queue).music_path) == ("", 0, "")


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (b"<html>music.mp3</html>", "neither a WAV nor an MP3"),
        (wav(1201), "longer than 20 minutes"),
        (mp3(2), "damaged"),
    ],
)
def test_music_that_cannot_be_played_is_refused_and_the_old_one_stays(queue, sound, words):
    setup.set_music(queue, wav(5))

    with pytest.raises(Refused, match=words) as refusal:
        setup.set_music(now(queue), sound)

    assert list(refusal.value.fields) == ["music"]
    assert now(queue).music_seconds == 5


def test_a_person_has_one_own_operator_of_the_same_client():
    person = factories.PersonFactory()
    anna, ben = (factories.OperatorFactory(client=person.client) for _ in range(2))

    setup.set_own_operator(person, anna)
    setup.set_own_operator(person, ben)
    with pytest.raises(Refused, match="works for another client"):
        setup.set_own_operator(person, factories.OperatorFactory())
    assert OwnOperator.objects.get().operator == ben

    setup.set_own_operator(person, None)
    assert not OwnOperator.objects.exists()
