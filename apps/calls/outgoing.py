"""Outgoing calls: every check, then a place under the limits of house and client. All roads to the carrier begin so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.calls import limits, services
from apps.calls.models import Call
from apps.carrier import policy
from apps.carrier.models import PhoneNumber
from apps.clients.models import Client
from apps.core import clock, events
from apps.core.refused import Refused
from apps.operators.models import Operator
from apps.people.models import Person


@dataclass(frozen=True)
class Order:
    """An outgoing call that is wanted."""

    to: str
    person: Person | None = None
    operator: Operator | None = None
    language: str = ""


def place(
    client: Client,
    *,
    to: str,
    caller_id: str = "",
    person: Person | None = None,
    operator: Operator | None = None,
) -> Call:
    """Open one outgoing call: as `place_all`."""
    return place_all(client, [Order(to, person, operator)], caller_id=caller_id)[0]


@transaction.atomic
def place_all(client: Client, orders: Sequence[Order], *, caller_id: str = "") -> list[Call]:
    """Open outgoing calls after every check, under the limits of the house and of the client: all, or none.

    The first leg of each is added by the caller with `add_legs`. Raises Refused: a forbidden number, no caller id, a
    person who must not be called, no free place.
    """
    for order in orders:
        _check(client, order)
    number = _shown(client, caller_id or client.caller_id)
    made = [
        Call(
            client=client, direction=Call.Direction.OUTBOUND, customer_number=order.to, our_number=number.number,
            phone_number=number, person=order.person, operator=order.operator,
            language=order.language or (order.person and order.person.language) or client.language,
        )
        for order in orders
    ]  # fmt: skip
    with events.gathered():
        for call in made:
            services.note_opened(call)
    # Everybody who calls waits for these places: nothing but the count and the rows themselves comes under their lock.
    limits.take(number.client, len(made))
    now = clock.now()
    for call in made:
        call.started_at = now
    Call.objects.bulk_create(made)
    for call in made:
        services.changed(call)
    return made


def _check(client: Client, order: Order) -> None:
    policy.check_destination(order.to, country=client.country)
    person = order.person
    if person is not None and person.client_id != client.pk:
        raise Refused(f"{person.name} belongs to another client.", fields={"person": ["Choose one of this client."]})
    if person is not None and person.do_not_call:
        raise Refused(f"{person.name} asked not to be called.", code="do_not_call")


def _shown(client: Client, ours: str) -> PhoneNumber:
    """The client's number that the called will see; with the client as it is now."""
    if not ours:
        raise Refused("There is no caller id to show. Set one for the client, or choose one of your numbers.")
    rows = PhoneNumber.objects.active().filter(client=client, number=ours)
    number = rows.select_related("client").first()
    if number is None:
        raise Refused(
            f"{ours} is not one of this client's numbers. Choose another caller id.", fields={"from": ["Not yours."]}
        )
    return number


@transaction.atomic
def place_inside(operator: Operator, colleague: Operator) -> Call:
    """Open a call from one operator to another of the same client, who stands in the customer's place.

    It holds lines of the carrier as others do, so the limits hold. Raises Refused: no caller id, no free place.
    """
    client = operator.team.client
    ours = operator.caller_id or client.caller_id
    if not ours:
        raise Refused("There is no caller id to show. Set one for the client.")
    limits.take(client, 1)
    return services.open_call(
        client, direction=Call.Direction.OUTBOUND, customer_number=f"client:{colleague.identity}", our_number=ours,
        operator=operator, colleague=colleague,
    )  # fmt: skip
