"""Text messages: accepted, sent, delivered, each with its callback."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..names import new_sid

if TYPE_CHECKING:
    from .network import Network

PROGRESS = ((0.0, "sending"), (0.5, "sent"), (1.5, "delivered"))


class Message:
    def __init__(self, network: Network, *, from_: str, to: str, body: str, media: list[str], callback: str) -> None:
        self.network = network
        self.sid = new_sid("SM")
        self.from_, self.to, self.body, self.media, self.callback = from_, to, body, media, callback
        self.status = "queued"
        self.created = self.updated = network.clock.now()
        self.sent: float | None = None

    @property
    def segments(self) -> int:
        """160 letters in one message, 153 in each of several; 70 and 67 beyond plain letters."""
        plain = self.body.isascii()
        one, many = (160, 153) if plain else (70, 67)
        return 1 if len(self.body) <= one else -(-len(self.body) // many)

    def become(self, status: str) -> None:
        self.status = status
        self.updated = self.network.clock.now()
        if status == "sent":
            self.sent = self.updated
        self.network.fact(f"message.{status}", message=self.sid, to=self.to)
        if self.callback:
            said = {"MessageSid": self.sid, "SmsSid": self.sid, "MessageStatus": status, "SmsStatus": status}
            address = {"To": self.to, "From": self.from_, "AccountSid": self.network.settings.account_sid}
            params = said | address | {"ApiVersion": "2010-04-01"}
            self.network.webhooks.tell(self.callback, "POST", params, kind=f"message.{status}", sid=self.sid)


class Messages:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.rows: dict[str, Message] = {}

    def send(self, *, from_: str, to: str, body: str, media: list[str], callback: str) -> Message:
        message = Message(self.network, from_=from_, to=to, body=body, media=media, callback=callback)
        self.rows[message.sid] = message
        self.network.fact("message.queued", message=message.sid, to=to, body=body)
        for seconds, status in PROGRESS:
            self.network.clock.later(seconds, lambda status=status: message.become(status))  # type: ignore[misc]
        return message

    def clear(self) -> None:
        self.rows.clear()
