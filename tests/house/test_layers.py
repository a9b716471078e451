"""What import-linter cannot see: foreign keys, declared events, the timetable, words that no code of ours may hold."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.apps import apps
from django.db import models

from apps.core import events
from callcenter.celery import timetable
from callcenter.composition import house_apps

ROOT = Path(__file__).parents[2]
OURS = [app for app in house_apps() if apps.get_app_config(app).models_module is not None]
MODELS = [model for app in OURS for model in apps.get_app_config(app).get_models()]


def layers() -> dict[str, int]:
    """App -> its floor, 0 the lowest; from the same table that import-linter reads."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    floors = parser["importlinter:contract:layers"]["layers"].split("\n")
    return {
        name.strip().removeprefix("apps."): floor
        for floor, names in enumerate(reversed([line for line in floors if line.strip()]))
        for name in names.split("|")
    }


def test_every_app_has_its_floor():
    assert set(house_apps()) - set(layers()) == set()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down_only(model):
    floors, own = layers(), model._meta.app_label
    up = []
    for field in [*model._meta.fields, *model._meta.many_to_many]:
        target = field.related_model
        if target is None or target._meta.app_label not in floors or target._meta.app_label == own:
            continue
        if floors[target._meta.app_label] >= floors[own]:
            up.append(f"{field.name} -> {target._meta.label}")

    assert up == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_says_what_it_is_and_shows_itself_in_words(model):
    # Django writes a docstring of its own, "Model(id, name)", where there is none.
    assert model.__doc__ and not model.__doc__.startswith(f"{model.__name__}(")
    assert model.__str__ is not models.Model.__str__


def test_no_model_refers_to_any_kind_of_row():
    private = [field for model in MODELS for field in model._meta.private_fields]

    assert [str(field) for field in private if type(field).__name__ == "GenericForeignKey"] == []


_KIND = re.compile(rf"({'|'.join(house_apps())})\.[a-z_]+")


def sources(*folders: str, suffix: str = ".py") -> Iterator[Path]:
    """Our files: without migrations and the built bundles of vendors. The sandbox is a stranger with its own words."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            if not {"migrations", "vendor", "sandbox", "node_modules"} & set(path.parts):
                yield path


def words_of(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value, node.lineno


def test_every_kind_of_event_that_the_code_writes_is_declared_and_every_declared_one_is_written():
    declared = {kind.name for kind in events.catalogue()}
    written: set[str] = set()
    unknown = []
    for path in sources("apps", "callcenter"):
        if path.name == "events.py":
            continue
        written |= {word for word, _line in words_of(path)} & declared
        unknown += [f"{path.relative_to(ROOT)}: {kind}" for kind in kinds_recorded(path) if kind not in declared]

    assert unknown == [], "Declare these in their app's events.py."
    assert sorted(declared - written) == [], "Nobody writes these: take them out of the catalogue."


def kinds_recorded(path: Path) -> Iterator[str]:
    """The kinds that stand in calls of `record`, `note` and their private fronts."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name.lstrip("_") in ("record", "note"):
            for argument in ast.walk(ast.Tuple([*node.args], ast.Load())):
                value = getattr(argument, "value", None)
                if isinstance(argument, ast.Constant) and isinstance(value, str) and _KIND.fullmatch(value):
                    yield value


def test_events_are_declared_by_the_app_whose_name_they_bear():
    stray = []
    for path in sources("apps"):
        if path.name == "events.py" and path.parent.name != "core":
            declared = re.findall(r'declare\(\s*"([a-z_]+)\.', path.read_text())
            stray += [f"{path.parent.name}: {name}" for name in declared if name != path.parent.name]

    assert stray == []


def test_the_timetable_names_tasks_that_exist():
    current_app.loader.import_default_modules()

    assert timetable()
    assert {entry["task"] for entry in timetable().values()} - set(current_app.tasks) == set()


# Word -> the files that may hold it, with the reason.
FORBIDDEN = {
    r"mark_safe|SafeText|allow_tags": [],
    r"\|\s*safe\b|autoescape off": [],
    # `hx-swap="outerHTML"` is htmx's word for replacing a part with one that the server rendered.
    r"\binnerHTML|(?<!hx-swap=\")outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function\(": [],
    r"shell=True|os\.system\(|os\.popen\(": [],
    r"\.raw\(|\.extra\(|RawSQL|SeparateDatabaseAndState": [],
    r"csrf_exempt": ["apps/carrier/webhook.py"],  # a signature stands in its place
    r"\bAllowAny\b": ["callcenter/rest.py"],  # the API's description
    r"\.calls\.create\(|\.messages\.create\(": ["apps/carrier/client.py"],
    r"from twilio\.rest import": ["apps/carrier/asking.py"],
    r"serializers[\s\S]*fields = \"__all__\"": [],
    r"\bpost_save\b|\bpre_save\b|GenericForeignKey": [],
    r"\bpickle\b|yaml\.load\(|marshal\.loads": [],
    r"\bTODO\b|\bFIXME\b|\bXXX\b": [],
}


@pytest.mark.parametrize("word", FORBIDDEN)
def test_no_file_of_ours_holds_what_is_forbidden(word):
    folders = ("apps", "callcenter", "templates", "static")
    found = {
        str(path.relative_to(ROOT))
        for suffix in (".py", ".html", ".js", ".txt")
        for path in sources(*folders, suffix=suffix)
        if re.search(word, path.read_text())
    }

    assert found - set(FORBIDDEN[word]) == set()


def test_only_templates_and_static_files_hold_scripts_and_styles():
    """The policy of the pages allows none inside them; neither do we write any."""
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style|\sstyle=|\son[a-z]+=|javascript:", re.I
    )
    pages = [*sources("apps", "templates", suffix=".html")]
    found = {str(path.relative_to(ROOT)): inline.findall(path.read_text()) for path in pages}

    assert len(pages) > 10
    assert {path: tags for path, tags in found.items() if tags} == {}
