from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.ivr.models import Prompt

_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg"}


@require_safe
def audio(request: HttpRequest, public_id: UUID, digest: str, extension: str) -> FileResponse:
    """The sound of a prompt, for the carrier. The digest in the address makes a copy good for ever.

    A call that began before the sound was replaced gets the new one rather than silence.
    """
    prompt = get_object_or_404(Prompt, public_id=public_id)
    if not prompt.audio or not prompt.audio.storage.exists(prompt.audio.name):
        raise Http404
    kind = _TYPES[prompt.audio.name.rpartition(".")[2]]
    current = digest == prompt.audio_digest
    return FileResponse(
        prompt.audio.open("rb"),
        content_type=kind,
        headers={"Cache-Control": "public, max-age=604800, immutable" if current else "no-store"},
    )
