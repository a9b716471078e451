"""Writing prompts, and flows whose menus are filled in on pages: each change of one that is on is a new version."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from apps.clients.models import Client
from apps.core import sound_files
from apps.core.refused import Refused
from apps.destinations import services as destinations
from apps.destinations.models import Destination
from apps.ivr import faults, publishing
from apps.ivr.models import Flow, Menu, Option, Prompt

LONGEST_PROMPT = 300
"""Seconds of a sound: nobody listens longer."""
KIND = "flow"


@transaction.atomic
def save_prompt(prompt: Prompt, *, audio: bytes | None = None) -> Prompt:
    """Write `prompt`; `audio` replaces its sound, b"" takes it away, None leaves it. Raises Refused for a bad sound."""
    before = Prompt.objects.filter(pk=prompt.pk).values_list("name", flat=True).first()
    if audio is not None:
        sound_files.replace(prompt, "audio", audio, longest_seconds=LONGEST_PROMPT, converted=True)
    prompt.save()
    if before is not None:
        _renew(prompt, before)
    return prompt


def _renew(prompt: Prompt, before: str) -> None:
    """Callers hear the change at once: the flows that speak `prompt`, called `before` until now, get a new version."""
    gone = before != prompt.name and not Prompt.objects.filter(client=prompt.client_id, name=before).exists()
    note = f"“{prompt.name}” has changed."
    for flow in publishing.speaking(prompt.client, before):
        if flow.is_drawn and gone:
            raise Refused(
                f"The voice menu “{flow.name}” speaks “{before}”. Choose another prompt there first, or keep the name.",
                fields={"name": ["In use."]},
            )
        if flow.is_drawn or before == prompt.name:
            publishing.renew_sounds(flow, note=note)
        elif flow.active:
            publishing.publish(flow, note=note)


@transaction.atomic
def delete_prompt(prompt: Prompt) -> None:
    """Delete `prompt`. Raises Refused while a drawn flow speaks it, in the drawing or to callers."""
    for flow in publishing.speaking(prompt.client, prompt.name):
        if flow.is_drawn:
            raise Refused(f"The voice menu “{flow.name}” speaks “{prompt.name}”. Choose another prompt there first.")
    prompt.delete()


def add_prompt(client: Client, *, name: str, text: str, language: str = "", audio: bytes | None = None) -> Prompt:
    """A new prompt of `client`, in the client's language unless said."""
    return save_prompt(Prompt(client=client, name=name, text=text, language=language or client.language), audio=audio)


@transaction.atomic
def save_flow(flow: Flow) -> Flow:
    """Write `flow` and keep its destination in step.

    Raises Refused when it is on and has a fault, and when it would start in a menu of another flow.
    """
    _same_client(flow.client, greeting=flow.greeting)
    if flow.start is not None and flow.start.flow_id != flow.pk:
        raise Refused("A flow starts with one of its own menus.", fields={"start": ["A menu of another flow."]})
    if flow.destination_id is None:
        flow.destination = destinations.create(flow.client, KIND, flow.name)
    flow.save()
    return settle(flow)


def create_flow(client: Client, *, name: str, greeting: Prompt | None = None) -> Flow:
    """A new flow, off until it has its menus (`switch`)."""
    return save_flow(Flow(client=client, name=name, greeting=greeting))


@transaction.atomic
def settle(flow: Flow) -> Flow:
    """Put `flow` in order after it or its menus changed: the only menu becomes its start, its destination follows.

    Raises Refused, with the first fault, when it is on and may not be.
    """
    if flow.start_id is None and flow.menus.count() == 1:
        flow.start = flow.menus.get()
        flow.save(update_fields=["start"])
    destination = flow.destination
    if destination.label != flow.name:
        destinations.rename(destination, flow.name)
    destinations.restore(destination) if flow.active else destinations.retire(destination)
    if flow.active and flow.is_drawn and flow.version_id is None:
        raise Refused("Publish the voice menu first, then switch it on.", fields={"active": ["Nothing is published."]})
    if flow.active and not flow.is_drawn:
        if found := faults.find(flow):
            field = "start" if flow.start_id is None else "active"
            raise Refused(found[0], code="faulty_flow", fields={field: found})
        publishing.publish(flow)
    return flow


@transaction.atomic
def switch(flow: Flow, *, on: bool) -> Flow:
    """Let `flow` take calls, or stop it. Raises Refused when it is not complete."""
    flow.active = on
    return save_flow(flow)


@transaction.atomic
def save_menu(menu: Menu, options: Iterable[Option] | None = None) -> Menu:
    """Write `menu`; with `options` given they replace the ones it had. Raises Refused: no options, or a faulty flow."""
    client = menu.flow.client
    _refuse_drawn(menu.flow)
    _same_client(
        client, prompt=menu.prompt, invalid_prompt=menu.invalid_prompt, silence_prompt=menu.silence_prompt,
        otherwise=menu.otherwise,
    )  # fmt: skip
    menu.save()
    if options is not None:
        Option.objects.filter(menu=menu).delete()
        for option in options:
            option.menu = menu
            option.save(force_insert=True)
    menu = Menu.objects.complete().get(pk=menu.pk)
    if not menu.options.all():
        raise Refused(
            f"The menu “{menu.name}” has no options: give it at least one key.", fields={"options": ["Add a key."]}
        )
    if wrong := faults.of_options(menu):
        raise Refused(wrong[0], code="faulty_menu", fields={"options": wrong})
    settle(menu.flow)
    return menu


def _refuse_drawn(flow: Flow) -> None:
    if flow.is_drawn:
        raise Refused(f"“{flow.name}” is drawn in the builder: change it there.", code="drawn")


def _same_client(client: Client, **named: Prompt | Destination | None) -> None:
    for field, row in named.items():
        if row is not None and row.client_id != client.pk:
            raise Refused(f"“{row}” belongs to another client. Choose one of {client}.", fields={field: ["Not yours."]})


@transaction.atomic
def delete_menu(menu: Menu) -> None:
    """Delete `menu`. Raises Refused while a key of another menu leads to it, or its flow is on and needs it."""
    _refuse_drawn(menu.flow)
    leading = menu.led_by.exclude(menu=menu).select_related("menu").first()
    if leading is not None:
        raise Refused(f"Key {leading.key} of “{leading.menu.name}” leads to “{menu.name}”. Change that key first.")
    menu.options.all().delete()
    flow_id = menu.flow_id
    menu.delete()
    settle(Flow.objects.get(pk=flow_id))


@transaction.atomic
def delete_flow(flow: Flow) -> None:
    """Delete `flow`, its menus and its destination.

    Raises Refused when callers have been through it or something leads to it.
    """
    if flow.visits.exists():
        raise Refused("Callers have been through this menu, and their records are kept. Switch it off instead.")
    destination = flow.destination
    flow.menus.update(otherwise=None)
    Flow.objects.filter(pk=flow.pk).update(version=None)
    flow.places.all().delete()
    Option.objects.filter(menu__flow=flow).delete()
    destinations.refuse_while_used(destination)
    flow.delete()
    destination.delete()
