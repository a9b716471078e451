"""/Messages: text messages."""

from __future__ import annotations

from typing import Any

from ..exchange.messages import Message
from ..names import is_number, rfc2822
from .errors import missing, refused
from .request import Ask, creates, route

MAGIC_TO = {"+15005550001": 21211, "+15005550004": 21610, "+15005550009": 21614}
MAGIC_FROM = {"+15005550007": 21606, "+15005550008": 21611}


def show(message: Message) -> dict[str, Any]:
    account = message.network.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "messaging_service_sid": None,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "status": message.status,
        "direction": "outbound-api",
        "num_segments": str(message.segments),
        "num_media": str(len(message.media)),
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "error_message": None,
        "date_created": rfc2822(message.created),
        "date_updated": rfc2822(message.updated),
        "date_sent": rfc2822(message.sent),
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json", "feedback": f"{uri}/Feedback.json"},
    }


@creates
def create(ask: Ask) -> dict[str, Any]:
    form, network = ask.form, ask.network
    to, from_, body = form.get("To"), form.get("From"), form.get("Body")
    if not to:
        raise refused(21604, "'To' is required")
    if to in MAGIC_TO or from_ in MAGIC_FROM:
        raise refused(MAGIC_TO.get(to) or MAGIC_FROM[from_], "The message cannot be sent")
    if not is_number(to):
        raise refused(21211, "The 'To' number is not a valid phone number")
    if not from_ or (from_ != "+15005550006" and network.numbers.by_number(from_) is None):
        raise refused(21606 if from_ else 21603, "'From' must be one of the account's numbers")
    if not body and not form.all("MediaUrl"):
        raise refused(21602, "A message needs a body or a media URL")
    if len(body) > 1600:
        raise refused(21617, "The body is longer than 1600 characters")
    callback = form.url("StatusCallback", 21609)
    message = network.messages.send(from_=from_, to=to, body=body, media=form.all("MediaUrl"), callback=callback)
    return show(message)


def listing(ask: Ask) -> dict[str, Any]:
    rows = list(reversed(ask.network.messages.rows.values()))
    for field, name in (("To", "to"), ("From", "from_")):
        if ask.query.get(field):
            rows = [row for row in rows if getattr(row, name) == ask.query[field]]
    return ask.listed("messages", ask.dated(rows, "DateSent", lambda row: row.sent), show)


def fetch(ask: Ask) -> dict[str, Any]:
    return show(_message(ask))


def update(ask: Ask) -> dict[str, Any]:
    """An empty Body blots the text out; Status=canceled only helps before it is sent."""
    message = _message(ask)
    if ask.form.get("Status") == "canceled":
        raise refused(20422, "The message is on its way")
    if "Body" in ask.form and not ask.form.get("Body"):
        message.body = ""
    return show(message)


def delete(ask: Ask) -> None:
    del ask.network.messages.rows[_message(ask).sid]


def _message(ask: Ask) -> Message:
    message = ask.network.messages.rows.get(ask.parts["sid"])
    if message is None:
        raise missing(ask.path)
    return message


ROUTES = [
    route("/Messages.json", GET=listing, POST=create),
    route("/Messages/{sid}.json", GET=fetch, POST=update, DELETE=delete),
]
