"""A supervisor in somebody else's conversation: listens, whispers to the operator, comes in, takes it over.

The carrier does the hearing: a listener is muted in the room, who whispers coaches one line, who comes in is a party
like the others. Nothing of it is in the recording but what the customer hears.
"""

from __future__ import annotations

from django.db import models, transaction

from apps.calls import parties
from apps.calls import services as calls
from apps.calls.models import Call, Leg
from apps.core.models import User
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator, Team
from apps.switchboard import handover, lines, transfers

RING_SECONDS = 20


class Mode(models.TextChoices):
    LISTEN = "listen", "listens"
    WHISPER = "whisper", "whispers to the operator"
    BARGE = "barge", "talks with both"


@transaction.atomic
def join(call: Call, *, by: User, mode: str) -> Leg:
    """Bring the supervisor `by` into the conversation by their desk's telephone, or change how they take part.

    Asking for the same again changes nothing. Raises Refused: nobody talks, the team keeps its conversations to itself,
    the supervisor is busy, has no desk, or may only listen.
    """
    if mode != Mode.LISTEN and not by.has_perm("calls.join_call"):
        raise Refused("Your role may listen only.", code="listen_only")
    call = lines.lock_call(call)
    me = _desk_of(by)
    mine = _line_of(call, me)
    voice = _voice(call, mode)
    if mine is None:
        mine = _ring(call, me, **voice)
        _record(call, me, mode)
    elif (mine.muted, mine.coaches_id) != (voice["muted"], voice["coaches"].pk if voice["coaches"] else None):
        calls.set_voice(mine, **voice)
        _record(call, me, mode)
    return mine


@transaction.atomic
def take_over(call: Call, *, by: User) -> Call:
    """The supervisor, who is in the room, leads the conversation; its operators are out and file the call.

    Raises Refused for who is not in there yet, and while the operator is transferring the call.
    """
    if not by.has_perm("calls.join_call"):
        raise Refused("Your role may listen only.", code="listen_only")
    call = lines.lock_call(call)
    me = _desk_of(by)
    mine = _line_of(call, me)
    if mine is None or mine.joined_at is None or mine.engagement is None:
        raise Refused("Listen first, then take the call over.", code="not_listening")
    if transfers.under_way(call) is not None:
        raise Refused("The operator is transferring this call. Wait for the end of it.", code="transferring")
    operators.turn(mine.engagement, Engagement.Purpose.CONSULT)
    handover.give(call, mine)
    for other in handover.others(call, mine):
        if other.role == Leg.Role.OPERATOR:
            handover.step_out(call, other)
    calls.changed(call)
    return call


@transaction.atomic
def leave(call: Call, *, by: User) -> None:
    """The supervisor hears no more; the others talk on. Twice is once."""
    me = operators.for_user(by)
    mine = _line_of(call, me) if me is not None else None
    if mine is not None:
        calls.hang_up_leg(mine, by=by.display_name)
        calls.changed(call)


def mode_of(leg: Leg) -> str:
    """How a supervisor's line takes part."""
    return Mode.LISTEN if leg.muted else Mode.WHISPER if leg.coaches_id else Mode.BARGE


def _ring(call: Call, me: Operator, *, muted: bool, coaches: Leg | None) -> Leg:
    room = parties.room_of(call)
    if call.legs.parties().filter(operator=me).exists():
        raise Refused("You are in this call yourself.", code="in_call")
    held = operators.engage(me, Engagement.Purpose.MONITORING, call_ref=call.public_id)
    return calls.add_leg(
        call, role=Leg.Role.SUPERVISOR, address=f"client:{me.identity}", ring_seconds=RING_SECONDS, operator=me,
        engagement=held, room=room, muted=muted, coaches=coaches,
    )  # fmt: skip


def _voice(call: Call, mode: str) -> dict:
    """Who is to hear the supervisor. Raises Refused where the team does not let anybody listen unheard."""
    rows = call.legs.joined().filter(role=Leg.Role.OPERATOR).select_related("operator__user", "operator__team")
    talking = list(rows.order_by("joined_at"))
    if mode != Mode.BARGE:
        for leg in talking:
            if leg.operator is not None and leg.operator.team.listening == Team.Listening.NOBODY:
                raise Refused(
                    f"Nobody listens to the team {leg.operator.team}. You may come in so that all hear you.",
                    code="private",
                )
    if mode != Mode.WHISPER:
        return {"muted": mode == Mode.LISTEN, "coaches": None}
    if not talking:
        raise Refused("No operator is in the call to whisper to.", code="nobody_to_coach")
    lead = next((leg for leg in talking if leg.operator_id == call.operator_id), talking[0])
    return {"muted": False, "coaches": lead}


def _desk_of(user: User) -> Operator:
    me = operators.for_user(user)
    if me is None:
        raise Refused(
            "You have no telephone here. Ask an administrator to make you an operator, then listen.",
            code="not_an_operator",
        )
    return me


def _line_of(call: Call, me: Operator) -> Leg | None:
    rows = call.legs.open().filter(role=Leg.Role.SUPERVISOR, operator=me, hang_up_asked_at__isnull=True)
    found = rows.select_related("operator__user", "operator__team__client", "engagement", "room").first()
    if found is not None:
        found.call = call
    return found


def _record(call: Call, me: Operator, mode: str) -> None:
    calls.record(call, "switchboard.supervised", by=str(me), how=Mode(mode).label)
