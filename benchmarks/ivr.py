"""A key pressed in a drawn menu of 200 nodes against one pressed in a menu of one question, webhook to document.

Each request is a caller's answer, with all that belongs to it: signature, delivery row, lock, walk, visit,
events, the next question. Every line answers once. Both are served by the same process and take turns in an order that
rotates; the median of the rounds counts.
"""

from __future__ import annotations

from argparse import ArgumentParser
from functools import partial
from types import SimpleNamespace
from typing import Any

from apps.clients.models import Client
from apps.ivr import publishing
from apps.ivr import services as ivr
from apps.ivr.models import Flow
from benchmarks import asked, hammer
from benchmarks.hammer import Strike
from benchmarks.house import House
from benchmarks.webhook import Cell, middle, ratio, show, summary, take_turns

NODES = 200
AIM = 1.3
LINES_A_SECOND = 400


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--conns", default="1,8", help="connections at once (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3, help="of each go (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="goes of each, the median counts (%(default)s)")


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    house.prepare()
    client = Client.objects.order_by("pk").first()
    drawn = flow_of(client, "Drawn", NODES)
    plain = flow_of(client, "Plain", 2)
    product = house.start_site("product", "callcenter.asgi:application")
    cells: dict[str, Cell] = {"plain": partial(answers, product, plain), "drawn": partial(answers, product, drawn)}
    conns = [int(number) for number in options.conns.split(",")]
    results = take_turns(cells, conns, options.seconds, options.rounds)
    show(results, against="plain")
    times = {
        f"c{number}": round(middle(results["drawn", number])["p50_ms"] / middle(results["plain", number])["p50_ms"], 2)
        for number in conns
    }
    rates = {f"c{number}": round(ratio(results, "drawn", "plain", number), 2) for number in conns}
    met = all(time <= AIM for time in times.values())
    return {
        "nodes": NODES,
        "cells": summary(results),
        "time_ratios": times,
        "rate_ratios": rates,
        "aim": AIM,
        "met": met,
    }


def document(nodes: int) -> dict[str, Any]:
    """Menus one behind the other, with a good-bye at the end; every key leads on."""
    menus = [f"menu-{n}" for n in range(nodes - 1)]
    drawn: dict[str, Any] = {
        menu: {
            "kind": "menu", "name": f"Menu {n}", "prompt": {"say": {"en-US": "For more, press any key."}},
            "options": {key: {"label": "More", "to": onward} for key in "1234567890"},
            "otherwise": "bye",
        }
        for n, (menu, onward) in enumerate(zip(menus, [*menus[1:], "bye"], strict=True))
    }  # fmt: skip
    bye = {"kind": "hangup", "prompt": {"say": {"en-US": "Good-bye."}}}
    return {"format": 1, "languages": ["en-US"], "start": "menu-0", "nodes": {**drawn, "bye": bye}}


def flow_of(client: Client, name: str, nodes: int) -> Flow:
    flow = publishing.save_draft(ivr.create_flow(client, name=name), document(nodes), revision=0)
    publishing.publish(flow)
    return flow


def answers(url: str, flow: Flow, conns: int, seconds: float) -> Strike:
    """A wrong key from lines that all hear the first question: the same document follows in both flows."""
    lines = asked.lines_in_menu(flow, "menu-0", max(conns * 4, int(seconds * LINES_A_SECOND)))
    return hammer.strike(url, [partial(asked.presses, lines[number::conns], "*") for number in range(conns)], seconds)
