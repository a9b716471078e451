"""Twilio's errors, as JSON."""

from __future__ import annotations

from starlette.responses import JSONResponse

TEXTS = {
    20003: "Authenticate",
    20004: "Method not allowed",
    20007: "Page size is too large. It may be at most 1000.",
    20009: "The call is still in progress and cannot be deleted.",
    20404: "The requested resource was not found",
    20429: "Too many requests",
    20500: "Internal server error",
    20503: "Service unavailable",
    21201: "No 'To' number is specified",
    21205: "Url is not a valid URL",
    21210: "The source phone number is not yet verified for your account. It must be one of its numbers.",
    21212: "The 'From' number is not a valid phone number",
    21213: "'From' is required",
    21217: "The 'To' phone number is not a valid phone number",
    21220: "Call is not in-progress. Cannot redirect.",
    21421: "PhoneNumber is invalid",
}


class RestError(Exception):
    """An answer that says no: HTTP status, Twilio's code, a sentence."""

    def __init__(self, status: int, code: int, message: str = "") -> None:
        super().__init__(message)
        self.status, self.code = status, code
        self.message = message or TEXTS.get(code, "The request is not valid")

    def answer(self) -> JSONResponse:
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        body = {"code": self.code, "message": self.message, "more_info": more, "status": self.status}
        return JSONResponse(body, status_code=self.status)


def missing(what: str = "") -> RestError:
    return RestError(404, 20404, f"The requested resource {what} was not found".replace("  ", " "))


def refused(code: int, message: str = "") -> RestError:
    return RestError(400, code, message)
