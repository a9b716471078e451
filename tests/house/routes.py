"""Every door of the site, found by walking its map: pages, API, admin with its actions, carrier hooks, sockets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from callcenter.composition import websocket_urlpatterns

_GROUP = re.compile(r"\(\?P<(\w+)>[^()]*(?:\([^()]*\)[^()]*)*\)|<(?:\w+:)?(\w+)>")
_MODEL_PAGE = re.compile(r"/admin/(\w+)/(\w+)/(.*)")
# The pages that every model has in the admin: one line of the table stands for them all.
_USUAL = {"", "add", "<object_id>", "<object_id>/change", "<object_id>/delete", "<object_id>/history"}


@dataclass(frozen=True)
class Route:
    """One door. `model`: whose rows are behind it, if it is about one model's."""

    section: str
    method: str
    path: str
    model: type[Model] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def place(self) -> str:
        """A short name of the part of the site where it is: doors of one place are tried together."""
        if self.section in ("pages", "carrier", "sockets"):
            return self.section
        return f"{self.section} {self.path.removeprefix('/api/v1').strip('/').removeprefix('admin/').partition('/')[0]}"

    @property
    def names_a_row(self) -> bool:
        return (self.model is not None and "_id>" in self.path) or "<id>" in self.path


def all_routes() -> list[Route]:
    """Every route, in the order of the table."""
    found = [route for path, pattern in _walk(get_resolver().url_patterns) for route in _routes_of(path, pattern)]
    found += _actions()
    found += [Route("sockets", "SOCKET", f"/{pattern.pattern}") for pattern in websocket_urlpatterns()]
    # Answered by a middleware, before the map is asked.
    found += [Route("pages", "GET", path) for path in ("/healthz", "/readyz")]
    once = {str(route): route for route in found}
    return sorted(once.values(), key=lambda route: (route.section, route.path, route.method))


def _walk(patterns: list[Any], prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, here)
        elif "format>" not in here:  # `.json` behind an address of the API is the same door
            yield _readable(here), pattern


def _readable(path: str) -> str:
    path = _GROUP.sub(lambda found: f"<{found[1] or found[2]}>", path)
    return path.replace("^", "").replace("/?$", "").replace("$", "").replace("\\.", ".")


def _routes_of(path: str, pattern: URLPattern) -> Iterator[Route]:
    view = pattern.callback
    if path.startswith("/admin/"):
        yield _admin_page(path)
    elif hasattr(view, "actions"):
        for method in view.actions:
            # The framework adds "head" to a view's methods when its first request comes.
            if method in view.cls.http_method_names and method != "head":
                yield Route("api", method.upper(), path, view.cls.queryset.model)
    else:
        section = "carrier" if path.startswith("/carrier/") else "pages"
        yield from (Route(section, method, path) for method in ("GET", "POST"))


def _admin_page(path: str) -> Route:
    found = _MODEL_PAGE.fullmatch(path)
    by_name = {(m._meta.app_label, m._meta.model_name): m for m in admin.site._registry}
    model = by_name.get(found.group(1, 2)) if found else None
    if found is None or model is None:
        return Route("admin", "GET", path)
    if found[3].strip("/") in _USUAL:
        return Route("admin models", "PAGES", f"/admin/{found[1]}/{found[2]}/", model)
    return Route("admin", "GET", path, model)


def _actions() -> Iterator[Route]:
    """What can be done to chosen rows of a list. Deleting them stands in the model's own line."""
    for model, model_admin in admin.site._registry.items():
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for _function, name, _words in model_admin._get_base_actions():
            if name != "delete_selected":
                yield Route("admin", "ACTION", f"{address}?action={name}", model)
