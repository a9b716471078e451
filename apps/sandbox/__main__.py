"""python -m apps.sandbox --port 8100 --host 127.0.0.1 --ledger FILE --clock real|manual"""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
import tempfile
from pathlib import Path

import uvicorn

from .app import build
from .exchange.network import Network
from .settings import Settings
from .studio import Studio


def main() -> None:
    wanted = _arguments()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(_serve(wanted))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A little phone company that speaks Twilio's contract."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100, help="0 takes a free one")
    parser.add_argument("--ledger", type=Path, help="file that gets what really happened, one JSON object a line")
    parser.add_argument("--clock", choices=("real", "manual"), default="real")
    return parser.parse_args()


async def _serve(wanted: argparse.Namespace) -> None:
    listener = _listen(wanted.host, wanted.port)
    address = f"http://{wanted.host}:{listener.getsockname()[1]}"
    network = Network(Settings.from_environment(), clock_mode=wanted.clock, ledger=wanted.ledger)
    network.public_url = address
    if network.settings.sound_url:
        network.media = _studio(network)
    config = uvicorn.Config(
        build(network), log_level="warning", access_log=False, timeout_graceful_shutdown=1, timeout_keep_alive=75
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        print(f"sandbox ready on {address}", flush=True)
    await serving


def _studio(network: Network) -> Studio:
    settings = network.settings
    folder = Path(settings.sound_folder or tempfile.mkdtemp(prefix="sandbox-sound-"))
    return Studio(network, url=settings.sound_url, secret=settings.sound_secret, folder=folder)


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket whose protocol is named: asyncio sends at once (TCP_NODELAY) only where it sees TCP.

    With a protocol of 0 every answer in two writes would wait 40 ms for the other side's acknowledgement.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(512)
    return listener


if __name__ == "__main__":
    main()
