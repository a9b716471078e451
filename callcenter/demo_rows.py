"""How the demo makes a row once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db.models import Model

from apps.clients.models import Client

Row = TypeVar("Row", bound=Model)


def one(model: type[Row], client: Client, name: str, make: Callable[[str], Row], *, field: str = "name") -> Row:
    """The client's row of this name, as it is now; made when there is none."""
    return model._default_manager.filter(client=client, **{field: name}).first() or make(name)
