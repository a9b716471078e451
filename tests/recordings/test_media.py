import io
import wave

import pytest
from django.core.files.base import ContentFile

from apps.core.models import Event
from tests import factories

pytestmark = pytest.mark.django_db


def sound(seconds: int = 1) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\0\1\1" * 8000 * seconds)
    return buffer.getvalue()


@pytest.fixture
def recording(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    recording = factories.RecordingFactory(status="stored")
    recording.file.save("sound.wav", ContentFile(sound()))
    return recording


def listen(client, recording, **headers):
    return client.get(f"/api/v1/recordings/{recording.public_id}/media", headers=headers)


def test_a_recording_plays_and_listening_is_kept(admin_client, recording):
    reply = listen(admin_client, recording)

    assert reply.status_code == 200
    assert b"".join(reply.streaming_content) == sound()
    assert Event.objects.filter(kind="recordings.played").count() == 1


@pytest.mark.parametrize(
    ("asked", "first", "last"), [("bytes=0-99", 0, 99), ("bytes=100-", 100, None), ("bytes=-50", -50, None)]
)
def test_a_player_may_ask_for_a_part(admin_client, recording, asked, first, last):
    reply = listen(admin_client, recording, Range=asked)

    assert reply.status_code == 206
    whole = sound()
    assert b"".join(reply.streaming_content) == whole[first : None if last is None else last + 1]


def test_a_part_beyond_the_end_is_refused(admin_client, recording):
    assert listen(admin_client, recording, Range="bytes=999999-").status_code == 416


def test_who_may_not_listen_gets_nothing(client, recording):
    client.force_login(factories.UserFactory(role="operator", clients=[recording.client]))

    assert listen(client, recording).status_code == 403
    assert not Event.objects.filter(kind="recordings.played").exists()


def test_another_clients_recording_does_not_exist(client, recording):
    client.force_login(factories.UserFactory(role="supervisor", clients=[factories.ClientFactory()]))

    assert listen(client, recording).status_code == 404
