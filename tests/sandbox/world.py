"""A real sandbox in its own process, driven by the official SDK, and a small web application that it calls."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

ROOT = Path(__file__).parents[2]
ACCOUNT, TOKEN = "AC" + "7e" * 16, "7e" * 16
API_KEY, API_SECRET, APP = "SK" + "7e" * 16, "a-secret-of-the-tests-" + "7e" * 16, "AP" + "7e" * 16
OURS, CUSTOMER, COLLEAGUE = "+15550100000", "+15550100123", "+15550100777"


@dataclass
class Asked:
    """One request that the application got."""

    method: str
    path: str
    url: str
    params: dict[str, str]
    headers: dict[str, str]
    signed: bool


@dataclass
class Reply:
    body: str | bytes = ""
    status: int = 200
    content_type: str = "text/xml"
    headers: dict[str, str] = field(default_factory=dict)


Answering = str | Reply | Callable[[Asked], "str | Reply"]


class Application:
    """What the business runs: answers by path, remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answering] = {}
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def clear(self) -> None:
        self.answers, self.asked = {}, []

    def at(self, path: str) -> list[Asked]:
        """The requests for one path, in order."""
        return [asked for asked in self.asked if asked.path == path]

    def values(self, path: str, name: str) -> list[str | None]:
        return [asked.params.get(name) for asked in self.at(path)]

    def answer(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        said = self.answers.get(asked.path, "")
        said = said(asked) if callable(said) else said
        if isinstance(said, Reply):
            return said
        return Reply(f"<Response>{said}</Response>")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        application = self
        validator = RequestValidator(TOKEN)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet

            def serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                url = application.url + self.path
                form = dict(parse_qsl(body, keep_blank_values=True))
                signed = validator.validate(url, form, self.headers.get("X-Twilio-Signature", ""))
                params = form if self.command == "POST" else dict(parse_qsl(urlsplit(url).query))
                path = urlsplit(url).path
                asked = Asked(self.command, path, url, params, dict(self.headers), signed)
                reply = application.answer(asked)
                data = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                self.send_header("Content-Length", str(len(data)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = serve

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        return Handler


class Sandbox:
    """The process under test."""

    def __init__(self, ledger: Path, clock: str = "manual", **environment: str) -> None:
        said = {
            "SANDBOX_ACCOUNT_SID": ACCOUNT,
            "SANDBOX_AUTH_TOKEN": TOKEN,
            "SANDBOX_API_KEY": API_KEY,
            "SANDBOX_API_SECRET": API_SECRET,
            "SANDBOX_APP_SID": APP,
        } | environment
        command = [sys.executable, "-m", "apps.sandbox", "--port", "0", "--clock", clock, "--ledger", str(ledger)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | said, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert "ready on" in line, line
        self.url = line.split()[-1]

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=10)


class World:
    """What a test holds: the application, the SDK's client and the people on the phones."""

    def __init__(self, sandbox: Sandbox, application: Application) -> None:
        self.sandbox, self.app = sandbox, application
        self._web = requests.Session()
        self.client = Client(ACCOUNT, TOKEN, http_client=TwilioHttpClient(timeout=20))
        self.client.api.base_url = sandbox.url

    # The control API

    def control(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self._web.request(method, f"{self.sandbox.url}/sandbox{path}", json=body, timeout=60)
        assert answer.status_code == status, answer.text
        return answer.json()

    def advance(self, seconds: float = 0) -> dict[str, Any]:
        """Move the clock; when this returns nothing is under way."""
        return self.control("POST", "/clock", {"advance_s": seconds})

    def call(self, sid: str) -> dict[str, Any]:
        return self.control("GET", f"/calls/{sid}")

    def where(self, sid: str) -> str:
        return self.call(sid)["where"]

    def heard(self, sid: str) -> list[str]:
        """What reached a phone, in a word each: what was said, else the verb."""
        return [entry.get("text") or entry.get("url") or entry["verb"] for entry in self.call(sid)["heard"]]

    def press(self, sid: str, digits: str) -> None:
        self.control("POST", f"/calls/{sid}/press", {"digits": digits})
        self.advance()

    def hang_up(self, sid: str) -> None:
        self.control("POST", f"/calls/{sid}/hangup")
        self.advance()

    def facts(self, kind: str) -> list[dict[str, Any]]:
        return [entry for entry in self.control("GET", "/ledger")["entries"] if entry["kind"] == kind]

    def journal(self) -> list[dict[str, Any]]:
        return self.control("GET", "/journal")["entries"]

    def phone(self, number: str, **behaviour: Any) -> None:
        self.control("PUT", f"/phones/{number}", behaviour)

    def device(self, identity: str, action: str, **body: Any) -> Any:
        answer = self.control("POST", f"/devices/{identity}/{action}", body)
        self.advance()
        return answer

    # People

    def dial_in(self, *, from_: str = CUSTOMER, to: str = OURS, script: list[dict[str, Any]] | None = None) -> str:
        """A customer calls our number; returns the call's sid once the first document runs."""
        sid = self.control("POST", "/calls", {"from": from_, "to": to, "script": script or []})["sid"]
        self.advance()
        return sid

    def dial_out(self, to: str = CUSTOMER, *, answered: bool = True, **how: Any) -> str:
        """Our application calls somebody; returns once they have answered."""
        how = how if {"url", "twiml"} & set(how) else {"url": f"{self.app.url}/out"} | how
        sid = self.client.calls.create(to=to, from_=OURS, **how).sid
        self.advance(2 if answered else 0)
        return sid
