"""python -m benchmarks NAME OPTIONS: what `manage.py bench` becomes. OPTIONS is one JSON object.

A process of its own, because the servers must run before Django reads its settings.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any, NoReturn

from benchmarks import WITHOUT_SERVERS, module_of
from benchmarks.figures import load_average, machine
from benchmarks.house import House


def main(name: str, options: dict[str, Any]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    began, load = time.monotonic(), load_average()
    with House() as house:
        if ready := options.pop("ready", None):
            house.begin_as(Path(ready))
        if name not in WITHOUT_SERVERS:
            house.start_servers()
            os.environ["DJANGO_SETTINGS_MODULE"] = "callcenter.settings"
            import django

            django.setup()
        figures = importlib.import_module(f"benchmarks.{module_of(name)}").run(house, SimpleNamespace(**options))
    seconds = round(time.monotonic() - began, 1)
    facts = {"bench": name, "options": options, "machine": machine(), "load_average_before": load, "seconds": seconds}
    print(json.dumps(facts | figures), flush=True)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    # Once: while the house is being closed, further signals must not stop that.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(1)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
