"""Whom the operators of a client can call, and who of them is free."""

from __future__ import annotations

from collections.abc import Iterable

from apps.live.diff import Row
from apps.live.words import iso
from apps.operators.models import Operator
from apps.queues import colleagues


def clients_of(operators: Iterable[int]) -> dict[int, int]:
    """The client of each operator, by keys."""
    rows = Operator.objects.filter(pk__in=list(operators)).order_by()
    return dict(rows.values_list("pk", "team__client"))


def rows(client_id: int, only: Iterable[int] | None = None) -> list[Row]:
    """The client's operators with their states; `only` those of these keys."""
    found = colleagues.of_client(client_id)
    return [_row(operator) for operator in (found if only is None else found.filter(pk__in=list(only)))]


def _row(operator: Operator) -> Row:
    return {
        "id": str(operator.public_id), "name": str(operator), "extension": operator.extension,
        "team": operator.team.name, "state": operator.state, "since": iso(operator.state_since),
    }  # fmt: skip
