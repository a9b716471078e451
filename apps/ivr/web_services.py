"""Which web services voice menus may ask."""

from __future__ import annotations

from django.db import transaction

from apps.core.refused import Refused
from apps.ivr import fetching, publishing
from apps.ivr.models import WebService


@transaction.atomic
def save_service(service: WebService) -> WebService:
    """Write `service`. Raises Refused for an address that is not of the form https://host/path/."""
    service.address = service.address.rstrip("/") + "/"
    try:
        fetching.split(service.address, "")
    except fetching.NoAnswer as fault:
        sentence = "The address is not of the form https://host/path/: write it so, without a name, ? or #."
        raise Refused(sentence, fields={"address": [sentence]}) from fault
    if service.secret and not service.header:
        raise Refused("Name the header in which the value is sent.", fields={"header": ["Name it."]})
    service.save()
    return service


@transaction.atomic
def delete_service(service: WebService) -> None:
    """Delete `service`. Raises Refused while a voice menu asks it."""
    for flow in publishing.asking(service):
        raise Refused(f"The voice menu “{flow.name}” asks “{service.name}”. Choose another service there first.")
    service.delete()
