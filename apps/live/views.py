"""The pages. They carry structure and addresses; what moves comes over the sockets."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.core.models import User
from apps.operators import services as operators


@dataclass(frozen=True)
class Room:
    """A page of the house, for the menu and the start page."""

    name: str
    url: str
    icon: str
    words: str


def rooms_of(user: User) -> list[Room]:
    """The pages that `user` may open, in the order of a day's work."""
    doors = [
        (operators.for_user(user) is not None, Room("Desk", reverse("desk"), "headset", "Take calls and make them.")),
        (
            user.has_perm("queues.watch_board"),
            Room("Board", reverse("board"), "board", "Queues, operators and calls as they are at this moment."),
        ),
        (
            user.is_staff,
            Room("Admin", reverse("admin:index"), "gear", "Numbers, menus, queues, people, records: all settings."),
        ),
        (user.is_staff, Room("API", reverse("api-docs"), "book", "Everything that the pages do, for programs.")),
    ]
    return [room for opens, room in doors if opens]


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The start page; who has one page only goes straight there."""
    rooms = rooms_of(request.user)
    return redirect(rooms[0].url) if len(rooms) == 1 else render(request, "home.html", {"rooms": rooms})


@require_safe
@login_required
def desk(request: HttpRequest) -> HttpResponse:
    operator = operators.for_user(request.user)
    if operator is None:
        return render(request, "no_desk.html", {"rooms": rooms_of(request.user)}, status=403)
    return render(request, "desk.html", {"rooms": rooms_of(request.user), "operator": operator})


@require_safe
@login_required
def devices(request: HttpRequest) -> HttpResponse:
    """Microphone, loudspeaker and ring tone of this browser, with a try of each."""
    return render(request, "devices.html", {"rooms": rooms_of(request.user)})


@require_safe
@login_required
@permission_required("queues.watch_board", raise_exception=True)
def board(request: HttpRequest) -> HttpResponse:
    user = request.user
    operator = operators.for_user(user)
    shown = {
        "rooms": rooms_of(user),
        "steers": user.has_perm("operators.supervise_operator"),
        "calls_back": user.has_perm("queues.change_callback"),
        "listens": user.has_perm("calls.monitor_call"),
        "joins": user.has_perm("calls.join_call"),
        "runs_campaigns": user.has_perm("campaigns.run_campaign"),
        "opens_campaigns": user.is_staff and user.has_perm("campaigns.view_campaign"),
        "me": str(operator.public_id) if operator else "",
    }
    return render(request, "board.html", shown)
