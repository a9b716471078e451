"""What a line hears next: one function for each question of the carrier. `documents.stand` answers from the rows."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg, Room
from apps.campaigns import conversation
from apps.carrier.incoming import CarrierEvent
from apps.carrier.models import PhoneNumber
from apps.carrier.verbs import Hangup, Leave, Say, Verb
from apps.carrier.webhook import UnknownSubject
from apps.core import clock
from apps.core.refused import Refused
from apps.ivr import services as ivr
from apps.notify import services as notify
from apps.people import services as people
from apps.queues import asking
from apps.queues import services as queues
from apps.routing import services as routing
from apps.switchboard import dialogue, documents, lines, pickup, words
from apps.switchboard.entrances import enter, follow, strand

HERE, CLOSED, NOBODY = "here", "closed", "nobody"  # why a line was redirected


def begin(event: CarrierEvent) -> list[Verb]:
    """A call comes in: find whose it is and who calls, decide where it goes, and send it there."""
    number = PhoneNumber.objects.active().filter(number=event.to).select_related("client", "destination__flow").first()
    if number is None:
        notify.warn(
            f"switchboard.unknown-number:{event.to}", f"A call came for {event.to}, which is none of our numbers."
        )
        return words.good_bye(words.NOT_IN_USE)
    if Leg.objects.filter(sid=event.call_sid).exists():
        known = Leg.objects.select_related("call__client").get(sid=event.call_sid)
        event.call_ref = known.call.public_id
        return documents.stand(known.call, known)
    call = calls.open_call(
        number.client, direction=Call.Direction.INBOUND, customer_number=event.from_, our_number=number.number,
        phone_number=number, person=people.find_by_number(number.client, event.from_),
    )  # fmt: skip
    leg = calls.receive_leg(
        call, sid=event.call_sid, address=event.from_, status=event.call_status,
        call_token=event.params.get("CallToken", ""),
    )  # fmt: skip
    event.call_ref = call.public_id
    decision = routing.route(call)
    if decision.destination is None:
        return strand(call, decision.sentence, key=f"number:{number.pk}")
    return enter(call, leg, decision.destination)


def take_step(event: CarrierEvent, leg: Leg, n: int, action: str) -> list[Verb]:
    """The carrier reports how the last document went. Each address serves one step: a stale one changes nothing."""
    call = lines.lock(leg)
    event.call_ref = call.public_id
    if not Leg.objects.filter(pk=leg.pk, step=n).update(step=F("step") + 1):
        raise UnknownSubject("This step is over.")
    leg.step = n + 1
    hear(event, leg)
    if call.status == Call.Status.OVER:
        return [Hangup()]
    name, _, tries = action.partition(".")
    if name in _DIALOGUE:
        said = _DIALOGUE[name](event, call, leg, int(tries))
        return documents.stand(call, leg) if said is None else said
    return _STEPS[name](event, call, leg)


def hear(event: CarrierEvent, leg: Leg) -> None:
    """Each request tells the line's status as well; an incoming line's answer is told in no other way."""
    reported = event.call_status
    if reported and state.may_move(leg.status, state.heard_as(reported)):
        calls.advance(leg, reported)


def _menu(event: CarrierEvent, call: Call, leg: Leg) -> list[Verb]:
    visit = call.visits.open().first()
    if visit is None:
        return documents.stand(call, leg)
    return follow(call, leg, ivr.hear(visit, event.digits, event.speech, left_message=bool(event.recording_sid)))


def _queue(event: CarrierEvent, call: Call, leg: Leg) -> list[Verb]:
    """The carrier's queue let the caller go. Redirected by us, or hung up: the matter is settled elsewhere."""
    if event.queue_result == "leave":
        return documents.stand(call, leg)  # a key was pressed: the rows say where to
    entry = call.queue_entries.in_line().select_related("queue__overflow").first()
    if event.queue_result in {"queue-full", "error", "system-error"} and entry is not None:
        queues.overflow(entry)
        return enter(call, leg, entry.queue.overflow)
    return []


def _room(event: CarrierEvent, call: Call, leg: Leg) -> list[Verb]:
    """The line left its room. The customer goes on to wherever the rows say; everybody else is done."""
    if leg.role == Leg.Role.CUSTOMER:
        return documents.stand(call, leg)
    if event.call_status == state.IN_PROGRESS:
        # The room ended around it, and we end the line: whoever hears of its end first must not take it for lost, nor
        # the customer, of whose hanging up we may hear last, for one who is left alone.
        Leg.objects.filter(pk=leg.pk, hang_up_asked_at__isnull=True).update(hang_up_asked_at=clock.now())
        Room.objects.filter(pk=leg.room_id, ended_at__isnull=True).update(ended_at=clock.now())
    return [Hangup()]


def _dialled(event: CarrierEvent, call: Call, leg: Leg) -> list[Verb]:
    """The outside number was dialled from the customer's line."""
    if event.dial_status in {"completed", "answered"}:
        call.fate = Call.Outcome.OVERFLOW
        call.save(update_fields=["fate"])
        return [Hangup()]
    call.fate = Call.Outcome.NO_ANSWER
    call.save(update_fields=["fate"])
    return words.good_bye(words.NO_ANSWER, call.language)


_STEPS = {"menu": _menu, "queue": _queue, "room": _room, "dialled": _dialled, "take": pickup.take}
_DIALOGUE = {dialogue.CONFIRM: dialogue.confirm, dialogue.NUMBER: dialogue.number}


def choose(event: CarrierEvent, leg: Leg, entry_id: UUID, n: int) -> list[Verb]:
    """A caller in line pressed a key, or nothing. The answer still belongs to the line: only its verbs are allowed.

    Who chose leaves the line; then the line's own step asks where to go on.
    """
    call = lines.lock(leg)
    event.call_ref = call.public_id
    rows = call.queue_entries.select_related("queue__client", "call__client")
    entry = rows.filter(public_id=entry_id).first()
    if entry is None or leg.step != n:
        raise UnknownSubject("This step is over.")
    entry.call = call
    if not event.digits:
        return documents.waiting(entry)
    try:
        choice = asking.choose(entry, event.digits)
    except Refused:
        entry.refresh_from_db(fields=["status"])  # an operator was faster, or the carrier asks once more
        return documents.waiting(entry)
    if choice is None:
        return documents.waiting(entry, words.NO_SUCH_KEY)
    return [Leave()]


def resume(event: CarrierEvent, leg: Leg, what: str) -> list[Verb]:
    """A line that we redirected asks where it stands; the rows decide, so that late redirects do no harm."""
    call = lines.lock(leg)
    event.call_ref = call.public_id
    Leg.objects.filter(pk=leg.pk).update(step=F("step") + 1, uncertain=False, heard_at=clock.now())
    leg.step += 1
    hear(event, leg)
    if what == NOBODY and not call.queue_entries.open().exists():
        return words.good_bye(conversation.nobody_free(call), call.language)
    if what != CLOSED:
        return documents.stand(call, leg)
    told = Say(words.CLOSED_MEANWHILE, language=call.language)
    return [told, *documents.stand(call, leg)] if call.heading_id else [told, Hangup()]


def rescue(event: CarrierEvent) -> list[Verb]:
    """The carrier could not use our document. Who waits keeps the place; everybody else gets an apology."""
    code = str(event.error_code or "")
    notify.warn(
        f"switchboard.fallback:{code}", f"The carrier could not use an answer of ours (code {code}). See its requests."
    )
    leg = Leg.objects.filter(sid=event.call_sid).select_related("call__client").first()
    if leg is None:
        return words.good_bye(words.UNREACHABLE)
    call = lines.lock(leg)
    event.call_ref = call.public_id
    calls.record(call, "switchboard.rescued", code=code)
    Leg.objects.filter(pk=leg.pk).update(step=F("step") + 1)
    leg.step += 1
    if call.status == Call.Status.OPEN and call.queue_entries.open().exists():
        return documents.stand(call, leg)
    call.fate = call.fate or Call.Outcome.FAILED
    call.save(update_fields=["fate"])
    return words.good_bye(words.UNREACHABLE, call.language)
