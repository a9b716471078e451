"""Whatever people and callers write stays text on every page, and every page says what a browser may run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.db import models

from apps.ivr.models import Flow, FlowVersion
from apps.recordings.models import Recording
from tests.factories import FlowVersionFactory
from tests.house.routes import all_routes
from tests.house.world import ADMIN, COLUMNS, KEY, NOBODY, OPERATOR

pytestmark = pytest.mark.django_db

# Breaks out of an attribute and of an element, and runs as a script or as an expression of the admin's theme.
PAYLOAD = """'"><script>alert(7)</script>"""
EXPRESSION = "'+alert(7)+'"
# Attributes whose text a browser, or the theme's Alpine and htmx, runs.
RUNS = re.compile(r"^(on|x-|@|:|hx-on|hx-vals)", re.I)


class Scripts(HTMLParser):
    """What of a page would run a planted payload."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag, attrs):
        # What Django's json_script writes is data.
        self._inside = "" if ("type", "application/json") in attrs else tag
        for name, value in attrs:
            runs = RUNS.match(name) or (value or "").strip().lower().startswith("javascript:")
            if runs and "alert(7)" in (value or ""):
                self.found.append(f"<{tag} {name}={value[:80]}")

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "script" and "alert(7)" in data:
            self.found.append(f"<script>{data[:80]}")


def scripts_in(body: str) -> list[str]:
    page = Scripts()
    page.feed(body)
    return page.found


def test_the_parser_would_see_them():
    assert scripts_in(f"<p>{PAYLOAD}</p>") and scripts_in("<a x-data=\"{n: ''+alert(7)+''}\">")
    assert not scripts_in("<p>&lt;script&gt;alert(7)</p>")


# Names of things that code looks up again: a stranger cannot write them.
KEPT = {"kind", "task", "path", "audio_digest", "digest", "prefix", "password", "language", "strategy", "region"}
# What the database never lets change: the text is in it from the beginning.
STAYS = {(FlowVersion, "document"), (FlowVersion, "sounds")}


def plant(row: models.Model, text: str) -> int:
    """Write `text` into every free text of the row, as if people, callers or the carrier had; how many there were."""
    texts = [field.name for field in row._meta.concrete_fields if _is_free(field, len(text))]
    lists = [field.name for field in row._meta.concrete_fields if isinstance(field, models.JSONField)]
    lists = [name for name in lists if (type(row), name) not in STAYS]
    values = dict.fromkeys(texts, text)
    for name in lists:
        old = getattr(row, name)
        values[name] = _planted(old, text) if old else ({} if isinstance(old, dict) else old)
    if values:
        type(row)._default_manager.filter(pk=row.pk).update(**values)
    return len(values)


def _is_free(field: models.Field, length: int) -> bool:
    if not isinstance(field, models.CharField | models.TextField) or isinstance(field, models.EmailField):
        return False
    fits = field.max_length is None or field.max_length >= length
    return fits and not field.choices and field.name not in KEPT


def _planted(value, text: str):
    if isinstance(value, dict):
        return {key: _planted(inner, text) for key, inner in value.items()}
    if isinstance(value, list):
        return [_planted(inner, text) for inner in value]
    return text if isinstance(value, str) else value


@pytest.mark.slow
@pytest.mark.parametrize("text", [PAYLOAD, EXPRESSION], ids=["markup", "expression"])
def test_what_is_written_anywhere_is_never_run_by_a_page(text, doors):
    world = doors.world
    drawn = {"start": "n", "nodes": {"n": {"kind": "hangup", "name": text, "prompt": {"say": {"en-US": text}}}}}
    world.of_a[FlowVersion] = FlowVersionFactory(flow=world.of_a[Flow], number=7, document=drawn)
    planted = sum(plant(row, text) for row in world.of_a.values())
    pages = ["/", "/board/", "/desk/", "/admin/", "/admin/search/?s=alert&extended", "/admin/routing/rule/try/"]
    for route in all_routes():
        if route.section == "admin models":
            row = f"{route.path}{world.of_a[route.model].pk}"
            pages += [route.path, f"{route.path}?q=alert", f"{route.path}add/"]
            pages += [f"{row}/change/", f"{row}/delete/", f"{row}/history/"]

    run, seen = {}, 0
    for page in pages:
        body = doors.send("GET", page, OPERATOR if page == "/desk/" else ADMIN, drawn=True).content.decode()
        seen += "alert(7)" in body
        if found := scripts_in(body):
            run[page] = found

    assert planted > 60 and seen > 60, (planted, seen)
    assert run == {}


def test_every_answer_to_a_browser_says_what_may_run_there(doors):
    """Strict everywhere; the admin's theme needs `eval` and style attributes, the API's page style attributes."""
    loose = {}
    for route in all_routes():
        if route.section == "sockets" or route.method not in ("GET", "PAGES") or route.path == "/readyz":
            continue
        column = NOBODY if "login" in route.path else ADMIN
        reply = doors.send("GET", doors.address(route), column, drawn=False)
        if not reply.headers.get("Content-Type", "").startswith("text/html"):
            continue
        policy = reply.headers["Content-Security-Policy"]
        allowed = set(re.findall(r"'unsafe-[a-z]+'", policy))
        assert "default-src 'self'" in policy and "'unsafe-inline'" not in _part(policy, "script-src"), route
        if allowed:
            loose.setdefault(frozenset(allowed), set()).add("/".join(route.path.split("/")[:2]))
        assert reply.headers["X-Content-Type-Options"] == "nosniff", route
        assert reply.headers["X-Frame-Options"] == "DENY", route

    assert loose == {
        frozenset({"'unsafe-inline'", "'unsafe-eval'"}): {"/admin"},
        frozenset({"'unsafe-inline'"}): {"/api"},
    }


def _part(policy: str, name: str) -> str:
    return next((part for part in policy.split(";") if part.strip().startswith(name)), "")


@pytest.mark.parametrize("column", [column for column in COLUMNS if column != KEY])
def test_pages_that_go_wrong_are_as_strict(column, doors):
    for path in ("/nowhere/", "/board/", "/admin/nowhere/"):
        reply = doors.send("GET", path, column, drawn=False)
        if reply.status_code >= 400:
            assert "default-src 'self'" in reply.headers["Content-Security-Policy"]


def test_sounds_are_sent_as_sounds(doors):
    """A browser must not guess that an uploaded file is a page."""
    recording = doors.world.of_a[Recording]
    for path in (f"/api/v1/recordings/{recording.public_id}/media", doors.world.prompt.audio_path):
        reply = doors.send("GET", path, ADMIN)
        assert reply.status_code == 200
        assert reply.headers["Content-Type"].startswith("audio/")
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
