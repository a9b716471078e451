"""Checks of the settings, each with a hint that says what to do. `manage.py` and the web process run them."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

ENVIRONMENTS = ("development", "production", "test")
CARRIERS = ("sandbox", "twilio")
_TWILIO_NEEDS = (
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_API_KEY",
    "TWILIO_API_SECRET",
    "TWILIO_TWIML_APP_SID",
)
_TWILIO_PREFIXES = {"TWILIO_ACCOUNT_SID": "AC", "TWILIO_API_KEY": "SK", "TWILIO_TWIML_APP_SID": "AP"}
SHORTEST_SECRET_KEY = 50


@register(Tags.compatibility)
def check_environment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Names that only a typing error can give."""
    found: list[CheckMessage] = []
    if settings.CALLCENTER_ENV not in ENVIRONMENTS:
        found.append(
            Error(
                f"CALLCENTER_ENV is {settings.CALLCENTER_ENV!r}.",
                hint="Set it to development, production or test.",
                id="callcenter.E001",
            )
        )
    if settings.CARRIER not in CARRIERS:
        found.append(
            Error(f"CARRIER is {settings.CARRIER!r}.", hint="Set it to sandbox or twilio.", id="callcenter.E002")
        )
    for network in settings.LOOKUP_NETWORKS:
        try:
            ip_network(network)
        except ValueError:
            found.append(
                Error(
                    f"LOOKUP_NETWORKS names {network!r}, which is no network.",
                    hint="Write it as 10.20.0.0/16, several with commas.",
                    id="callcenter.E017",
                )
            )
    return found


@register(Tags.security)
def check_carrier(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A carrier that is half configured answers some calls and loses others: none is better."""
    if settings.CARRIER != "twilio":
        return []
    found: list[CheckMessage] = []
    missing = [name for name in _TWILIO_NEEDS if not getattr(settings, name)]
    if missing:
        found.append(
            Error(
                f"The carrier is Twilio, but {', '.join(missing)} is not set.",
                hint="Copy the values from the Twilio console into .env (.env.example says where each is found).",
                id="callcenter.E003",
            )
        )
    for name, prefix in _TWILIO_PREFIXES.items():
        value = getattr(settings, name)
        if value and not (value.startswith(prefix) and len(value) == 34):
            found.append(
                Error(
                    f"{name} does not look like a Twilio identifier.",
                    hint=f"It begins with {prefix} and has 34 characters.",
                    id="callcenter.E004",
                )
            )
    public = urlsplit(settings.PUBLIC_BASE_URL)
    if public.scheme != "https" or not public.hostname:
        found.append(
            Error(
                "PUBLIC_BASE_URL is not an https address, so Twilio cannot reach this server safely.",
                hint="Set it to the address under which the internet reaches this server, such as "
                "https://calls.example.com (a tunnel's address will do for a trial).",
                id="callcenter.E005",
            )
        )
    return found


@register(Tags.security)
def check_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What must not happen in production."""
    return list(_production_problems()) if settings.PRODUCTION else []


def _production_problems() -> Iterator[CheckMessage]:
    key = settings.SECRET_KEY
    if len(key) < SHORTEST_SECRET_KEY or len(set(key)) < 10 or key.startswith("django-insecure-"):
        yield Error(
            "SECRET_KEY is missing, short or a default.",
            hint="Set it to 50 or more random characters: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'",
            id="callcenter.E010",
        )
    if settings.DEBUG:
        yield Error(
            "DEBUG is on, which shows settings and calls to anybody who provokes an error.",
            hint="Remove DEBUG from the environment.",
            id="callcenter.E011",
        )
    if not settings.ALLOWED_HOSTS or any(host.startswith(("*", ".")) for host in settings.ALLOWED_HOSTS):
        yield Error(
            "ALLOWED_HOSTS is empty or has a wildcard.",
            hint="Name each host under which people reach the site, such as calls.example.com.",
            id="callcenter.E012",
        )
    if settings.CARRIER == "sandbox":
        yield Error(
            "The carrier is the sandbox, which reaches no real telephone.",
            hint="Set the TWILIO_... values, or run the demo with CALLCENTER_ENV=development.",
            id="callcenter.E013",
        )
    if settings.CARRIER_BASE_URL:
        yield Error(
            "CARRIER_BASE_URL sends the carrier's secrets to another address than Twilio's.",
            hint="Remove it: it is for the sandbox.",
            id="callcenter.E014",
        )
    for name, url in (("DATABASE_URL", settings.DATABASE_URL), ("REDIS_URL", settings.REDIS_URL)):
        if urlsplit(url).port == 1:
            yield Error(
                f"{name} is not set.",
                hint="Give the address of the server; docker-compose.yml shows one.",
                id="callcenter.E015",
            )
    if not settings.METRICS_TOKEN:
        yield Warning(
            "METRICS_TOKEN is not set, so /metrics answers this machine only.",
            hint="Set it, and have Prometheus send it as a bearer token.",
            id="callcenter.W016",
        )


def refuse_unsafe_start() -> None:
    """Raise ImproperlyConfigured with every problem and hint: uvicorn, unlike manage.py, runs no checks by itself."""
    problems = [*check_environment(None), *check_carrier(None), *check_production(None)]
    errors = [problem for problem in problems if isinstance(problem, Error)]
    if errors:
        raise ImproperlyConfigured("\n".join(f"{error.msg} {error.hint}" for error in errors))


# The least that each setting of the dialer can be, and what a smaller one would do.
_DIALER = {
    "GLOBAL_MAX_CALLS": (1, "nobody could be called at all"),
    "MAX_CONCURRENT_CALL_WAIT": (100, "the dialer would ask again without a break"),
    "SUBSEQUENT_CALL_WAIT": (0, "no pause is shorter than none"),
    "BOT_WARMUP_TIMEOUT": (100, "no bot could answer in time"),
    "BOT_WARMUP_RETRIES": (1, "no bot would ever be asked"),
    "CALL_TIMEOUT_MINUTES": (1, "every call would be ended at once"),
    "CLEANUP_INTERVAL": (1000, "the sweeper would run without a break"),
    "HEARTBEAT_INTERVAL": (1000, "the database would do nothing but write heartbeats"),
    "ORPHAN_DETECTION_THRESHOLD": (1000, "every campaign would look abandoned"),
    "DIALER_LEASE_SECONDS": (1, "no dialer could keep its campaign"),
}


@register(Tags.compatibility)
def check_dialer(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Limits and times with which campaigns would stand still or never rest."""
    found: list[CheckMessage] = [
        Error(
            f"{name} is {getattr(settings, name)}: {words}.",
            hint=f"Set it to {least} or more, or leave it out.",
            id="callcenter.E018",
        )
        for name, (least, words) in _DIALER.items()
        if getattr(settings, name) < least
    ]
    if settings.ORPHAN_DETECTION_THRESHOLD <= settings.HEARTBEAT_INTERVAL:
        found.append(
            Error(
                "ORPHAN_DETECTION_THRESHOLD is not longer than HEARTBEAT_INTERVAL, so every campaign looks abandoned.",
                hint="Keep it several times as long.",
                id="callcenter.E019",
            )
        )
    return found
