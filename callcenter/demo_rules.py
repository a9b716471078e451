"""The rules of the demo's company: who is not served, who goes straight to a queue, and when the office is closed."""

from __future__ import annotations

from apps.clients.models import Client
from apps.destinations.models import Destination
from apps.hours.models import Schedule
from apps.routing import services as routing
from apps.routing import truth
from apps.routing.models import Condition, Rule
from apps.routing.truth import ConditionView, GroupView
from callcenter.demo_rows import one

MAIN, OFFICE = "+14155550100", "+14155550102"
Subject = Condition.Subject


def load(client: Client, office: Schedule, endings: dict[str, Destination], lines: dict[str, Destination]) -> None:
    """In this order; what is there stays as it is, and a new one comes last."""
    on_main = _all((Subject.NUMBER, MAIN))
    spanish = _any((Subject.LANGUAGE, "es"), (Subject.COUNTRY, "MX"))
    closed = ConditionView(Subject.OPEN, office.name, True)
    rules: list[tuple[str, Destination, list[GroupView], Destination | None]] = [
        ("Blocked callers", endings["Not accepted"], [_all((Subject.CALLER_LIST, "Blocked callers"))], None),
        (
            "Gold customers go to dispatch at once", lines["Dispatch"],
            [_all((Subject.CALLER_LIST, "Gold customers"), (Subject.NUMBER, MAIN))], None,
        ),
        (
            "Our drivers go to dispatch at once", lines["Dispatch"],
            [_all((Subject.CALLER_TAG, "driver"), (Subject.NUMBER, MAIN))], None,
        ),
        (
            "Spanish is spoken to who speaks it", lines["Dispatch in Spanish"], [on_main, spanish], lines["Dispatch"],
        ),
        (
            "Office line outside office hours", endings["Office closed"],
            [GroupView((ConditionView(Subject.NUMBER, OFFICE, False), closed))], None,
        ),
    ]  # fmt: skip
    for name, destination, groups, fallback in rules:
        rule = Rule(client=client, name=name, destination=destination, fallback=fallback)
        one(Rule, client, name, lambda _name, rule=rule, groups=groups: routing.save_rule(rule, groups))  # type: ignore[misc]


def _all(*asked: tuple[str, str]) -> GroupView:
    return GroupView(tuple(ConditionView(subject, value, False) for subject, value in asked))


def _any(*asked: tuple[str, str]) -> GroupView:
    return GroupView(_all(*asked).conditions, truth.ANY)
