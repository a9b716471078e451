"""What a contact who picks up is to hear, as values: the switchboard makes documents of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value

from apps.calls import services as calls
from apps.calls.models import Call
from apps.campaigns import states
from apps.campaigns.models import Attempt, Campaign
from apps.core import clock, numbers
from apps.core.prepared import Prepared
from apps.destinations.models import Destination
from apps.queues import services as queues
from apps.queues.models import QueueEntry


@dataclass(frozen=True)
class Turn:
    """Send the line to `destination`, or say `text` and end it; with neither it is ended without a word."""

    destination: Destination | None = None
    text: str = ""


def running(call: Call) -> Attempt | None:
    """The open try that `call` is, if a campaign made it without an operator on the line."""
    rows = Attempt.objects.open().filter(call=call).exclude(campaign__mode=Campaign.Mode.PREVIEW)
    return rows.select_related("campaign__client", "campaign__queue__destination", "campaign__destination").first()


@transaction.atomic
def answered(attempt: Attempt, *, answered_by: str) -> Turn:
    """Somebody or something picked up. `answered_by` is the carrier's word, "" without detection."""
    campaign, now = attempt.campaign, clock.now()
    machine = answered_by.startswith(("machine", "fax"))
    attempt.answered_at, attempt.answered_by = attempt.answered_at or now, answered_by
    changes = ["answered_at", "answered_by"]
    turn = _for_machine(attempt, answered_by) if machine else None
    if turn is None:
        turn = Turn(destination=campaign.queue.destination if campaign.queue else campaign.destination)
        if campaign.mode == Campaign.Mode.AGENTLESS:
            attempt.connected_at = now
            changes.append("connected_at")
        attempt.call.fate = Call.Outcome.ANSWERED if campaign.queue is None else Call.Outcome.ABANDONED
    else:
        attempt.call.fate = Call.Outcome.VOICEMAIL
    attempt.save(update_fields=changes)
    attempt.call.save(update_fields=["fate"])
    states.changed(campaign)
    return turn


def _for_machine(attempt: Attempt, said: str) -> Turn | None:
    """What a machine gets; None: the same as a person."""
    campaign = attempt.campaign
    if campaign.machine in (Campaign.Machine.OFF, Campaign.Machine.PASS_ON):
        return None
    leaves = campaign.machine == Campaign.Machine.MESSAGE and said != "fax"
    calls.record(
        attempt.call, "campaigns.machine", said=said.replace("_", " "),
        action="a message is left" if leaves else "the call ends",
    )  # fmt: skip
    return Turn(text=campaign.machine_message if leaves else "")


# --- Nobody is free --------------------------------------------------------------------------------------------------


def left_alone(at: datetime) -> list[QueueEntry]:
    """Contacts who picked up, and for whom no operator's phone rings after the campaign's patience."""
    return _left_alone(at=at)


@Prepared
def _left_alone(at: datetime) -> QuerySet[QueueEntry]:
    patience = ExpressionWrapper(
        F("call__campaign_attempt__campaign__nobody_free_seconds") * Value(timedelta(seconds=1), DurationField()),
        output_field=DurationField(),
    )
    mine = Q(
        call__campaign_attempt__ended_at__isnull=True,
        call__campaign_attempt__campaign__mode__in=Campaign.WITH_OPERATORS,
    )
    rows = QueueEntry.objects.waiting().filter(
        mine, kind=QueueEntry.Kind.LIVE, call__status=Call.Status.OPEN, call__answered_at__isnull=True,
        joined_at__lte=Value(at) - patience,
    )  # fmt: skip
    return rows.select_related("queue", "call__client")


@transaction.atomic
def let_go(entry: QueueEntry) -> bool:
    """Give up their place: what they hear then is `nobody_free`. False when an operator was faster."""
    if not queues.overflow(entry):
        return False
    attempt = Attempt.objects.select_related("campaign").get(call=entry.call_id)
    calls.record(
        entry.call, "campaigns.abandoned", subject=f"campaign:{attempt.campaign.public_id}",
        campaign=attempt.campaign.name,
    )  # fmt: skip
    return True


def nobody_free(call: Call) -> str:
    """The message that the rules ask for: who called, and how to be left in peace."""
    attempt = Attempt.objects.select_related("campaign__client").filter(call=call).first()
    if attempt is None:
        return ""
    number = numbers.read_out(call.our_number, attempt.campaign.client.country)
    said = attempt.campaign.nobody_free_message
    return said.replace("{client}", attempt.campaign.client.name).replace("{number}", number)
