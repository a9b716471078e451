"""What an operator's desk shows, from the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.db.models import Count, Q

from apps.calls.models import Call, SoundBucket, Transfer
from apps.campaigns.models import Preview
from apps.carrier.models import PhoneNumber
from apps.core import numbers
from apps.live import desk_call, history, whereabouts
from apps.live.whereabouts import Whereabouts
from apps.live.words import iso, number
from apps.operators.models import BreakReason, Engagement, MessageCopy, Operator
from apps.queues import filing, wording
from apps.queues import services as queues
from apps.queues.models import Offer, Queue, QueueEntry

RECENT = 10
_ON_A_CALL = (Engagement.Purpose.OFFER, Engagement.Purpose.DESK_CALL, Engagement.Purpose.CONSULT)
State = dict[str, Any]


def setup(operator: Operator) -> State:
    """What seldom changes: sent once, when the desk opens."""
    client = operator.team.client
    reasons = BreakReason.objects.filter(client=client, active=True)
    lines = PhoneNumber.objects.active().filter(client=client)
    return {
        "type": "setup",
        "break_reasons": [
            {"id": str(row.public_id), "name": row.name, "limit_seconds": row.limit_seconds} for row in reasons
        ],
        "numbers": [{"number": line.number, "label": line.label} for line in lines],
    }


def states(operator_ids: list[int]) -> dict[int, State]:
    """The desks of these operators, by key."""
    rows = Operator.objects.filter(pk__in=operator_ids).select_related("user", "team__client", "break_reason")
    engagements = {row.operator_id: row for row in Engagement.objects.open().filter(operator__in=operator_ids)}
    refs = [row.call_ref for row in engagements.values() if row.call_ref]
    calls = {call.public_id: call for call in Call.objects.filter(public_id__in=refs).select_related(*_WITH)}
    where = whereabouts.of(call for call in calls.values() if call.status == Call.Status.OPEN)
    unread, liked = _messages(operator_ids), _favourites(operator_ids)
    found = {}
    for operator in rows:
        engagement = engagements.get(operator.pk)
        call = calls.get(engagement.call_ref) if engagement else None
        found[operator.pk] = {
            "type": "state", "me": _me(operator, engagement), "offer": None, "call": None, "wrap_up": None,
            "recent": _recent(operator), "messages": unread[operator.pk], "favourites": liked[operator.pk],
            **_present(operator, engagement, call, where),
        }  # fmt: skip
    return found


def _favourites(operator_ids: list[int]) -> dict[int, list[str]]:
    """The colleagues whom each operator wants to see first."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Operator.objects.filter(pk__in=operator_ids, favourites__isnull=False).order_by("favourites")
    for operator_id, public_id in rows.values_list("pk", "favourites__public_id"):
        found[operator_id].append(str(public_id))
    return found


def _messages(operator_ids: list[int]) -> dict[int, list[State]]:
    """What supervisors wrote and was not read yet, by operator, the oldest first."""
    found: dict[int, list[State]] = defaultdict(list)
    copies = MessageCopy.objects.unread().filter(operator__in=operator_ids).select_related("message__by")
    for copy in copies.order_by("message__sent_at", "pk"):
        message = copy.message
        found[copy.operator_id].append({
            "id": str(message.public_id), "text": message.text, "sent_at": iso(message.sent_at),
            "by": message.by.display_name if message.by else "A supervisor",
        })  # fmt: skip
    return found


def concerned(call_ids: Iterable[int]) -> set[int]:
    """The operators whose desks show these calls: whom they hold, and who spoke last."""
    calls = list(Call.objects.filter(pk__in=call_ids).order_by().values_list("public_id", "operator"))
    held = Engagement.objects.open().filter(call_ref__in=[ref for ref, _operator in calls])
    spoke = {operator for _ref, operator in calls if operator is not None}
    return spoke | set(held.order_by().values_list("operator", flat=True))


_WITH = (
    "person", "phone_number", "disposition", "client", "operator__user", "operator__team", "colleague__user",
    "colleague__team",
)  # fmt: skip


def _me(operator: Operator, engagement: Engagement | None) -> State:
    reason = operator.break_reason
    return {
        "id": str(operator.public_id), "name": str(operator), "identity": operator.identity,
        "presence": operator.presence, "since": iso(operator.presence_since),
        "break": {"id": str(reason.public_id), "name": reason.name, "limit_seconds": reason.limit_seconds}
        if reason else None,
        "unreachable": iso(operator.unreachable_since), "unreachable_why": operator.unreachable_why,
        "fallback_phone": numbers.pretty(operator.fallback_phone) if operator.fallback_phone else "",
        "engagement": _held_by(engagement) if engagement else None,
        "help": {"since": iso(operator.help_since), "note": operator.help_note} if operator.help_since else None,
        "queues": [
            {
                "id": row.queue_id, "key": str(row.queue.public_id), "name": row.queue.name, "serving": row.active,
            }
            for row in queues.memberships_of(operator)
        ],
    }  # fmt: skip


def _held_by(engagement: Engagement) -> State:
    """`about`: the contact who is looked at before the call."""
    preview = None
    if engagement.purpose == Engagement.Purpose.PREVIEW:
        preview = Preview.objects.filter(engagement=engagement).select_related("target__contact").first()
    return {
        "purpose": engagement.purpose, "since": iso(engagement.since), "due_at": iso(engagement.due_at),
        "about": (preview.target.contact.name or numbers.pretty(preview.number)) if preview else "",
    }  # fmt: skip


def _present(
    operator: Operator, engagement: Engagement | None, call: Call | None, where: dict[int, Whereabouts]
) -> State:
    """The call that holds the operator: as an offer, as a conversation, or as one to wrap up."""
    if engagement is None:
        return {}
    if engagement.purpose == Engagement.Purpose.WRAP_UP:
        card = _card(call, None, operator) if call else None
        return {"wrap_up": {"since": iso(engagement.since), "due_at": iso(engagement.due_at), "call": card}}
    if engagement.purpose not in _ON_A_CALL or call is None or call.pk not in where:
        return {}
    offer = Offer.objects.ringing().filter(operator=operator).select_related("entry__queue", "entry__callback").first()
    if offer is not None:
        return {"offer": _offer(offer, call)}
    if engagement.purpose == Engagement.Purpose.CONSULT and (asked := desk_call.asked(call, operator)):
        return {"offer": _asked(asked, call, operator)}
    if call.colleague_id == operator.pk and call.answered_at is None:
        return {"offer": _called_by(call, operator)}
    return {"call": _card(call, where[call.pk], operator) | desk_call.of(call, operator)}


def _party(call: Call, operator: Operator) -> State:
    """Who is at the other end, as `operator` sees it: a customer, or a colleague."""
    if call.colleague is not None:
        other = call.operator if call.colleague_id == operator.pk else call.colleague
        team = other.team.name if other else ""
        return {"name": str(other or "A colleague"), "company": team, "number": "", "tags": []}
    person = call.person
    return {
        "name": person.name if person else "", "company": person.company if person else "", "number": number(call),
        "tags": sorted(person.tags.values_list("name", flat=True)) if person else [],
    }  # fmt: skip


def _offer(offer: Offer, call: Call) -> State:
    return _party(call, offer.operator) | {
        "id": str(offer.public_id), "call": str(call.public_id), "offered_at": iso(offer.offered_at),
        "waiting_since": iso(offer.entry.joined_at), "ring_seconds": offer.entry.queue.ring_seconds,
        "queue": {"id": offer.entry.queue_id, "name": offer.entry.queue.name}, "callback": _callback(offer.entry),
        "transfer": None, "history": history.of(call),
        "pop": _pop(offer.entry.queue, _facts(call, offer.entry.queue, offer.operator)),
    }  # fmt: skip


def _called_by(call: Call, operator: Operator) -> State:
    """A colleague calls this operator."""
    return _party(call, operator) | {
        "id": str(call.public_id), "call": str(call.public_id), "offered_at": iso(call.started_at),
        "waiting_since": iso(call.started_at), "ring_seconds": 0, "queue": None, "callback": None,
        "transfer": {"kind": "inside", "by": str(call.operator)}, "history": history.of(call), "pop": "",
    }  # fmt: skip


def _asked(transfer: Transfer, call: Call, operator: Operator) -> State:
    """A colleague asks to take this call over, or to join it."""
    entry = _entry_of(call)
    return _party(call, operator) | {
        "id": str(transfer.public_id), "call": str(call.public_id), "offered_at": iso(transfer.begun_at),
        "waiting_since": iso(call.started_at), "ring_seconds": transfer.leg.ring_seconds if transfer.leg else 0,
        "queue": {"id": entry.queue_id, "name": entry.queue.name} if entry else None,
        "callback": None, "transfer": desk_call.words_of(transfer), "history": history.of(call), "pop": "",
    }  # fmt: skip


def _callback(entry: QueueEntry | None) -> State | None:
    """What the desk says of a callback: when it was asked for, how often it was tried; None for other calls."""
    if entry is None or entry.kind != QueueEntry.Kind.CALLBACK:
        return None
    callback = entry.callback
    return {
        "asked_at": iso(callback.asked_at), "tries": callback.tries.filter(dialled_at__isnull=False).count(),
        "customer_first": entry.queue.callback_first == "customer",
    }  # fmt: skip


def _card(call: Call, where: Whereabouts | None, operator: Operator) -> State:
    entry = _entry_of(call)
    queue = entry.queue if entry else None
    facts = _facts(call, queue, operator)
    return _party(call, operator) | {
        "id": str(call.public_id), "direction": call.direction, "inside": call.colleague_id is not None,
        "queue": {"name": queue.name} if queue else None,
        "callback": _callback(entry),
        "our_label": call.phone_number.label if call.phone_number else "",
        "status": where.status if where else "over", "since": iso(where.since) if where else None,
        "held_since": iso(where.held_since) if where else None,
        "sound": _sound(call, operator),
        "started_at": iso(call.started_at), "answered_at": iso(call.answered_at), "note": call.note,
        "disposition": str(call.disposition.public_id) if call.disposition else None,
        "dispositions": [
            {
                "id": str(row.public_id), "name": row.name, "needs_note": row.needs_note,
                "parent": str(row.parent.public_id) if row.parent else None,
            }
            for row in (filing.dispositions_of(call, queue) if call.colleague_id is None else [])
        ],
        "disposition_required": bool(queue and queue.disposition_required),
        "fields": [asdict(field) for field in filing.fields_of(queue)], "answers": call.answers,
        "script": wording.fill(queue.script, facts) if queue else "", "pop": _pop(queue, facts),
        "history": history.of(call),
    }  # fmt: skip


def _sound(call: Call, operator: Operator) -> str:
    """What is wrong with the sound of the operator's line, as last measured; empty when nothing is."""
    lines = call.legs.open().filter(operator=operator)
    return next((row.complaint for row in SoundBucket.objects.filter(leg__in=lines).newest() if row.complaint), "")


def _facts(call: Call, queue: Queue | None, operator: Operator) -> dict[str, str]:
    """What scripts and addresses of other systems are filled with."""
    person = call.person
    return {
        "name": person.name if person else "", "company": person.company if person else "",
        "number": call.customer_number, "queue": queue.name if queue else "", "operator": str(operator),
        "our_number": call.our_number, "call": str(call.public_id),
        "tags": ", ".join(sorted(person.tags.values_list("name", flat=True))) if person else "",
    }  # fmt: skip


def _pop(queue: Queue | None, facts: dict[str, str]) -> str:
    return wording.fill_address(queue.pop_address, facts) if queue and queue.pop_address else ""


def _entry_of(call: Call) -> QueueEntry | None:
    rows = QueueEntry.objects.filter(call=call).select_related("queue", "callback")
    return rows.order_by("-joined_at").first()


def _recent(operator: Operator) -> list[State]:
    mine = Q(operator=operator) | Q(colleague=operator)
    calls = Call.objects.filter(mine, status=Call.Status.OVER).select_related(*_WITH)
    return [
        {
            "id": str(call.public_id), **_other_end(call, operator),
            "direction": Call.Direction.INBOUND if call.colleague_id == operator.pk else call.direction,
            "callable": _callable(call), "colleague": _colleague_to_call(call, operator),
            "outcome": call.get_outcome_display(), "person": str(call.person.public_id) if call.person else None,
            "started_at": iso(call.started_at), "answered_at": iso(call.answered_at), "ended_at": iso(call.ended_at),
        }
        for call in calls.order_by("-started_at")[:RECENT]
    ]  # fmt: skip


def _other_end(call: Call, operator: Operator) -> State:
    """Name and number of the last calls' other end, without a query for each of them."""
    if call.colleague is None:
        return {"name": call.person.name if call.person else "", "number": number(call)}
    return {"name": str((call.operator if call.colleague_id == operator.pk else call.colleague) or ""), "number": ""}


def _colleague_to_call(call: Call, operator: Operator) -> str | None:
    """The colleague at the other end, to call again."""
    if call.colleague is None:
        return None
    other = call.operator if call.colleague_id == operator.pk else call.colleague
    return str(other.public_id) if other else None


def _callable(call: Call) -> str:
    """The number to call back; empty for a withheld one or somebody who asked not to be called."""
    if call.person is not None and call.person.do_not_call:
        return ""
    return call.customer_number if numbers.validate_e164.regex.match(call.customer_number) else ""


def waiting() -> dict[int, int]:
    """Callers on the line by queue key; queues with nobody are left out."""
    rows = (
        QueueEntry.objects.in_line()
        .filter(kind=QueueEntry.Kind.LIVE)
        .order_by()
        .values("queue")
        .annotate(callers=Count("pk"))
    )
    return dict(rows.values_list("queue", "callers"))
