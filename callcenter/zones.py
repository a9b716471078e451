"""By which clock the admin shows times and reads them: that of the clients whom the user sees, when they have one."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from apps.clients.models import Client
from apps.core.models import User


class ZoneMiddleware:
    """Only in the admin: the API and the live pages send moments, and the browser shows them by its own clock."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith("/admin/") or not isinstance(request.user, User):
            return self.get_response(request)
        with timezone.override(zone_of(request.user)):
            return self.get_response(request)


def zone_of(user: User) -> ZoneInfo | None:
    """The time zone of all active clients of `user`; None, for the house's TIME_ZONE, when they have several."""
    zones = Client.objects.active().visible_to(user).order_by().values_list("time_zone", flat=True).distinct()[:2]
    return zones[0] if len(zones) == 1 else None
