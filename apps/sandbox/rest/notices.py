"""/Notifications, and the account itself."""

from __future__ import annotations

from typing import Any

from ..exchange.notices import Notice
from ..names import rfc2822
from .errors import missing
from .request import Ask, route


def account(ask: Ask) -> dict[str, Any]:
    settings = ask.network.settings
    parts = ("calls", "conferences", "queues", "recordings", "messages", "incoming_phone_numbers", "applications")
    camel = {name: "".join(word.title() for word in name.split("_")) for name in parts}
    return {
        "sid": settings.account_sid,
        "owner_account_sid": settings.account_sid,
        "friendly_name": "Sandbox",
        "auth_token": settings.auth_token,
        "status": "active",
        "type": "Full",
        "date_created": rfc2822(0),
        "date_updated": rfc2822(0),
        "uri": f"{ask.account}.json",
        "subresource_uris": {name: f"{ask.account}/{camel[name]}.json" for name in parts},
    }


def balance(ask: Ask) -> dict[str, Any]:
    return {"account_sid": ask.network.settings.account_sid, "balance": "0.00", "currency": "USD"}


def _show(ask: Ask, notice: Notice) -> dict[str, Any]:
    return {
        "sid": notice.sid,
        "account_sid": ask.network.settings.account_sid,
        "api_version": "2010-04-01",
        "call_sid": notice.call_sid,
        "error_code": str(notice.code),
        "log": notice.level,
        "message_date": rfc2822(notice.at),
        "message_text": notice.text,
        "more_info": f"https://www.twilio.com/docs/errors/{notice.code}",
        "request_method": "POST",
        "request_url": notice.url,
        "date_created": rfc2822(notice.at),
        "date_updated": rfc2822(notice.at),
        "uri": f"{ask.account}/Notifications/{notice.sid}.json",
    }


def listing(ask: Ask) -> dict[str, Any]:
    rows = list(reversed(ask.network.notices.rows.values()))
    if "call" in ask.parts:
        rows = [row for row in rows if row.call_sid == ask.call("call").sid]
    return ask.listed("notifications", rows, lambda row: _show(ask, row))


def fetch(ask: Ask) -> dict[str, Any]:
    notice = ask.network.notices.rows.get(ask.parts["sid"])
    if notice is None:
        raise missing(ask.path)
    details = {"request_variables": "", "response_headers": "", "response_body": ""}
    return _show(ask, notice) | details


ROUTES = [
    route(".json", GET=account),
    route("/Balance.json", GET=balance),
    route("/Notifications.json", GET=listing),
    route("/Notifications/{sid}.json", GET=fetch),
    route("/Calls/{call}/Notifications.json", GET=listing),
]
