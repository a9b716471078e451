"""Sends a stored sound file to a browser, whole or the part it asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.core.files.base import File
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

CHUNK = 64 * 1024


def sound_response(request: HttpRequest, file: File, *, name: str, content_type: str = "audio/wav") -> HttpResponse:
    """`file` as an inline sound named `name`. One byte range is honoured (players seek by it), several are not."""
    size = file.size
    first, last, status = 0, size - 1, 200
    wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""))
    if wanted and any(wanted.groups()):
        first, last = _range(*wanted.groups(), size=size)
        if first > last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        status = 206
    response = StreamingHttpResponse(_read(file, first, last), status=status, content_type=content_type)
    for header, value in {
        "Content-Length": str(last - first + 1),
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'inline; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }.items():
        response.headers[header] = value
    if status == 206:
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _range(start: str, end: str, *, size: int) -> tuple[int, int]:
    if not start:
        return max(0, size - int(end)), size - 1
    return int(start), min(int(end), size - 1) if end else size - 1


def _read(file: File, first: int, last: int) -> Iterator[bytes]:
    with file.open("rb") as opened:
        opened.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := opened.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
