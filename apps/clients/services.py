from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.text import slugify

from apps.clients.models import Client
from apps.core import events
from apps.core.models import User
from apps.core.refused import Refused


@transaction.atomic
def create_client(*, name: str, slug: str = "", by: User | None = None, **fields: Any) -> Client:
    """A new client. `fields` are the model's own (time_zone, country ...). Raises Refused for a name in use."""
    if Client.objects.filter(name=name).exists():
        raise Refused(f"There is a client called {name} already. Choose another name.", fields={"name": ["In use."]})
    client = Client.objects.create(name=name, slug=slug or free_slug(name), **fields)
    events.record(
        "clients.added", subject=f"client:{client.public_id}", client_ref=client.public_id, actor=by, client=name
    )
    return client


def free_slug(name: str) -> str:
    """A short name for addresses that no client has yet."""
    stem = slugify(name)[:50] or "client"
    slug, n = stem, 1
    while Client.objects.filter(slug=slug).exists():
        n += 1
        slug = f"{stem}-{n}"
    return slug


def first_client() -> Client:
    """The client that has been there longest: the company itself. Raises Refused when there is none."""
    client = Client.objects.active().order_by("pk").first()
    if client is None:
        raise Refused("There is no active client. Add one in the admin under Company, Clients.")
    return client
