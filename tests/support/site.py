"""The real site on a free port: our ASGI application under uvicorn in a thread of the test's process.

In one process, so that the test moves the clock that the site reads.
"""

from __future__ import annotations

import socket
import threading

import uvicorn


class Site:
    """Serves until `stop`. `url` is its address."""

    def __init__(self) -> None:
        from callcenter.asgi import application

        # The protocol is named so that asyncio sends small answers at once.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(application, log_level="error", lifespan="on", ws_ping_interval=None)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        self._wait()

    def _wait(self) -> None:
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("The site did not start.")
            self._thread.join(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
