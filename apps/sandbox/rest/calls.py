"""/Calls: make, look at, redirect, hang up."""

from __future__ import annotations

from typing import Any

from ..exchange.calls import FINAL, Call, Documents, Report
from ..exchange.detection import Detection, outbound
from ..exchange.recordings import Wanted
from ..names import formatted, is_number, rfc2822
from ..twiml.outcome import Inline, Jump
from .errors import refused
from .forms import CALL_EVENTS
from .request import Ask, creates, route

MAGIC_TO = {"+15005550001": 21217, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216}
PARTS = (
    "notifications",
    "recordings",
    "payments",
    "events",
    "siprec",
    "streams",
    "transcriptions",
    "user_defined_message_subscriptions",
    "user_defined_messages",
)
CAMEL = {name: "".join(word.title() for word in name.split("_")) for name in PARTS}


def show(call: Call) -> dict[str, Any]:
    account = call.network.settings.account_sid
    uri = f"/2010-04-01/Accounts/{account}/Calls/{call.sid}"
    answered = call.status == "completed" and call.seconds is not None
    return {
        "sid": call.sid,
        "account_sid": account,
        "parent_call_sid": call.parent_sid,
        "to": call.to,
        "to_formatted": formatted(call.to),
        "from": call.from_,
        "from_formatted": formatted(call.from_),
        "phone_number_sid": call.number_sid,
        "status": call.status,
        "start_time": rfc2822(call.started or (call.created if call.status in FINAL else None)),
        "end_time": rfc2822(call.ended),
        "duration": str(call.seconds) if answered else None,
        "price": None,
        "price_unit": "USD",
        "direction": call.direction,
        "answered_by": call.answered_by,
        "api_version": "2010-04-01",
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(call.queue_ms),
        "trunk_sid": None,
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.updated),
        "uri": f"{uri}.json",
        "subresource_uris": {name: f"{uri}/{CAMEL[name]}.json" for name in PARTS},
    }


def parties(ask: Ask) -> tuple[str, str]:
    """From and To, checked as Twilio checks them."""
    form, to, from_ = ask.form, ask.form.get("To"), ask.form.get("From")
    if not to:
        raise refused(21201)
    if to in MAGIC_TO:
        raise refused(MAGIC_TO[to], f"The 'To' number {to} cannot be called")
    if not to.startswith(("client:", "sip:")) and not is_number(to):
        raise refused(21217)
    if to == "client:":
        raise refused(21211 if form.get("To") else 21201)
    if not from_:
        raise refused(21213)
    if from_ == "+15005550001" or not (is_number(from_) or from_.startswith(("client:", "sip:"))):
        raise refused(21212)
    if is_number(from_) and from_ != "+15005550006" and not ask.network.may_show(from_, form.get("CallToken")):
        raise refused(21210)
    return from_, to


@creates
def create(ask: Ask) -> dict[str, Any]:
    form, network = ask.form, ask.network
    from_, to = parties(ask)
    documents, report = _program(ask)
    call = Call(network, from_=from_, to=to, direction="outbound-api", documents=documents, report=report)
    call.detection = detection(ask, "AsyncAmdStatusCallback")
    call.time_limit = form.number("TimeLimit", call.time_limit, most=86_400)
    call.program = outbound
    if form.flag("Record"):
        report_to = form.report("RecordingStatusCallback", ("in-progress", "completed", "absent"))
        channels = 2 if form.get("RecordingChannels") == "dual" else 1
        wanted = Wanted("OutboundAPI", channels, form.get("RecordingTrack", "both"), report_to)
        call.on_answer.append(lambda: network.recordings.start(wanted, call=call))
    digits = form.get("SendDigits")
    if len(digits) > 32 or set(digits) - set("0123456789ABCDabcd#*wW"):
        raise refused(21206, "SendDigits is not valid")
    network.place(call, timeout=form.number("Timeout", 60, most=600, code=21208))
    return show(call)


def detection(ask: Ask, callback: str) -> Detection | None:
    """MachineDetection and its companions; SendDigits switches it off."""
    form = ask.form
    kind = form.get("MachineDetection")
    if not kind or form.get("SendDigits"):
        return None
    if kind not in ("Enable", "DetectMessageEnd"):
        raise refused(21234, "MachineDetection is Enable or DetectMessageEnd")
    return Detection(
        until_end=kind == "DetectMessageEnd",
        asynchronous=form.flag("AsyncAmd"),
        url=form.url(callback),
        method=form.method(f"{callback}Method"),
        timeout=form.number("MachineDetectionTimeout", 30, most=60, code=21263),
    )


def _program(ask: Ask) -> tuple[Documents, Report | None]:
    form = ask.form
    if form.get("ApplicationSid"):
        application = ask.network.applications.rows.get(form.get("ApplicationSid"))
        if application is None:
            raise refused(21218, "ApplicationSid is not valid")
        return application.voice(), application.report()
    url, twiml = form.url("Url"), form.get("Twiml")
    if not url and not twiml:
        raise refused(21205, "Url, Twiml or ApplicationSid is required")
    if len(twiml) > 4000:
        raise refused(32018, "Twiml is longer than 4000 characters")
    documents = Documents(
        url=url,
        method=form.method("Method"),
        fallback_url=form.url("FallbackUrl"),
        fallback_method=form.method("FallbackMethod"),
        twiml=twiml,
    )
    return documents, form.report("StatusCallback", CALL_EVENTS)


def listing(ask: Ask) -> dict[str, Any]:
    rows = list(reversed(ask.network.calls.values()))
    for field, name in (("To", "to"), ("From", "from_"), ("ParentCallSid", "parent_sid"), ("Status", "status")):
        if ask.query.get(field):
            rows = [call for call in rows if getattr(call, name) == ask.query[field]]
    rows = ask.dated(rows, "StartTime", lambda call: call.started or call.created)
    rows = ask.dated(rows, "EndTime", lambda call: call.ended)
    return ask.listed("calls", rows, show)


def fetch(ask: Ask) -> dict[str, Any]:
    return show(ask.call())


def update(ask: Ask) -> dict[str, Any]:
    call, form = ask.call(), ask.form
    url, twiml, status = form.url("Url"), form.get("Twiml"), form.get("Status")
    if url and twiml:
        raise refused(20422, "Send Url or Twiml, not both")
    if len(twiml) > 4000:
        raise refused(32018, "Twiml is longer than 4000 characters")
    if not call.open:
        raise refused(21220)
    if "StatusCallback" in form:
        call.report = form.report("StatusCallback", CALL_EVENTS) or Report()
    if form.get("TimeLimit"):
        call.limit(form.number("TimeLimit", 14_400))
    if "FallbackUrl" in form:
        call.documents.fallback_url = form.url("FallbackUrl")
        call.documents.fallback_method = form.method("FallbackMethod")
    if status:
        _end(call, status)
    elif url or twiml:
        if not (call.talking or call.direction == "inbound"):
            raise refused(21220)
        call.answer()
        runner = call.network.runner(call)
        call.redirect(runner.visit(Jump(url, form.method("Method")) if url else Inline(twiml)))
    return show(call)


def _end(call: Call, status: str) -> None:
    if status not in ("canceled", "completed"):
        raise refused(20422, "Status is canceled or completed")
    if call.talking and status == "canceled":
        raise refused(21220, "Call is in-progress. It can be completed, not canceled.")
    call.end("completed" if call.talking else "canceled", by="api")


def delete(ask: Ask) -> None:
    call = ask.call()
    if call.open:
        raise refused(20009)
    del ask.network.calls[call.sid]


def events(ask: Ask) -> dict[str, Any]:
    """The requests made for this call and what was answered."""
    call = ask.call("call")
    rows = [_Event(entry) for entry in ask.network.journal.after(0, 10**6) if entry["sid"] == call.sid]
    return ask.listed("events", rows, lambda row: row.view())


class _Event:
    def __init__(self, entry: dict[str, Any]) -> None:
        self.sid, self.entry = str(entry["id"]), entry

    def view(self) -> dict[str, Any]:
        entry = self.entry
        return {
            "request": {"method": entry["method"], "url": entry["url"], "parameters": entry["params"]},
            "response": {
                "response_code": entry["status"],
                "request_duration": entry["ms"],
                "response_body": entry["answer"],
            },
        }


ROUTES = [
    route("/Calls.json", GET=listing, POST=create),
    route("/Calls/{call}/Events.json", GET=events),
    route("/Calls/{sid}.json", GET=fetch, POST=update, DELETE=delete),
]
