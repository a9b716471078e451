"""A few doors for the tests of `carrier.webhook`; each does what the test put into `acts`."""

from collections.abc import Callable
from typing import Any

from django.urls import path

from apps.carrier import callbacks
from apps.carrier.webhook import carrier_webhook

acts: dict[str, Callable[..., Any]] = {}
ran: list[Any] = []


def _act(kind: str, event, *args):
    ran.append(event)
    return acts[kind](event, *args) if kind in acts else None


@carrier_webhook("step")
def step(request, event, token):
    return _act("step", event, callbacks.read("step", token))


@carrier_webhook("voice")
def voice(request, event):
    return _act("voice", event)


@carrier_webhook("fallback")
def fallback(request, event):
    return _act("fallback", event)


@carrier_webhook("status")
def status(request, event, token):
    return _act("status", event, callbacks.read("status", token))


@carrier_webhook("wait", dedupe=False)
def wait(request, event, token):
    return _act("wait", event, callbacks.read("wait", token))


@carrier_webhook("conference")
def conference(request, event, token):
    return _act("conference", event, callbacks.read("conference", token))


urlpatterns = [
    path("carrier/step/<str:token>", step),
    path("carrier/voice", voice),
    path("carrier/fallback", fallback),
    path("carrier/status/<str:token>", status),
    path("carrier/wait/<str:token>", wait),
    path("carrier/conference/<str:token>", conference),
]
