"""python -m apps.sandbox.sound --port 8200 --host 127.0.0.1 --cap 100; SANDBOX_SOUND_SECRET is the carrier's word."""

from __future__ import annotations

import argparse
import logging
import os
import sys

from aiohttp import web

from .engine import Engine
from .server import Server


def main() -> None:
    parser = argparse.ArgumentParser(prog="sound", description="The sound of the sandbox's calls.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8200)
    parser.add_argument("--cap", type=int, default=100, help="legs with sound at once; more are refused")
    wanted = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    secret = os.environ.get("SANDBOX_SOUND_SECRET", "")
    if not secret:
        sys.exit("SANDBOX_SOUND_SECRET must be set: the carrier shows it when it connects.")
    server = Server(Engine(cap=wanted.cap), secret)
    where = f"http://{wanted.host}:{wanted.port}"
    web.run_app(
        server.application(),
        host=wanted.host,
        port=wanted.port,
        access_log=None,
        shutdown_timeout=1,
        print=lambda *_: print(f"sound ready on {where}", flush=True),
    )


if __name__ == "__main__":
    main()
