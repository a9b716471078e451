"""What a REST request says, in its query and its form."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from ..exchange.calls import Report
from .errors import refused

CALL_EVENTS = ("initiated", "ringing", "answered", "completed")


class Form:
    """Form fields; a name may come several times."""

    def __init__(self, body: bytes) -> None:
        self._pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        self._fields = dict(self._pairs)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def get(self, name: str, default: str = "") -> str:
        return self._fields.get(name, default)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]

    def flag(self, name: str, default: bool = False) -> bool:
        said = self.get(name).lower()
        return said == "true" if said in ("true", "false") else default

    def number(self, name: str, default: int, *, most: int = 10**9, code: int = 20422) -> int:
        said = self.get(name)
        if not said:
            return default
        if not said.isdigit() or int(said) > most:
            raise refused(code, f"{name} is not valid")
        return int(said)

    def url(self, name: str, code: int = 21205) -> str:
        """An absolute http address, or empty."""
        said = self.get(name)
        if said and (urlsplit(said).scheme not in ("http", "https") or not urlsplit(said).hostname):
            raise refused(code, f"{name} is not a valid URL")
        return said

    def method(self, name: str, default: str = "POST") -> str:
        said = self.get(name, default).upper() or default
        if said not in ("GET", "POST"):
            raise refused(21209, f"{name} is GET or POST")
        return said

    def report(self, prefix: str, events: tuple[str, ...], default: tuple[str, ...] = ("completed",)) -> Report | None:
        """The callback given by PREFIX, PREFIXMethod and PREFIXEvent."""
        url = self.url(prefix, 21609)
        if not url:
            return None
        asked = [word for said in self.all(f"{prefix}Event") for word in said.split()]
        if set(asked) - set(events):
            raise refused(21626, f"{prefix}Event is one of {', '.join(events)}")
        return Report(url, self.method(f"{prefix}Method"), tuple(asked) or default)
