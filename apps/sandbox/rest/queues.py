"""/Queues and their members."""

from __future__ import annotations

from typing import Any

from ..exchange.queues import Entry, Queue
from ..names import rfc2822
from ..twiml.outcome import Jump
from .errors import missing, refused
from .request import Ask, creates, route


def show(queue: Queue) -> dict[str, Any]:
    account = queue.network.settings.account_sid
    return {
        "sid": queue.sid,
        "account_sid": account,
        "friendly_name": queue.friendly_name,
        "current_size": len(queue.entries),
        "max_size": queue.max_size,
        "average_wait_time": queue.average_wait,
        "date_created": rfc2822(queue.created),
        "date_updated": rfc2822(queue.updated),
        "uri": f"/2010-04-01/Accounts/{account}/Queues/{queue.sid}.json",
    }


def show_member(entry: Entry) -> dict[str, Any]:
    queue = entry.queue
    account = queue.network.settings.account_sid
    return {
        "call_sid": entry.call.sid,
        "queue_sid": queue.sid,
        "date_enqueued": rfc2822(entry.since),
        "position": entry.position,
        "wait_time": entry.seconds,
        "uri": f"/2010-04-01/Accounts/{account}/Queues/{queue.sid}/Members/{entry.call.sid}.json",
    }


@creates
def create(ask: Ask) -> dict[str, Any]:
    name = ask.form.get("FriendlyName")
    if not name or len(name) > 64:
        raise refused(20422, "FriendlyName is required and has at most 64 letters")
    if ask.network.queues.by_name(name) is not None:
        raise refused(22003, "A queue of this name exists")
    size = ask.form.number("MaxSize", ask.network.settings.queue_size, most=5000)
    return show(ask.network.queues.open(name, size))


def listing(ask: Ask) -> dict[str, Any]:
    return ask.listed("queues", list(reversed(ask.network.queues.rows.values())), show)


def fetch(ask: Ask) -> dict[str, Any]:
    return show(_queue(ask))


def update(ask: Ask) -> dict[str, Any]:
    queue = _queue(ask)
    queue.friendly_name = ask.form.get("FriendlyName") or queue.friendly_name
    queue.max_size = ask.form.number("MaxSize", queue.max_size, most=5000)
    queue.updated = ask.network.clock.now()
    return show(queue)


def delete(ask: Ask) -> None:
    queue = _queue(ask)
    if queue.entries:
        raise refused(22002, "The queue is not empty")
    del ask.network.queues.rows[queue.sid]


def members(ask: Ask) -> dict[str, Any]:
    return ask.listed("queue_members", list(_queue(ask).entries), show_member)


def member(ask: Ask) -> dict[str, Any]:
    return show_member(_member(ask))


def dequeue(ask: Ask) -> dict[str, Any]:
    """Out of the queue, and on with the document at Url."""
    entry = _member(ask)
    url = ask.form.url("Url")
    if not url:
        raise refused(21205, "Url is required")
    shown = show_member(entry)
    runner = ask.network.runner(entry.call)
    entry.call.redirect(runner.visit(Jump(url, ask.form.method("Method"), kind="dequeue")))
    return shown


def _queue(ask: Ask) -> Queue:
    queue = ask.network.queues.rows.get(ask.parts["queue"])
    if queue is None:
        raise missing(ask.path)
    return queue


def _member(ask: Ask) -> Entry:
    entries, name = _queue(ask).entries, ask.parts["call"]
    found = entries[:1] if name == "Front" else [each for each in entries if each.call.sid == name]
    if not found:
        raise missing(ask.path)
    return found[0]


ROUTES = [
    route("/Queues.json", GET=listing, POST=create),
    route("/Queues/{queue}/Members.json", GET=members),
    route("/Queues/{queue}/Members/{call}.json", GET=member, POST=dequeue),
    route("/Queues/{queue}.json", GET=fetch, POST=update, DELETE=delete),
]
