from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from apps.clients.models import Client
from apps.core import events
from apps.core.models import User
from apps.core.refused import Refused

CallerIdCheck = Callable[[Client, str], None]
_caller_id_checks: list[CallerIdCheck] = []


def check_caller_ids_with(check: CallerIdCheck) -> None:
    """Have `check(client, number)` refuse caller ids; who keeps our numbers lives above us."""
    if check not in _caller_id_checks:
        _caller_id_checks.append(check)


def check_caller_id(client: Client, number: str) -> None:
    """Raise Refused unless `client` may show `number` to those it calls; an empty one shows nothing yet."""
    if number:
        for check in _caller_id_checks:
            check(client, number)


@transaction.atomic
def create_client(*, name: str, slug: str = "", by: User | None = None, **fields: Any) -> Client:
    """A new client. `fields` are the model's own (time_zone, country ...). Raises Refused for a name in use."""
    if Client.objects.filter(name=name).exists():
        raise Refused(f"There is a client called {name} already. Choose another name.", fields={"name": ["In use."]})
    client = Client.objects.create(name=name, slug=slug or free_slug(name), **fields)
    check_caller_id(client, client.caller_id)
    events.record(
        "clients.added", subject=f"client:{client.public_id}", client_ref=client.public_id, actor=by, client=name
    )
    return client


@transaction.atomic
def change_client(client: Client, *, by: User | None = None, **fields: Any) -> Client:
    """Set fields of the model. Raises Refused for a name in use, and for switching off the last active client."""
    changed = [name for name, value in fields.items() if getattr(client, name) != value]
    if not changed:
        return client
    if "name" in changed and Client.objects.filter(name=fields["name"]).exclude(pk=client.pk).exists():
        raise Refused(f"There is a client called {fields['name']} already.", fields={"name": ["In use."]})
    if "caller_id" in changed:
        check_caller_id(client, fields["caller_id"])
    if "active" in changed and not fields["active"]:
        _refuse_last(client)
    for name in changed:
        setattr(client, name, fields[name])
    client.save(update_fields=changed)
    note_change(client, changed, by=by)
    return client


def note_change(client: Client, fields: list[str], *, by: User | None) -> None:
    """Write down that fields of a client were changed."""
    words = ", ".join(name.replace("_", " ") for name in fields)
    events.record(
        "clients.changed", subject=f"client:{client.public_id}", client_ref=client.public_id, actor=by,
        client=client.name, what=words,
    )  # fmt: skip


def _refuse_last(client: Client) -> None:
    if not Client.objects.active().exclude(pk=client.pk).exists():
        raise Refused("This is the only active client: calls need one. Add another first.", code="last_client")


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
