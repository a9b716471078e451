"""The pages for requests that go wrong: a sentence for people, JSON for programs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

_WORDS = {
    400: ("bad_request", "That did not arrive as it should", "Go back and try again."),
    403: ("permission_denied", "Not for your role", "Ask an administrator if you need this page."),
    404: ("not_found", "There is nothing here", "It may have been moved or deleted, or it belongs to another client."),
    500: (
        "error",
        "Something went wrong on our side",
        "It has been noted, and calls go on. Try again in a moment.",
    ),
}


def _reply(request: HttpRequest, status: int, words: tuple[str, str, str] | None = None) -> HttpResponse:
    code, title, advice = words or _WORDS[status]
    if request.path.startswith("/api/"):
        return JsonResponse({"code": code, "detail": f"{title}. {advice}", "fields": {}}, status=status)
    # No request in the context: its processors read the session and the user, which may be what failed.
    page = {"status": status, "title": title, "advice": advice}
    return render(None, "error.html", page, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _reply(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _reply(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _reply(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _reply(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is stale: Django's own page would speak of cookies and middleware."""
    return _reply(
        request, 403, ("stale_form", "This form has grown old", "Go back, reload the page, and send it again.")
    )
