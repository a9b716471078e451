"""How many outgoing calls there may be at once, of the house and of each client: counted over rows, under one lock.

Nothing is counted up or down, so nothing can leak: the calls of a process that died hold their places until somebody
ends them. A call holds its place until its customer's line is over as well: the carrier has it until then.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.db.models import Count

from apps.calls.models import Call, Leg
from apps.clients.models import Client
from apps.core.prepared import Prepared
from apps.core.refused import Refused

HELD_AT_MOST = "4s"  # without a word: less than others wait for a lock


def hold() -> None:
    """Until commit nobody else opens an outgoing call. Taken before the rows of campaigns, queues and operators.

    Who hangs with it is thrown out by the database, so that no other has to give up.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('calls.places')), "
            "set_config('idle_in_transaction_session_timeout', %s, true)", [HELD_AT_MOST],
        )  # fmt: skip


def free_places(client: Client) -> int:
    """How many outgoing calls may be opened now: the least of what the limits of client and house leave.

    Certain for who holds them (`hold`), a look for others. The client's limit is taken from `client` as it was read.
    """
    return min(_free(client))


def take(client: Client, count: int) -> None:
    """Hold the limits and see that `count` more calls may be opened; the rows follow at once. Raises Refused."""
    hold()
    of_client, of_house = _free(client)
    if of_client < count:
        raise Refused(
            f"All {client.max_concurrent_calls} outgoing lines of {client} are in use. Try again in a moment.",
            code="limit_reached",
        )
    if of_house < count:
        raise Refused("All outgoing lines of the house are in use. Try again in a moment.", code="limit_reached")


def _free(client: Client) -> tuple[int, int]:
    """The free places of the client and of the house."""
    of_client = of_house = 0
    for client_id, count in _held():
        of_house += count
        of_client += count if client_id == client.pk else 0
    return client.max_concurrent_calls - of_client, settings.GLOBAL_MAX_CALLS - of_house


def _calls():
    calls = Call.objects.open().filter(direction=Call.Direction.OUTBOUND).order_by()
    return calls.values_list("client").annotate(Count("pk"))


def _lingering():
    """Lines that the carrier has still, of calls that are over in our books."""
    legs = Leg.objects.open().filter(role=Leg.Role.CUSTOMER, call__status=Call.Status.OVER).order_by()
    legs = legs.filter(call__direction=Call.Direction.OUTBOUND)
    return legs.values_list("call__client").annotate(Count("pk"))


_held = Prepared(lambda: _calls().union(_lingering(), all=True))
