"""Telling the carrier where the calls to our numbers, and those that desks begin, are answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.carrier import callbacks
from apps.carrier.client import CarrierLost, CarrierRefused, Port, get_port
from apps.carrier.facts import NumberFacts
from apps.carrier.models import PhoneNumber
from apps.core import clock, events, numbers
from apps.core.models import User


@dataclass
class Provisioned:
    """What `provision` did, as numbers: told where they are answered, taken from the carrier, and what went wrong."""

    done: list[str] = field(default_factory=list)
    bought: list[str] = field(default_factory=list)
    trouble: dict[str, str] = field(default_factory=dict)
    application: str = ""


def provision() -> Provisioned:
    """Tell the carrier where the calls of all active numbers, and those that desks begin, are answered.

    Changes only what differs. A number that the account does not have is taken at the sandbox, where it costs
    nothing; at a real carrier that is trouble for a person to solve. Asks the carrier: not inside a transaction.
    Raises CarrierRefused or CarrierLost when the carrier cannot be asked at all.
    """
    port = get_port()
    known = {facts.number: facts for facts in port.list_numbers()}
    done = Provisioned()
    for row in PhoneNumber.objects.active().select_related("client").order_by("pk"):
        _set_up(port, row, known.get(row.number), done)
    done.application = _set_up_application(port)
    return done


def set_up(row: PhoneNumber) -> Provisioned:
    """As `provision`, for one number. Trouble with the carrier is kept at the number."""
    port, done = get_port(), Provisioned()
    try:
        known = next((facts for facts in port.list_numbers() if facts.number == row.number), None)
    except (CarrierRefused, CarrierLost) as error:
        _keep_trouble(row, str(error), done)
        return done
    _set_up(port, row, known, done)
    return done


def _set_up(port: Port, row: PhoneNumber, known: NumberFacts | None, done: Provisioned) -> None:
    try:
        sid = known.sid if known else ""
        if known is None:
            if settings.CARRIER != "sandbox":
                _keep_trouble(row, "The carrier's account does not have this number. Buy it there first.", done)
                return
            sid = port.buy_number(row.number, name=row.label)
            done.bought.append(row.number)
        if known is None or not answers_here(known):
            port.set_number_urls(sid, **addresses())
            done.done.append(row.number)
    except (CarrierRefused, CarrierLost) as error:
        _keep_trouble(row, str(error), done)
        return
    if row.number in done.done or row.trouble or row.carrier_sid != sid or row.set_up_at is None:
        with transaction.atomic():
            PhoneNumber.objects.filter(pk=row.pk).update(carrier_sid=sid, set_up_at=clock.now(), trouble="")
            note("carrier.number_set_up", row)


def _set_up_application(port: Port) -> str:
    """What is wrong with the desks' application, or ""."""
    sid = settings.TWILIO_TWIML_APP_SID
    if not sid:
        return "TWILIO_TWIML_APP_SID is not set."
    try:
        port.set_application_urls(sid, **addresses() | {"voice_url": callbacks.app()})
    except (CarrierRefused, CarrierLost) as error:
        return str(error)
    return ""


def addresses() -> dict[str, str]:
    """Where the carrier is told to ask about calls to our numbers."""
    return {
        "voice_url": callbacks.voice(),
        "fallback_url": callbacks.fallback(),
        "status_url": callbacks.number_status(),
    }


def answers_here(known: NumberFacts) -> bool:
    """Whether the carrier brings the number's calls to us."""
    # With an application at the number its own addresses count for nothing.
    return not known.application_sid and addresses() == {
        "voice_url": known.voice_url,
        "fallback_url": known.fallback_url,
        "status_url": known.status_url,
    }


@transaction.atomic
def _keep_trouble(row: PhoneNumber, sentence: str, done: Provisioned) -> None:
    done.trouble[row.number] = sentence
    if row.trouble != sentence[:300]:
        PhoneNumber.objects.filter(pk=row.pk).update(trouble=sentence[:300])
        note("carrier.number_failed", row, sentence=sentence)


def note(kind: str, row: PhoneNumber, by: User | None = None, **data: Any) -> None:
    """Write an event of a number of ours."""
    events.record(
        kind, subject=f"number:{row.public_id}", client_ref=row.client.public_id, actor=by,
        number=numbers.pretty(row.number), label=row.label, **data,
    )  # fmt: skip
