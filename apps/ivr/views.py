from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from apps.ivr import builder
from apps.ivr.models import Flow, Prompt

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


@require_safe
@login_required
@ensure_csrf_cookie
def draw(request: HttpRequest, flow: UUID) -> HttpResponse:
    """The page on which a flow is drawn, tried and published; who may not change it looks at it."""
    if not request.user.has_perm("ivr.view_flow"):
        raise PermissionDenied
    drawn = get_object_or_404(Flow.objects.visible_to(request.user).select_related("client", "version"), public_id=flow)
    return render(request, "ivr/builder.html", {"flow": drawn, "data": builder.page_data(drawn, request.user)})
