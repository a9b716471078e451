"""A call's way through a voice menu, and the drawing of menus."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from apps.calls import services as calls
from apps.calls.models import Call
from apps.carrier.verbs import Play, Say
from apps.clients.models import Client
from apps.core import clock, sound_files
from apps.core.refused import Refused
from apps.destinations import services as destinations
from apps.destinations.models import Destination
from apps.ivr import faults, traversal
from apps.ivr.models import Flow, Menu, Option, Prompt, Visit
from apps.ivr.turns import Ask, GiveUp, Go, Turn, prompt_verb
from apps.notify import services as notify

KIND = "flow"
APOLOGY = "We are sorry, we could not understand your choice. Please call again. Good-bye."


@transaction.atomic(savepoint=False)
def begin(call: Call, flow: Flow) -> Turn:
    """Bring the call to the start of `flow`. A visit that was open ends: a call is in one menu at a time.

    A flow that cannot be asked (switched on and then broken) gives up and warns the manager.
    """
    leave(call, "into another menu")
    visit = Visit.objects.create(flow=flow, call=call, menu_id=flow.start_id, path=[])
    calls.record(call, "ivr.entered", subject=f"flow:{flow.public_id}", flow=flow.name)
    start = _menu(flow.start_id, "prompt")
    if start is None or not start.options.all():
        return _give_up(visit, f"The voice menu “{flow.name}” has nothing to ask: give its first menu options.")
    greeting = (prompt_verb(flow.greeting),) if flow.greeting else ()
    return _ask(visit, start, tries=0, first=greeting)


@transaction.atomic
def hear(visit: Visit, digits: str) -> Turn:
    """The caller answered with `digits`; "" is silence. Raises Refused when the visit has ended."""
    visit = Visit.objects.select_for_update(of=["self"]).select_related("call__client", "flow").get(pk=visit.pk)
    if visit.ended_at is not None:
        raise Refused("The call has left this menu already.", code="visit_over")
    menu = _menu(visit.menu_id)
    if menu is None:
        return _give_up(visit, f"A menu of “{visit.flow.name}” was deleted while a caller was in it.")
    heard = traversal.Digits(digits) if digits else traversal.Silence()
    outcome = traversal.step(menu_view(menu), visit.tries, heard, steps=len(visit.path))
    _note(visit, menu, digits, outcome)
    return _follow(visit, menu, outcome)


@transaction.atomic
def ask_again(visit: Visit) -> Turn:
    """Put the present question once more: the line comes back to the menu after something else spoke."""
    menu = _menu(visit.menu_id)
    if menu is None:
        return _give_up(visit, f"A menu of “{visit.flow.name}” was deleted while a caller was in it.")
    return _ask(visit, menu, tries=visit.tries, first=())


def _follow(visit: Visit, menu: Menu, outcome: traversal.Outcome) -> Turn:
    if outcome.kind == "menu":
        following = menu if outcome.menu == menu.pk else _menu(outcome.menu)
        if following is None or not following.options.all():
            return _give_up(visit, f"Key {outcome.option and outcome.option.key} of “{menu.name}” leads nowhere.")
        said = {"wrong": menu.invalid_prompt, "silent": menu.silence_prompt}.get(outcome.cause)
        return _ask(visit, following, tries=outcome.tries, first=(prompt_verb(said),) if said else ())
    if outcome.destination is not None:
        destination = Destination.objects.get(pk=outcome.destination)
        if destination.active:
            end(visit, f"to {destination.label}")
            return Go(destination)
        notify.warn(
            f"ivr.dead:{menu.pk}:{destination.pk}",
            f"“{menu.name}” sends callers to “{destination.label}”, which is switched off. Choose another place.",
            client=visit.call.client,
        )
        instead = traversal.last_resort(menu_view(menu), outcome.cause)
        if instead.destination not in (None, destination.pk):
            return _follow(visit, menu, instead)
    return _give_up(visit)


def _ask(visit: Visit, menu: Menu, *, tries: int, first: tuple[Say | Play, ...]) -> Ask:
    if (visit.menu_id, visit.tries) != (menu.pk, tries) or visit.path:
        visit.menu, visit.tries = menu, tries
        visit.save(update_fields=["menu", "tries", "path"])
    calls.record(visit.call, "ivr.asked", menu=menu.name, attempt=tries + 1, tries=menu.tries)
    return Ask(visit, (*first, prompt_verb(menu.prompt)), menu.timeout_seconds)


def _give_up(visit: Visit, warning: str = "") -> GiveUp:
    if warning:
        notify.warn(f"ivr.broken:{visit.flow_id}", warning, client=visit.call.client)
    end(visit, "no choice was made" if not warning else "the menu could not be asked")
    return GiveUp((Say(APOLOGY, "en-US"),))


def _note(visit: Visit, menu: Menu, digits: str, outcome: traversal.Outcome) -> None:
    """Keep the step in the visit's path and on the call's timeline."""
    option = outcome.option
    label = (option and (option.label or "a choice")) or ""
    visit.path.append(
        {"at": clock.now().isoformat(), "menu": menu.name, "key": digits, "cause": outcome.cause, "label": label}
    )
    if outcome.cause == "silent":
        calls.record(visit.call, "ivr.timed_out", menu=menu.name, seconds=menu.timeout_seconds)
    else:
        meaning = label or "it means nothing here"
        calls.record(visit.call, "ivr.pressed", menu=menu.name, pressed=digits[:10], meaning=meaning)


@transaction.atomic
def end(visit: Visit, outcome: str) -> bool:
    """The call leaves the menu; `outcome` says in words how. False when it had left before."""
    visit.ended_at, visit.outcome = clock.now(), outcome[:160]
    left = Visit.objects.open().filter(pk=visit.pk)
    if not left.update(ended_at=visit.ended_at, outcome=visit.outcome, path=visit.path):
        return False
    calls.record(visit.call, "ivr.left", flow=visit.flow.name, outcome=visit.outcome)
    return True


def leave(call: Call, outcome: str) -> None:
    """End the call's open visit, if there is one: the caller hung up or was moved."""
    visits = Visit.objects.open().filter(call=call)
    # Most calls have none: to ask that is cheaper than to ask for all that ending needs.
    for visit in visits.select_related("flow", "call__client") if visits.exists() else ():
        end(visit, outcome)


def end_orphans() -> int:
    """End the visits whose call is over. Returns how many."""
    orphans = Visit.objects.orphaned().select_related("flow", "call__client")
    return sum(end(visit, "the caller hung up") for visit in orphans)


def told(visit: Visit) -> list[str]:
    """The visit's steps in words."""
    said = {
        "pressed": "pressed {key}: {label}",
        "wrong": "pressed {key}, which means nothing",
        "silent": "no key in time",
    }
    return [f"{step['menu']}: {said[step['cause']].format_map(step)}" for step in visit.path]


def menu_view(menu: Menu) -> traversal.MenuView:
    """The menu as the traversal sees it."""
    options = tuple(
        traversal.OptionView(option.key, option.label, option.destination_id, option.next_menu_id)
        for option in menu.options.all()
    )
    return traversal.MenuView(menu.pk, menu.tries, options, menu.otherwise_id)


def _menu(pk: int | None, *prompts: str) -> Menu | None:
    """The menu with its options and with the prompts that are wanted of it: all of them unless said."""
    rows = Menu.objects.select_related(*(prompts or ("prompt", "invalid_prompt", "silence_prompt")))
    return rows.prefetch_related("options").filter(pk=pk).order_by().first() if pk is not None else None


@transaction.atomic
def save_prompt(prompt: Prompt, *, audio: bytes | None = None) -> Prompt:
    """Write `prompt`; `audio` replaces its sound, b"" takes it away, None leaves it. Raises Refused for a bad sound."""
    if audio is not None:
        sound_files.replace(prompt, "audio", audio)
    prompt.save()
    return prompt


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
    if flow.active and (found := faults.find(flow)):
        field = "start" if flow.start_id is None else "active"
        raise Refused(found[0], code="faulty_flow", fields={field: found})
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


def _same_client(client: Client, **named: Prompt | Destination | None) -> None:
    for field, row in named.items():
        if row is not None and row.client_id != client.pk:
            raise Refused(f"“{row}” belongs to another client. Choose one of {client}.", fields={field: ["Not yours."]})


@transaction.atomic
def delete_menu(menu: Menu) -> None:
    """Delete `menu`. Raises Refused while a key of another menu leads to it, or its flow is on and needs it."""
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
    Option.objects.filter(menu__flow=flow).delete()
    destinations.refuse_while_used(destination)
    flow.delete()
    destination.delete()
