"""/IncomingPhoneNumbers and /Applications: where a call asks what to do."""

from __future__ import annotations

import re
from typing import Any

from ..exchange.numbers import Addresses, Application, Number
from ..names import formatted, is_number, rfc2822
from .errors import missing, refused
from .request import Ask, creates, route

URLS = {
    "VoiceUrl",
    "VoiceFallbackUrl",
    "StatusCallback",
    "SmsUrl",
    "SmsFallbackUrl",
    "SmsStatusCallback",
    "MessageStatusCallback",
}
METHODS = {"VoiceMethod", "VoiceFallbackMethod", "StatusCallbackMethod", "SmsMethod", "SmsFallbackMethod"}
OTHERS = {"FriendlyName", "VoiceApplicationSid", "SmsApplicationSid", "TrunkSid"}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _changes(ask: Ask) -> dict[str, Any]:
    form = ask.form
    changes: dict[str, Any] = {_snake(name): form.url(name) for name in URLS if name in form}
    changes |= {_snake(name): form.method(name) for name in METHODS if name in form}
    changes |= {_snake(name): form.get(name) for name in OTHERS if name in form}
    if "VoiceCallerIdLookup" in form:
        changes["voice_caller_id_lookup"] = form.flag("VoiceCallerIdLookup")
    return changes


def _common(row: Addresses, kind: str) -> dict[str, Any]:
    account = row.network.settings.account_sid
    fields = {name: None if name.endswith("_sid") and not value else value for name, value in row.fields.items()}
    return fields | {
        "sid": row.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "date_created": rfc2822(row.created),
        "date_updated": rfc2822(row.updated),
        "uri": f"/2010-04-01/Accounts/{account}/{kind}/{row.sid}.json",
    }


def show_number(row: Number) -> dict[str, Any]:
    return _common(row, "IncomingPhoneNumbers") | {
        "phone_number": row.phone_number,
        "address_sid": None,
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "identity_sid": None,
        "origin": "twilio",
        "voice_receive_mode": "voice",
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "bundle_sid": None,
        "status": "in-use",
        "type": "local",
    }


def show_application(row: Application) -> dict[str, Any]:
    shown = _common(row, "Applications") | {"public_application_connect_enabled": False}
    return {"message_status_callback": None, "sms_status_callback": None} | shown


@creates
def buy(ask: Ask) -> dict[str, Any]:
    wanted = ask.form.get("PhoneNumber")
    if not wanted and ask.form.get("AreaCode"):
        wanted = f"+1{ask.form.get('AreaCode')}555{len(ask.network.numbers.rows):04d}"
    if not is_number(wanted):
        raise refused(21421)
    if ask.network.numbers.by_number(wanted) is not None:
        raise refused(21422, "This number is yours already")
    changes = _changes(ask)
    number = ask.network.numbers.buy(wanted)
    number.update({"friendly_name": formatted(wanted)} | changes)
    return show_number(number)


def numbers(ask: Ask) -> dict[str, Any]:
    rows = list(reversed(ask.network.numbers.rows.values()))
    if ask.query.get("PhoneNumber"):
        wanted = ask.query["PhoneNumber"].replace("*", "")
        rows = [row for row in rows if wanted in row.phone_number]
    if ask.query.get("FriendlyName"):
        rows = [row for row in rows if row.fields["friendly_name"] == ask.query["FriendlyName"]]
    return ask.listed("incoming_phone_numbers", rows, show_number)


def number(ask: Ask) -> dict[str, Any]:
    return show_number(_number(ask))


def change_number(ask: Ask) -> dict[str, Any]:
    row = _number(ask)
    row.update(_changes(ask))
    return show_number(row)


def release(ask: Ask) -> None:
    del ask.network.numbers.rows[_number(ask).sid]


def _number(ask: Ask) -> Number:
    row = ask.network.numbers.rows.get(ask.parts["sid"])
    if row is None:
        raise missing(ask.path)
    return row


@creates
def open_application(ask: Ask) -> dict[str, Any]:
    changes = _changes(ask)
    row = ask.network.applications.open(ask.form.get("FriendlyName"))
    row.update(changes)
    return show_application(row)


def applications(ask: Ask) -> dict[str, Any]:
    rows = list(reversed(ask.network.applications.rows.values()))
    if ask.query.get("FriendlyName"):
        rows = [row for row in rows if row.fields["friendly_name"] == ask.query["FriendlyName"]]
    return ask.listed("applications", rows, show_application)


def application(ask: Ask) -> dict[str, Any]:
    return show_application(_application(ask))


def change_application(ask: Ask) -> dict[str, Any]:
    row = _application(ask)
    row.update(_changes(ask))
    return show_application(row)


def close_application(ask: Ask) -> None:
    del ask.network.applications.rows[_application(ask).sid]


def _application(ask: Ask) -> Application:
    row = ask.network.applications.rows.get(ask.parts["sid"])
    if row is None:
        raise missing(ask.path)
    return row


ROUTES = [
    route("/IncomingPhoneNumbers.json", GET=numbers, POST=buy),
    route("/IncomingPhoneNumbers/{sid}.json", GET=number, POST=change_number, DELETE=release),
    route("/Applications.json", GET=applications, POST=open_application),
    route("/Applications/{sid}.json", GET=application, POST=change_application, DELETE=close_application),
]
