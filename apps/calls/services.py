"""Writes on calls. Only `advance` sets a leg's status, only `close` ends a call; HTTP follows in tasks after commit.

`savepoint=False` stands on those that never refuse: within a larger transaction they need no way back of their own,
and each saves two round trips to the database on every report of the carrier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce

from apps.calls import signals, state
from apps.calls.models import Call, Disposition, Leg, Room
from apps.carrier import policy
from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import clock, events
from apps.core.announce import announce
from apps.core.models import Event, User
from apps.core.nudges import nudge, nudge_each
from apps.core.prepared import insert
from apps.core.refused import Refused
from apps.operators.models import Engagement, Operator
from apps.people.models import Person

_STAMPS = {state.RINGING: "ringing_at", state.IN_PROGRESS: "answered_at"}
_KINDS = {state.RINGING: "calls.ringing", state.IN_PROGRESS: "calls.picked_up"}


def record(call: Call, kind: str, **facts: Any) -> Event | None:
    """Write an event of `call`. Facts as for `core.events.record`."""
    return events.record(kind, call_ref=call.public_id, client_ref=call.client.public_id, **facts)


def changed(call: Call) -> None:
    """Tell, after commit, that something about this call is different."""
    announce(signals.call_changed, call_id=call.pk, client_id=call.client_id, status=call.status)


@transaction.atomic(savepoint=False)
def open_call(
    client: Client,
    *,
    direction: str,
    customer_number: str,
    our_number: str,
    phone_number: PhoneNumber | None = None,
    person: Person | None = None,
    operator: Operator | None = None,
    colleague: Operator | None = None,
) -> Call:
    """Begin a call; no leg yet."""
    call = Call.objects.create(
        client=client, direction=direction, customer_number=customer_number, our_number=our_number,
        phone_number=phone_number, person=person, operator=operator,
        colleague=colleague, language=(person and person.language) or client.language,
    )  # fmt: skip
    note_opened(call)
    changed(call)
    return call


def note_opened(call: Call) -> None:
    """Write that `call` began."""
    record(
        call, "calls.opened", direction=call.get_direction_display(), customer=call.customer_number,
        ours=call.our_number,
    )  # fmt: skip


@transaction.atomic(savepoint=False)
def receive_leg(call: Call, *, sid: str, address: str, status: str, call_token: str = "") -> Leg:
    """The customer's leg of an incoming call, as the carrier announced it."""
    leg = Leg.objects.create(
        call=call, role=Leg.Role.CUSTOMER, sid=sid, outgoing=False, address=address, ringing_at=clock.now(),
        status=state.heard_as(status), call_token=call_token,
    )  # fmt: skip
    record(call, "calls.ringing", subject=f"leg:{leg.public_id}", role=leg.get_role_display())
    return leg


def new_leg(
    call: Call,
    *,
    role: str,
    address: str,
    caller_id: str = "",
    ring_seconds: int = 30,
    operator: Operator | None = None,
    engagement: Engagement | None = None,
    room: Room | None = None,
    machine_detection: str = "",
    muted: bool = False,
    coaches: Leg | None = None,
) -> Leg:
    """A further line of the call, for `add_legs`. `address` is an E.164 number or client:identity."""
    return Leg(
        call=call, role=role, address=address, caller_id=caller_id or call.our_number, ring_seconds=ring_seconds,
        operator=operator, engagement=engagement, room=room, machine_detection=machine_detection, muted=muted,
        coaches=coaches,
    )  # fmt: skip


def add_leg(call: Call, **facts: Any) -> Leg:
    """Add one line to the call: facts as for `new_leg`, the rest as for `add_legs`."""
    return add_legs([new_leg(call, **facts)])[0]


def add_legs(legs: Sequence[Leg]) -> list[Leg]:
    """Add further lines to calls. The rows are made now, the carrier is asked after commit (`lines.dial`).

    Raises Refused when a number may not be dialled; none of them is added then.
    """
    for leg in legs:
        policy.check_address(leg.address, country=leg.call.client.country)
    return _write_legs(legs)


@transaction.atomic(savepoint=False)
def _write_legs(legs: Sequence[Leg]) -> list[Leg]:
    made = insert(legs)
    for leg in made:
        record(
            leg.call, "calls.leg_added", subject=f"leg:{leg.public_id}", role=leg.get_role_display(),
            address=leg.address,
        )  # fmt: skip
    nudge_each("apps.calls.tasks.dial", [leg.pk for leg in made])
    return list(made)


@transaction.atomic
def expect_leg(call: Call, *, role: str, address: str, operator: Operator | None, engagement: Engagement | None) -> Leg:
    """A line that will come by itself: a desk's own call, or one inside `<Dial>`. The carrier is not asked."""
    return Leg.objects.create(
        call=call, role=role, outgoing=False, address=address, caller_id=call.our_number, operator=operator,
        engagement=engagement,
    )  # fmt: skip


@transaction.atomic(savepoint=False)
def bind(leg: Leg, sid: str, *, by: str = "callback") -> bool:
    """Tie the carrier's id to `leg`, known `by` its answer, a callback or its list of calls.

    False when the leg has another already: the newcomer is a stray and is ended.
    """
    if leg.sid == sid:
        return True
    known = {"sid": sid, "known_by": by, "uncertain": False, "heard_at": clock.now()}
    mine = Leg.objects.filter(pk=leg.pk, sid__isnull=True)
    if mine.open().filter(hang_up_asked_at__isnull=True).update(**known):
        leg.sid = sid
        return True
    # The carrier's first report and its answer to our request carry the same id, and either may be first.
    leg.refresh_from_db(fields=["sid"])
    if leg.sid != sid and mine.update(**known):
        leg.refresh_from_db(fields=["sid", "hang_up_asked_at", "status"])
        if not leg.is_open:
            # Given up meanwhile: whoever is rung now must not be.
            nudge("apps.calls.tasks.hang_up_stray", sid)
        elif leg.hang_up_asked_at:
            nudge("apps.calls.tasks.hang_up", leg.pk)
        return True
    if leg.sid is None:
        leg.refresh_from_db(fields=["sid"])
    if leg.sid == sid:
        return True
    record(
        leg.call, "calls.stray_ended", subject=f"leg:{leg.public_id}", role=leg.get_role_display(), key=f"stray:{sid}"
    )
    nudge("apps.calls.tasks.hang_up_stray", sid)
    return False


@transaction.atomic(savepoint=False)
def advance(leg: Leg, reported: str, *, at: datetime | None = None, error_code: int | None = None) -> bool:
    """Move `leg` to the status that the carrier reported, if that is a step forward; the event is written either way.

    True when it moved. `leg` is brought up to date.
    """
    to, now = state.heard_as(reported), at or clock.now()
    changes: dict[str, Any] = {"status": to, "heard_at": now}
    if stamp := _STAMPS.get(to) or (to in state.FINAL and "ended_at"):
        changes[stamp] = now
    if to in state.FINAL:
        changes |= {"on_hold_since": None, "error_code": error_code}
    moved = bool(Leg.objects.filter(pk=leg.pk, status__in=state.sources(to)).update(**changes))
    subject, role = f"leg:{leg.public_id}", leg.get_role_display()
    if moved:
        for name, value in changes.items():
            setattr(leg, name, value)
        kind = _KINDS.get(to, "calls.leg_ended")
        facts = {"status": leg.get_status_display()} if kind == "calls.leg_ended" else {}
        record(leg.call, kind, subject=subject, at=now, role=role, **facts)
        announce(
            signals.leg_moved, leg_id=leg.pk, call_id=leg.call_id, client_id=leg.call.client_id,
            operator_id=leg.operator_id, status=to,
        )  # fmt: skip
    elif reported != "initiated":
        record(leg.call, "calls.report_ignored", subject=subject, at=now, applied=False, role=role, status=reported)
    return moved


@transaction.atomic(savepoint=False)
def open_room(call: Call) -> Room:
    """A new room of the call; its legs meet there."""
    last = call.rooms.select_for_update().order_by("-n").values_list("n", flat=True).first()
    return Room.objects.create(call=call, n=(last or 0) + 1)


@transaction.atomic(savepoint=False)
def assign(call: Call, operator: Operator) -> None:
    """The operator is there, the customer is being dialled: who it is, before they are put through (`answer`)."""
    Call.objects.filter(pk=call.pk).update(operator=operator)
    call.operator = operator
    changed(call)


@transaction.atomic(savepoint=False)
def answer(call: Call, operator: Operator) -> None:
    """Customer and operator are put through to each other; the first time counts as the answer."""
    now = clock.now()
    Call.objects.filter(pk=call.pk).update(operator=operator, answered_at=Coalesce("answered_at", now))
    call.operator, call.answered_at = operator, call.answered_at or now
    record(call, "calls.connected", operator=str(operator))
    changed(call)


@transaction.atomic
def close(call: Call, outcome: str) -> bool:
    """End the call, once; every line of it that is still open is hung up. False when it was over already."""
    now = clock.now()
    changes = {"status": Call.Status.OVER, "outcome": outcome, "ended_at": now}
    if not Call.objects.open().filter(pk=call.pk).update(**changes):
        return False
    for name, value in changes.items():
        setattr(call, name, value)
    call.rooms.filter(ended_at__isnull=True).update(ended_at=now)
    record(call, "calls.closed", outcome=call.get_outcome_display())
    for leg in call.legs.open():
        hang_up_leg(leg, by="The switchboard")
    changed(call)
    return True


@transaction.atomic
def hang_up_leg(leg: Leg, *, by: str) -> None:
    """Ask the carrier to end this line. Asking twice is asking once."""
    if Leg.objects.open().filter(pk=leg.pk, hang_up_asked_at__isnull=True).update(hang_up_asked_at=clock.now()):
        record(leg.call, "calls.hang_up_asked", subject=f"leg:{leg.public_id}", role=leg.get_role_display(), by=by)
    nudge("apps.calls.tasks.hang_up", leg.pk)


def redirect_leg(leg: Leg, url: str) -> None:
    """Have this line fetch another document, after commit. A line that is gone meanwhile is noted as ended."""
    nudge("apps.calls.tasks.redirect", leg.pk, url)


@transaction.atomic
def set_hold(leg: Leg, *, on: bool) -> None:
    """Put a line in a room on hold, or take it off. Raises Refused when it is not in a room; twice is once."""
    rows = Leg.objects.filter(pk=leg.pk, status=state.IN_PROGRESS, joined_at__isnull=False)
    if not rows.exists():
        raise Refused(
            f"There is nobody to put on hold: the {leg.get_role_display()} is not connected.", code="not_connected"
        )
    if rows.filter(on_hold_since__isnull=on).update(on_hold_since=clock.now() if on else None):
        kind = "calls.held" if on else "calls.resumed"
        record(leg.call, kind, subject=f"leg:{leg.public_id}", role=leg.get_role_display())
        nudge("apps.calls.tasks.hold", leg.pk)
        changed(leg.call)


@transaction.atomic
def set_voice(leg: Leg, *, muted: bool = False, coaches: Leg | None = None) -> None:
    """Who in the room hears a line: nobody (`muted`), one line only (`coaches`), or with neither all. Twice is once.

    Before the line is in the room this only says how it will come in.
    """
    rows = Leg.objects.open().filter(pk=leg.pk)
    if not rows.exclude(muted=muted, coaches=coaches).update(muted=muted, coaches=coaches):
        return
    leg.muted, leg.coaches = muted, coaches
    heard_by = "nobody" if muted else f"the {coaches.get_role_display()} only" if coaches else "all"
    record(
        leg.call, "calls.voice_changed", subject=f"leg:{leg.public_id}", role=leg.get_role_display(), heard_by=heard_by
    )
    nudge("apps.calls.tasks.steer", leg.pk)
    changed(leg.call)


@transaction.atomic
def classify(
    call: Call,
    *,
    disposition: Disposition | None = None,
    note: str | None = None,
    answers: Mapping[str, str] | None = None,
    by: User | None = None,
) -> Call:
    """File the call under a disposition, keep its note and `answers` by label; None leaves each as it is.

    Of the answers those named are changed. What a queue asks for is its own business, see `queues.filing`.
    """
    if disposition is not None and call.colleague_id is not None:
        sentence = "A call between colleagues has no ending to choose."
        raise Refused(sentence, code="inside", fields={"disposition": [sentence]})
    if disposition is not None and disposition.client_id != call.client_id:
        raise Refused(
            "This disposition belongs to another client.", fields={"disposition": ["Choose one of the list."]}
        )
    # Another page may be filing it at this moment.
    call.refresh_from_db(fields=["disposition", "note", "answers"], from_queryset=Call.objects.select_for_update())
    if disposition is not None and disposition != call.disposition:
        call.disposition = disposition
        record(call, "calls.classified", actor=by, disposition=disposition.name)
    if note is not None and note != call.note:
        call.note = note
        record(call, "calls.noted", actor=by)
    if answers is not None and (wanted := call.answers | dict(answers)) != call.answers:
        call.answers = {label: answer for label, answer in wanted.items() if answer}
        record(call, "calls.fields_filled", actor=by)
    call.save(update_fields=["disposition", "note", "answers"])
    changed(call)
    return call
