"""A line was picked up that we dialled, or that an operator's desk placed: what it hears, and whom it meets."""

from __future__ import annotations

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg
from apps.campaigns import conversation
from apps.campaigns.models import Attempt
from apps.carrier import callbacks
from apps.carrier.incoming import CarrierEvent
from apps.carrier.verbs import Gather, Hangup, Say, Verb
from apps.carrier.webhook import UnknownSubject
from apps.core.refused import Refused
from apps.queues import callback_care
from apps.queues import callbacks as queue_callbacks
from apps.queues import services as queues
from apps.queues.models import CallbackTry
from apps.switchboard import documents, lines, meeting, words
from apps.switchboard.entrances import enter


def answered(event: CarrierEvent, leg: Leg) -> list[Verb]:
    """A line that we asked for was picked up: bring it together with the others of its call."""
    call = lines.lock(leg)
    event.call_ref = call.public_id
    if not calls.bind(leg, event.call_sid):
        return [Hangup()]
    calls.advance(leg, state.IN_PROGRESS)
    attempt = queue_callbacks.running(call)
    if call.status == Call.Status.OVER or leg.hang_up_asked_at:
        mine = leg.role == Leg.Role.OPERATOR or attempt is None
        return words.good_bye(words.CALLER_GONE if mine else words.CALL_AGAIN, call.language)
    if leg.operator is not None and not leg.is_at_a_desk:
        return _ask_on_the_phone(call, leg)
    return _let_in(event, call, leg, attempt)


def _let_in(event: CarrierEvent, call: Call, leg: Leg, attempt: CallbackTry | None) -> list[Verb]:
    if leg.role == Leg.Role.OPERATOR and hasattr(leg, "offer"):
        return _operator_answered(call, leg, attempt)
    if leg.role != Leg.Role.CUSTOMER:
        return meeting.answered(call, leg)
    if contacted := conversation.running(call):
        return _contact_answered(event, call, leg, contacted)
    hello = _customer_reached(call, attempt)
    return [*hello, *documents.in_room(leg)]


def _contact_answered(event: CarrierEvent, call: Call, leg: Leg, attempt: Attempt) -> list[Verb]:
    """A contact of a campaign picked up, or a machine did: on to the operators, the menu or the message."""
    attempt.call = call
    turn = conversation.answered(attempt, answered_by=event.params.get("AnsweredBy", ""))
    if turn.destination is None:
        return words.good_bye(turn.text, call.language)
    return enter(call, leg, turn.destination)


def _customer_reached(call: Call, attempt: CallbackTry | None) -> list[Verb]:
    """The customer of an outgoing call picked up: they meet their operator, or (customer first) one is rung now."""
    if call.operator is not None:
        calls.answer(call, call.operator)
        if attempt is not None:
            queue_callbacks.reached(attempt)
        return []
    if attempt is None:
        return []
    queue_callbacks.customer_answered(attempt)
    return [Say(words.CALLING_BACK.format(client=call.client.name), language=call.language)]


def _operator_answered(call: Call, leg: Leg, attempt: CallbackTry | None) -> list[Verb]:
    offer = leg.offer
    customer = call.legs.open().filter(role=Leg.Role.CUSTOMER).first()
    if customer is None and attempt is None:
        return words.good_bye(words.CALLER_GONE)
    try:
        queues.accept(offer)
    except Refused:
        calls.record(call, "switchboard.customer_gone", operator=str(leg.operator))
        return words.good_bye(words.CALLER_GONE if attempt is None else words.NOBODY_TO_CALL)
    if attempt is not None:
        return _call_back(call, leg, customer, attempt)
    callback_care.supersede(offer.entry)
    room = calls.open_room(call)
    Leg.objects.filter(pk__in=[leg.pk, customer.pk]).update(room=room)
    leg.room = room
    calls.redirect_leg(customer, callbacks.resume(customer.public_id, "here"))
    return documents.in_room(leg)


def _call_back(call: Call, leg: Leg, customer: Leg | None, attempt: CallbackTry) -> list[Verb]:
    """The operator of a callback is there: the customer is dialled into the room, or waits in it already."""
    room = (customer and customer.room) or calls.open_room(call)
    Leg.objects.filter(pk=leg.pk).update(room=room)
    leg.room = room
    if customer is None and not queue_callbacks.dial_customer(attempt, room):
        calls.close(call, Call.Outcome.REFUSED)
        return words.good_bye(words.CANNOT_CALL)
    if call.answered_at is None:
        call.refresh_from_db(fields=["answered_at", "operator"])
    if call.answered_at is not None:
        queue_callbacks.reached(attempt)
    return documents.in_room(leg)


def desk_line(event: CarrierEvent, leg: Leg) -> list[Verb]:
    """An operator's own call: the desk is connected to its room; the customer is dialled once it is in there."""
    call = lines.lock(leg)
    event.call_ref = call.public_id
    if call.status == Call.Status.OVER or leg.sid not in (None, event.call_sid) or not calls.bind(leg, event.call_sid):
        raise UnknownSubject("This call was placed already.")
    calls.advance(leg, state.IN_PROGRESS)
    return documents.in_room(leg)


def _ask_on_the_phone(call: Call, leg: Leg) -> list[Verb]:
    """An operator's telephone was picked up, by them or by their voicemail: only a person presses a key."""
    asked = Say(words.TAKE_ON_THE_PHONE.format(operator=leg.operator, client=call.client.name))
    return [
        Gather(
            action=callbacks.step(leg.public_id, leg.step, "take"), prompts=(asked, asked), num_digits=1,
            timeout_seconds=5,
        )
    ]  # fmt: skip


def take(event: CarrierEvent, call: Call, leg: Leg) -> list[Verb]:
    """The key that takes a call at the fallback phone, or another, or none."""
    if event.digits != "1":
        return [Hangup()]
    return _let_in(event, call, leg, queue_callbacks.running(call))
