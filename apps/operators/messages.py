"""Writing to operators at their desks."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from apps.core import clock, events
from apps.core.announce import announce
from apps.core.models import User
from apps.core.refused import Refused
from apps.operators import signals
from apps.operators.models import MessageCopy, Operator, OperatorMessage


@transaction.atomic
def send(operators: Iterable[Operator], text: str, *, to: str, by: User) -> OperatorMessage:
    """Put `text` on the desks of `operators`; `to` says whom it is for, in words.

    Raises Refused for nobody, for nothing to say, and for operators of two clients.
    """
    chosen = list({operator.pk: operator for operator in operators}.values())
    if not chosen:
        raise Refused("There is nobody to write to. Choose operators, a team or a queue with members.", code="nobody")
    if not text.strip():
        raise Refused("The message is empty. Write a word.", fields={"text": ["Write a word."]})
    client = chosen[0].team.client
    if any(operator.team.client_id != client.pk for operator in chosen):
        raise Refused("These operators work for different clients. Write to each client's own.", code="two_clients")
    message = OperatorMessage.objects.create(client=client, text=text.strip(), to=to[:200], by=by)
    MessageCopy.objects.bulk_create(MessageCopy(message=message, operator=operator) for operator in chosen)
    events.record(
        "operators.message_sent", subject=f"message:{message.public_id}", client_ref=client.public_id, actor=by,
        by=by.display_name, to=message.to, copies=len(chosen),
    )  # fmt: skip
    for operator in chosen:
        announce(signals.operator_changed, operator_id=operator.pk, client_id=client.pk)
    return message


@transaction.atomic
def acknowledge(operator: Operator, message_id: UUID) -> bool:
    """The operator has read the message; False when they had, or never got it."""
    unread = MessageCopy.objects.unread().filter(operator=operator, message__public_id=message_id)
    if not unread.update(read_at=clock.now()):
        return False
    events.record(
        "operators.message_read", subject=f"message:{message_id}", client_ref=operator.team.client.public_id,
        operator=str(operator),
    )  # fmt: skip
    announce(signals.operator_changed, operator_id=operator.pk, client_id=operator.team.client_id)
    return True
