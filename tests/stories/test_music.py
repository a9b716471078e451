"""The music and the words that a waiting caller hears."""

import requests

from apps.carrier import callbacks
from apps.queues import setup
from tests.stories.conftest import DIRECT_LINE


def wav(seconds: int) -> bytes:
    size = 8000 * seconds
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    form = b"".join(value.to_bytes(width, "little") for value, width in [(7, 2), (1, 2), (8000, 4), (8000, 4)])
    return head + form + (1).to_bytes(2, "little") + (8).to_bytes(2, "little") + b"data" + size.to_bytes(
        4, "little"
    ) + b"\xff" * size  # fmt: skip


def test_a_queue_plays_its_own_music_as_often_as_fits_between_two_announcements(world, company):
    company.queue.announce_every_seconds = 60
    company.queue.save()
    setup.set_music(company.queue, wav(12))

    caller = world.caller().dials(DIRECT_LINE)
    caller.hears("/carrier/queue-music/")

    played = [heard for heard in caller.phone["heard"] if "queue-music" in heard.get("url", "")]
    assert played[0]["loop"] == 5
    sound = requests.get(played[0]["url"], timeout=10)
    assert (sound.status_code, sound.headers["content-type"], sound.content) == (200, "audio/wav", wav(12))


def test_an_address_that_we_did_not_make_plays_nothing(world, company):
    setup.set_music(company.queue, wav(1))
    forged = callbacks.queue_music(company.queue.public_id, "x")[:-3] + "abc"

    assert requests.get(forged, timeout=10).status_code == 404


def test_the_expected_wait_is_told_in_rounded_words_or_not_at_all(world, company):
    company.anna.becomes_available()
    first = world.caller("+14155550120").dials(DIRECT_LINE)
    company.anna.answers()
    quiet = world.caller("+14155550121").dials(DIRECT_LINE)
    quiet.hears("You are next.")
    assert "We expect" not in quiet.heard, "nothing is known yet"
    quiet.hangs_up()
    world.advance(210, step=30)
    first.hangs_up()
    world.advance(3)

    caller = world.caller().dials(DIRECT_LINE)

    caller.hears("We expect to answer you in about 4 minutes.")
