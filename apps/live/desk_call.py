"""The others in a call, as an operator's desk shows them: the parties of the room and the transfer under way."""

from __future__ import annotations

from typing import Any

from apps.calls import parties
from apps.calls.models import Call, Leg, Transfer
from apps.live.words import iso
from apps.operators.models import Operator


def of(call: Call, operator: Operator) -> dict[str, Any]:
    """The others on the card of `call`: `transfer` is under way, `answer` is how the operator's last one ended."""
    mine = Transfer.objects.filter(call=call).select_related("by__user", "operator__user", "destination", "leg")
    open_one = mine.open().first()
    ended = mine.filter(by=operator, ended_at__isnull=False).exclude(status=Transfer.Status.CANCELED).first()
    return {
        "parties": [_party(party, operator) for party in parties.seen_by(call, operator)],
        "transfer": _transfer(open_one, operator) if open_one else None,
        "answer": _answer(ended) if ended else None,
    }


def asked(call: Call, operator: Operator) -> Transfer | None:
    """The transfer for which this operator's phone rings."""
    ringing = Transfer.objects.filter(call=call, status=Transfer.Status.RINGING, leg__operator=operator)
    return ringing.select_related("by__user", "operator__user", "destination", "leg").first()


def words_of(transfer: Transfer) -> dict[str, Any]:
    """Who asks, and how: for the phone that rings for it."""
    return {"kind": transfer.kind, "by": str(transfer.by) if transfer.by else ""}


def _transfer(transfer: Transfer, operator: Operator) -> dict[str, Any]:
    return words_of(transfer) | {
        "status": transfer.status, "target": _target(transfer), "since": iso(transfer.begun_at),
        "mine": transfer.by_id == operator.pk,
        "asked": transfer.leg is not None and transfer.leg.operator_id == operator.pk,
    }  # fmt: skip


def _answer(transfer: Transfer) -> dict[str, Any]:
    return {
        "id": str(transfer.public_id), "target": _target(transfer), "status": transfer.status, "note": transfer.note
    }  # fmt: skip


def _target(transfer: Transfer) -> str:
    """Who is rung or talks now; of a queue the member."""
    asked = transfer.leg.operator if transfer.leg is not None else None
    return str(asked) if asked is not None else transfer.target


def _party(party: parties.Party, operator: Operator) -> dict[str, Any]:
    return {
        "id": str(party.leg.public_id), "role": party.role, "name": party.name, "here": party.is_here,
        "since": iso(party.since), "held": party.held_since is not None, "voice": party.voice,
        "mine": party.leg.operator_id == operator.pk and party.role != Leg.Role.SUPERVISOR,
    }  # fmt: skip
