"""Why asgi.py sends HTTP to WSGI threads: the same webhooks through Django's own ASGI handler.

The same code, settings and middleware under the same uvicorn; the ASGI handler gets a connection pool, without which it
opens a database connection per request.
"""

from __future__ import annotations

from argparse import ArgumentParser
from functools import partial
from types import SimpleNamespace
from typing import Any

from benchmarks import webhook
from benchmarks.house import House


def add_options(parser: ArgumentParser) -> None:
    webhook.add_options(parser)


def run(house: House, options: SimpleNamespace) -> dict[str, Any]:
    house.prepare()
    sites = {
        "wsgi_threads": house.start_site("wsgi", "callcenter.asgi:application"),
        "asgi_handler": house.start_site("asgi", "benchmarks.stock.handler:application"),
    }
    conns = [int(number) for number in options.conns.split(",")]
    cells: dict[str, webhook.Cell] = {}
    for name, url in sites.items():
        cells[f"{name}_callback"] = partial(webhook.reports, url)
        cells[f"{name}_first"] = partial(webhook.first, url, "")
    results = webhook.take_turns(cells, conns, options.seconds, options.rounds)
    webhook.show(results, against="asgi_handler_callback")
    ratios = {
        f"{kind}_c{number}": round(
            webhook.ratio(results, f"wsgi_threads_{kind}", f"asgi_handler_{kind}", number), 2
        )
        for kind in ("callback", "first")
        for number in conns
    }  # fmt: skip
    print("WSGI threads, times as fast as the ASGI handler:", ratios)
    return {"cells": webhook.summary(results), "ratios": ratios}
