"""People of client B learn nothing of client A, and nothing of B can be tied to rows of A.

Everything of A is called Quillon..., so a page that holds the word has told B something.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.forms.models import model_to_dict
from django.test import RequestFactory

from apps.core.models import User
from apps.live.pictures import read
from tests import factories
from tests.house.doors import NONE, Doors
from tests.house.routes import Route, all_routes
from tests.house.world import OTHER, SUPERVISOR

pytestmark = pytest.mark.django_db

MIGHTY = "mighty"  # of client B, with every permission that there is
WORDS_OF_A = ["quillon", "-of-a", "+12125550177", "555-0177"]


@pytest.fixture
def mighty(doors) -> Doors:
    user = factories.UserFactory(username="mighty-of-b", clients=[doors.world.b], is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    doors.come_in(MIGHTY, user)
    return doors


def routes(section: str) -> list[Route]:
    return [route for route in all_routes() if route.section == section]


def told(text: str) -> list[str]:
    return [word for word in WORDS_OF_A if word in text.lower()]


def belongs_to_a_client(model) -> bool:
    return model is User or hasattr(model._default_manager.all(), "visible_to")


def test_with_every_permission_there_is_another_clients_row_is_not_found_by_the_api(mighty):
    found = {str(route): mighty.ask(route, MIGHTY) for route in routes("api") if route.names_a_row}

    assert len(found) > 50
    assert {route: word for route, word in found.items() if word != NONE} == {}


def test_with_every_permission_there_is_another_clients_row_is_not_found_by_the_admin(mighty):
    own = [route for route in routes("admin models") if belongs_to_a_client(route.model)]
    found = {str(route): mighty.ask(route, MIGHTY) for route in own}
    others = [route for route in routes("admin") if route.names_a_row and route.method == "GET"]
    found |= {str(route): mighty.ask(route, MIGHTY) for route in others if route.model}

    assert len(found) > 25
    assert {route: word for route, word in found.items() if set(word) & set("ocd") and word != NONE} == {}


def test_lists_of_the_api_hold_rows_of_ones_own_client_only(mighty):
    lists = [route.path for route in routes("api") if route.method == "GET" and "<" not in route.path]
    bodies = {path: mighty.send("GET", path, MIGHTY).content.decode() for path in lists}
    own = {path: mighty.send("GET", path, SUPERVISOR).json() for path in lists if "/me" not in path}

    assert {path: told(body) for path, body in bodies.items() if told(body)} == {}
    # The same lists do hold them for A's people, so the words would have been seen.
    assert [path for path, page in own.items() if "count" in page and page["count"] == 0] == []


@pytest.mark.slow
def test_no_page_of_the_admin_names_anything_of_another_client(mighty):
    pages = ["/admin/", "/admin/calls/", "/admin/routing/rule/try/"]
    for model in filter(belongs_to_a_client, admin.site._registry):
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        pages += [base, f"{base}?q=quill", f"{base}add/"]

    bodies = {page: mighty.send("GET", page, MIGHTY, drawn=True).content.decode() for page in pages}

    assert {page: told(body) for page, body in bodies.items() if told(body)} == {}


def test_the_admins_search_and_its_suggestions_find_rows_of_ones_own_client_only(mighty):
    search = "/admin/search/?s=quill&extended"
    found = {"search": mighty.send("GET", search, MIGHTY, drawn=True).content.decode()}
    for owner, name in suggested():
        meta = owner._meta
        query = f"?app_label={meta.app_label}&model_name={meta.model_name}&field_name={name}&term=quill"
        found[f"{meta.label}.{name}"] = mighty.send("GET", f"/admin/autocomplete/{query}", MIGHTY).content.decode()
        assert "results" in found[f"{meta.label}.{name}"], "Not asked as the page asks."

    assert {where: told(body) for where, body in found.items() if told(body)} == {}
    assert "Quillon line" in mighty.send("GET", search, SUPERVISOR, drawn=True).content.decode()


def shown(message: dict[str, Any]) -> str:
    """A socket's frame as text, whether it came packed or not; nothing when it closed."""
    if message["type"] == "websocket.close":
        return ""
    return json.dumps(read(message.get("text") or message["bytes"]))


def suggested() -> set[tuple[type, str]]:
    """(model, field) of everything that suggests rows while one types."""
    found = set()
    for model, model_admin in admin.site._registry.items():
        found |= {(model, name) for name in model_admin.autocomplete_fields}
        found |= {(inline.model, name) for inline in model_admin.inlines for name in inline.autocomplete_fields}
    return found


def test_no_choice_of_any_form_of_the_admin_is_a_row_of_another_client(mighty):
    request = RequestFactory().get("/")
    request.user = User.objects.get(username="mighty-of-b")
    offered = []
    for model, model_admin in admin.site._registry.items():
        if not belongs_to_a_client(model):
            continue
        made = [model_admin.get_form(request, None, change=False)]
        made += [inline.get_formset(request, None).form for inline in model_admin.get_inline_instances(request)]
        for form in made:
            for name, field in form.base_fields.items():
                if not isinstance(field, forms.ModelChoiceField):
                    continue
                row = mighty.world.of_a.get(field.queryset.model)
                assert row is not None, f"The world has no {field.queryset.model._meta.label}: add one."
                if field.queryset.filter(pk=row.pk).exists():
                    offered.append(f"{model._meta.label}: {form.__name__}.{name}")

    assert offered == []


def test_an_action_of_the_admin_does_nothing_to_rows_of_another_client(mighty):
    for model in filter(belongs_to_a_client, admin.site._registry):
        row = mighty.world.of_a[model]
        before = model_to_dict(row)
        for _function, name, _words in admin.site._registry[model]._get_base_actions():
            chosen = {"action": name, "_selected_action": [row.pk], "post": "yes"}
            mighty.send("POST", f"/admin/{model._meta.app_label}/{model._meta.model_name}/", MIGHTY, chosen)
            row.refresh_from_db()
            assert model_to_dict(row) == before, f"{name} on {row!r}"


@pytest.mark.django_db(transaction=True)
def test_the_sockets_show_rows_of_ones_own_client_only(doors):
    frames = {
        (who, path): shown(doors.first_frame(path, who))
        for who in (OTHER, SUPERVISOR)
        for path in ("/ws/board/", "/ws/desk/")
    }

    assert told(frames[OTHER, "/ws/board/"]) == told(frames[OTHER, "/ws/desk/"]) == []
    assert "Quillon queue" in frames[SUPERVISOR, "/ws/board/"]


def test_an_operator_sees_the_calls_they_took_part_in_and_none_of_their_colleagues(doors):
    colleague = factories.OperatorFactory(team=doors.world.of_a[type(doors.world.people["operator"].operator)].team)
    doors.come_in("colleague", colleague.user)
    about_calls = [
        route for route in routes("api")
        if route.names_a_row and route.path.split("/")[3] in ("calls", "offers", "queue-entries", "queues")
    ]  # fmt: skip

    assert {doors.ask(route, "colleague") for route in about_calls} <= {NONE, "no"}
    for path in ("calls", "offers", "queue-entries", "queues"):
        assert doors.send("GET", f"/api/v1/{path}", "colleague").json()["count"] == 0
        assert doors.send("GET", f"/api/v1/{path}", "operator").json()["count"] == 1
