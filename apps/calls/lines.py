"""What is asked of the carrier about one line, outside any transaction. Called by tasks after commit."""

from __future__ import annotations

import time

from django.db import transaction

from apps.calls import services, state
from apps.calls.models import Call, Leg
from apps.carrier import callbacks
from apps.carrier.client import CarrierGone, CarrierLost, CarrierRefused, get_port
from apps.core import clock
from apps.core.prepared import OneOf, Prepared
from apps.core.refused import Refused

# From the claim to the request: longer, and the answer could come after the grace in which a lost one is looked for.
SEND_WITHIN_S = 2.0


_legs = Prepared(
    lambda keys: Leg.objects.filter(pk=OneOf(keys)).order_by().select_related("call__client", "room__call", "coaches")
)


def _leg(leg_id: int) -> Leg:
    [leg] = _legs(keys=[leg_id])
    return leg


def dial(leg_id: int) -> None:
    """Have the carrier ring the leg's address: at most once, whatever happens.

    The claim is committed before the request is sent. A lost answer leaves the leg `uncertain`; the carrier's
    callback or the reconciler finds out, nobody dials again.
    """
    claimed_at, began = clock.now(), time.monotonic()
    claimed = Leg.objects.filter(pk=leg_id, status=state.QUEUED, dialed_at__isnull=True, sid__isnull=True)
    if not claimed.update(dialed_at=claimed_at):
        return
    leg = _leg(leg_id)
    if leg.hang_up_asked_at or leg.call.status != Call.Status.OPEN:
        services.advance(leg, state.CANCELED)
        return
    if time.monotonic() - began > SEND_WITHIN_S:
        # This process slept: by now somebody may have given the line up. Nothing was sent, so the claim is given back.
        Leg.objects.filter(pk=leg_id, status=state.QUEUED, dialed_at=claimed_at, sid__isnull=True).update(
            dialed_at=None
        )
        return  # the reconciler asks again
    to = f"{leg.address}?leg={leg.public_id}" if leg.address.startswith("client:") else leg.address
    # A caller's own number may be shown with the carrier's leave only, which came with their call.
    forwarded = leg.caller_id != leg.call.our_number and leg.call.legs.exclude(call_token="").first()
    try:
        sid = get_port().dial(
            to=to, from_=leg.caller_id, answer_url=callbacks.answered(leg.public_id),
            status_url=callbacks.status(leg.public_id), timeout_seconds=leg.ring_seconds, call_ref=leg.call.public_id,
            machine_detection=leg.machine_detection, call_token=forwarded.call_token if forwarded else "",
        )  # fmt: skip
    except CarrierLost:
        _mark_uncertain(leg)
    except (CarrierRefused, Refused) as refusal:
        _note_refusal(leg, refusal)
    else:
        services.bind(leg, sid, by="answer")


@transaction.atomic
def _mark_uncertain(leg: Leg) -> None:
    if Leg.objects.filter(pk=leg.pk, sid__isnull=True).update(uncertain=True):
        services.record(leg.call, "calls.dial_uncertain", subject=f"leg:{leg.public_id}", role=leg.get_role_display())


@transaction.atomic
def _note_refusal(leg: Leg, refusal: CarrierRefused | Refused) -> None:
    code = getattr(refusal, "code", None)
    services.record(
        leg.call, "calls.dial_refused", subject=f"leg:{leg.public_id}", role=leg.get_role_display(),
        sentence=refusal.sentence, code=code,
    )  # fmt: skip
    services.advance(leg, state.FAILED, error_code=code if isinstance(code, int) else None)


def redirect(leg_id: int, url: str) -> None:
    """Have a live line fetch `url`. A line that is gone is noted as ended, so that nobody waits for it.

    A lost answer is left to the switchboard's sweeper, which sees whether the line arrived where it was sent.
    """
    leg = _leg(leg_id)
    if not (leg.is_open and leg.sid):
        return
    try:
        get_port().redirect(leg.sid, url, call_ref=leg.call.public_id)
    except CarrierGone:
        settle(leg)
    except CarrierLost:
        Leg.objects.filter(pk=leg.pk).update(uncertain=True)


def hang_up(leg_id: int) -> None:
    """End a line. Without the carrier's id yet (an answer still out) the wish is kept and `bind` carries it out."""
    leg = _leg(leg_id)
    if not leg.is_open:
        return
    if leg.sid is None:
        if leg.dialed_at is None and Leg.objects.filter(pk=leg_id, dialed_at__isnull=True).update(
            dialed_at=clock.now()
        ):
            services.advance(leg, state.CANCELED)
        return
    try:
        get_port().hang_up(leg.sid, call_ref=leg.call.public_id)
    except CarrierGone:
        settle(leg)
    except CarrierLost:
        return  # ending is harmless to repeat: the reconciler asks again while hang_up_asked_at stands


def hang_up_stray(sid: str) -> None:
    """End a line that belongs to no leg."""
    try:
        get_port().hang_up(sid, call_ref=None)
    except CarrierGone:
        return


def hold(leg_id: int) -> None:
    """Bring the carrier's hold of a line in line with `on_hold_since`. A refusal takes our mark back and says so."""
    leg = _leg(leg_id)
    if not (leg.is_open and leg.sid and leg.room):
        return
    wanted = leg.on_hold_since is not None
    port = get_port()
    try:
        sid = leg.room.conference_sid or port.find_conference(leg.room.name)
        port.hold(sid, leg.sid, on=wanted, music_url=callbacks.hold_music(), call_ref=leg.call.public_id)
    except CarrierLost:
        port.hold(sid, leg.sid, on=wanted, music_url=callbacks.hold_music(), call_ref=leg.call.public_id)
    except CarrierRefused as refusal:
        with transaction.atomic():
            Leg.objects.filter(pk=leg.pk).update(on_hold_since=None if wanted else clock.now())
            services.record(
                leg.call, "calls.hold_failed", subject=f"leg:{leg.public_id}", role=leg.get_role_display(),
                sentence=refusal.sentence,
            )  # fmt: skip
            services.changed(leg.call)


def steer(leg_id: int) -> None:
    """Bring what the carrier lets others hear of a line in line with `muted` and `coaches`.

    A refusal leaves the line as the carrier has it and says so: whoever listens unheard must not believe to be heard.
    """
    leg = _leg(leg_id)
    if not (leg.is_open and leg.sid and leg.room and leg.joined_at):
        return  # the document with which it comes in says it
    coached = leg.coaches if leg.coaches and leg.coaches.joined_at else None
    muted = leg.muted or (leg.coaches is not None and coached is None)
    coaches = coached.sid or "" if coached and not muted else ""
    port = get_port()
    try:
        room = leg.room.conference_sid or port.find_conference(leg.room.name)
        port.set_voice(room, leg.sid, muted=muted, coaches=coaches, call_ref=leg.call.public_id)
    except CarrierLost:
        port.set_voice(room, leg.sid, muted=muted, coaches=coaches, call_ref=leg.call.public_id)
    except CarrierRefused as refusal:
        with transaction.atomic():
            services.record(
                leg.call, "calls.voice_failed", subject=f"leg:{leg.public_id}", role=leg.get_role_display(),
                sentence=refusal.sentence,
            )  # fmt: skip
            services.changed(leg.call)


def settle(leg: Leg) -> None:
    """Ask the carrier how `leg` stands and take its word; unknown there means that it is over."""
    try:
        facts = get_port().fetch(leg.sid)
    except (CarrierLost, CarrierRefused):
        return  # the reconciler comes back to every leg that stays silent
    status = facts.status if facts else state.COMPLETED if leg.status == state.IN_PROGRESS else state.FAILED
    with transaction.atomic():
        if services.advance(leg, status) or status in state.FINAL:
            services.record(
                leg.call, "calls.reconciled", subject=f"leg:{leg.public_id}", role=leg.get_role_display(), status=status
            )
        else:
            Leg.objects.filter(pk=leg.pk).update(heard_at=clock.now())
