import pytest

from apps.core import telephone_sound
from apps.ivr import services as ivr
from tests.factories import PromptFactory
from tests.support.sounds import mp3, wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def prompt():
    return ivr.save_prompt(PromptFactory(), audio=wav(1))


def test_the_carrier_fetches_a_sound_without_signing_in(client, prompt):
    response = client.get(prompt.audio_path)

    assert response.status_code == 200
    assert response["Content-Type"] == "audio/wav"
    assert "immutable" in response["Cache-Control"]
    assert b"".join(response.streaming_content) == telephone_sound.convert(wav(1))


def test_an_old_address_gives_the_new_sound_and_is_not_kept(client, prompt):
    old = prompt.audio_path
    ivr.save_prompt(prompt, audio=mp3(40))

    response = client.get(old)

    assert (response["Content-Type"], response["Cache-Control"]) == ("audio/wav", "no-store")


def test_a_prompt_without_sound_and_a_guess_are_not_found(client, prompt):
    silent = PromptFactory()

    assert client.get(f"/audio/{silent.public_id}/x.wav").status_code == 404
    assert client.get("/audio/0190f5a0-0000-7000-8000-000000000000/x.wav").status_code == 404


def test_a_lost_file_is_not_found(client, prompt):
    prompt.audio.storage.delete(prompt.audio.name)

    assert client.get(prompt.audio_path).status_code == 404


def test_nothing_can_be_posted_there(client, prompt):
    assert client.post(prompt.audio_path).status_code == 405
