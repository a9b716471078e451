"""Logs: one line per event, JSON in production; numbers of people and secrets are masked in every one."""

import re
from typing import Any

import structlog

# An E.164 number; the country's first digits stay so that a log can still be read.
_NUMBER = re.compile(r"(?<![\w.:-])(\+?[1-9]\d{2})\d{4,9}(\d{2})(?![\w:-])|(\+[1-9]\d{1,2})\d{4,10}(\d{2})(?!\d)")
# Bearer keys, JSON web tokens, passwords in URLs.
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_JWT = re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*")
_URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+@")
# The signed part of the addresses that we give the carrier.
_CALLBACK = re.compile(r"(/carrier/[\w-]+/)[\w.:-]{8,}")
_SECRET_NAME = re.compile(r"(?i)(token|secret|password|authorization|api_?key|cookie|digits|transcript|speech)")


def mask(text: str) -> str:
    """The text with phone numbers shortened (+141*****71) and tokens taken out."""
    text = _BEARER.sub(r"\1 ***", text)
    text = _JWT.sub("***", text)
    text = _URL_PASSWORD.sub(r"\1:***@", text)
    text = _CALLBACK.sub(r"\1***", text)
    return _NUMBER.sub(_shorten, text)


def _shorten(found: re.Match[str]) -> str:
    head, tail = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"{head}*****{tail}"


def masked(value: Any, name: str = "") -> Any:
    """The value with everything in it masked; whole when `name` sounds like a secret's."""
    if name and _SECRET_NAME.search(name):
        return "***"
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: masked(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return value


def mask_event(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor: nothing leaves unmasked."""
    return {
        name: value if name.startswith("_") or name == "timestamp" else masked(value, name)
        for name, value in event.items()
    }


def configure(*, json_lines: bool, level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING, so that both kinds of logger write the same lines to stderr."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    # The exception becomes text before the mask, which then covers the traceback too.
                    structlog.processors.format_exc_info,
                    mask_event,
                    renderer,
                ],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # The request log of django-structlog says the same, with the request's id.
            "django.server": {"handlers": [], "propagate": False},
            "uvicorn.access": {"handlers": [], "propagate": False},
            "uvicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
            # Sweepers run every second: only tasks that fail or are refused are worth a line.
            "django_structlog.celery": {"level": "WARNING"},
            # Refusals (403, 404) stand in the request log already.
            "django.request": {"level": "ERROR"},
            "celery.beat": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "axes": {"level": "WARNING"},
        },
    }
