"""What people ask for: to be called again at an hour, or never."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from apps.campaigns import states
from apps.campaigns.models import Attempt, Campaign, DoNotCall, Target
from apps.clients.models import Client
from apps.core import clock, events, numbers
from apps.core.models import User
from apps.core.refused import Refused
from apps.operators.models import Operator


@transaction.atomic
def promise(attempt: Attempt, *, at: datetime, operator: Operator | None = None, by: User | None = None) -> Target:
    """Call this contact again at `at`, by `operator` or (None) by anyone. The hours and the caps hold then as ever.

    Raises Refused for the past, more than a year ahead, and an operator of another client.
    """
    now = clock.now()
    if not now < at < now + timedelta(days=366):
        raise Refused(
            "Choose a moment in the future, within a year.", fields={"at": ["Not in the future, or too far in it."]}
        )
    if operator is not None and operator.team.client_id != attempt.campaign.client_id:
        raise Refused(f"{operator} works for another client.", fields={"operator": ["Of another client."]})
    target = Target.objects.select_for_update().select_related("contact").get(pk=attempt.target_id)
    if target.status == Target.Status.CALLING:
        # The call still goes on: its end must not overwrite what was promised in it.
        Attempt.objects.filter(pk=attempt.pk).update(promised_at=at, promised_to=operator)
    else:
        hold_promise(target.pk, at, operator)
    states.note(attempt.campaign, "campaigns.promised", by=by, contact=str(target.contact), due=at.isoformat())
    target.refresh_from_db()
    return target


def hold_promise(target_id: int, at: datetime, operator: Operator | None) -> None:
    """The contact waits until the moment that was promised."""
    Target.objects.filter(pk=target_id).exclude(status=Target.Status.CALLING).update(
        status=Target.Status.WAITING, due_at=at, reserved_for=operator, ended_at=None, why="A call was promised."
    )


@transaction.atomic
def add_do_not_call(
    number: str, *, client: Client | None = None, campaign: Campaign | None = None, source: str, by: User | None = None
) -> DoNotCall:
    """Nobody of the house (no client), of the client or of the one campaign dials `number` from this commit on.

    Twice is once. Raises Refused when it is no number, and as `whose`.
    """
    client = whose(client, campaign, by)
    try:
        number = numbers.normalise(number, client.country if client else None)
    except ValidationError as error:
        raise Refused(error.messages[0], code="invalid_number", fields={"number": list(error.messages)}) from error
    row, made = DoNotCall.objects.get_or_create(
        client=client, campaign=campaign, number=number, defaults={"source": source}
    )
    if made:
        events.record(
            "campaigns.not_to_be_called", subject=f"number:{number}", actor=by, number=number, source=source,
            client_ref=client.public_id if client else None,
        )  # fmt: skip
    return row


def whose(client: Client | None, campaign: Campaign | None, by: User | None) -> Client | None:
    """For which client a do-not-call entry holds; None: for the whole house.

    Raises Refused for a campaign of another client, and for the whole house when `by` does not look after all clients.
    """
    if campaign is not None and client is not None and campaign.client_id != client.pk:
        raise Refused(f"{campaign} is a campaign of another client.", fields={"campaign": ["Of another client."]})
    if campaign is not None:
        return campaign.client
    if client is None and by is not None and not by.sees_all:
        sentence = "Choose a client: only who looks after every client can forbid a number to the whole house."
        raise Refused(sentence, fields={"client": [sentence]})
    return client
