"""The first page of the admin: how the phones are right now, what needs attention, what is still to be set up."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from apps.calls.models import Call
from apps.carrier.models import PhoneNumber
from apps.core.models import User
from apps.live import snapshot
from apps.live.scope import Scope
from apps.notify.models import Notice
from apps.operators.models import Operator
from apps.queues.models import Membership, Queue

MOST_NOTICES = 5
# What the board calls an operator's state -> the word of the card's second line.
WORDS = {
    "ready": "ready",
    "ringing": "ringing",
    "dialling": "calling",
    "talking": "talking",
    "held": "holding",
    "wrap_up": "in wrap-up",
    "on_break": "on a break",
}


@dataclass(frozen=True)
class Card:
    """One figure, with the words that make sense of it and the page that shows more."""

    name: str
    figure: str
    words: str
    link: str
    alert: bool = False


@dataclass(frozen=True)
class Step:
    """Something that a new call center still lacks before it can take a call."""

    words: str
    link: str


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the dashboard to the context of the admin's index, for those who may watch the board."""
    user = request.user
    if isinstance(user, User) and user.has_perm("queues.watch_board"):
        picture = snapshot.board(Scope.of(user))
        context |= {
            "cards": _cards(picture),
            "queues": picture["queues"],
            "notices": list(Notice.objects.open().visible_to(user)[:MOST_NOTICES]),
            "steps": _steps(user),
        }
    return context | {"title": "Today"}


def _cards(picture: dict[str, list[dict[str, Any]]]) -> list[Card]:
    queues, calls = picture["queues"], picture["calls"]
    doing = Counter(row["status"] for row in picture["operators"])
    here = sum(count for status, count in doing.items() if status != "offline")
    waiting, answered = sum(row["waiting"] for row in queues), sum(row["answered"] for row in queues)
    offered, abandoned = sum(row["offered"] for row in queues), sum(row["abandoned"] for row in queues)
    talking = sum(row["status"] in ("talking", "held") for row in calls)
    states = ", ".join(f"{doing[status]} {words}" for status, words in WORDS.items() if doing[status])
    ready = doing["ready"]
    return [
        Card("Calls in progress", str(len(calls)), f"{talking} talking", "/board/"),
        Card(
            "Callers waiting",
            str(waiting),
            "nobody is ready to answer" if waiting and not ready else f"{ready} ready to answer",
            "/board/",
            alert=bool(waiting and not ready),
        ),
        Card("Operators here", str(here), states or "nobody is signed in", _page(Operator)),
        Card("Answered today", str(answered), f"of {offered} who called a queue", _page(Call)),
        Card("Gave up today", str(abandoned), "before anybody answered", _page(Call)),
    ]


def _page(model: type[Model]) -> str:
    """The admin's list of these rows; "" when they have none."""
    if not admin.site.is_registered(model):
        return ""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _steps(user: User) -> list[Step]:
    """The way from an empty house to the first call; empty once a call can reach somebody."""
    steps: list[tuple[QuerySet[Any], str, type[Model]]] = [
        (Operator.objects.visible_to(user), "Add an operator: somebody who takes calls.", Operator),
        (Queue.objects.visible_to(user), "Make a queue: where callers wait for an operator.", Queue),
        (Membership.objects.visible_to(user), "Let an operator serve a queue.", Queue),
        (PhoneNumber.objects.visible_to(user), "Register a phone number and say where its calls go.", PhoneNumber),
    ]
    return [Step(words, _page(model)) for rows, words, model in steps if not rows.exists()]
