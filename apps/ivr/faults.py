"""What is wrong with a voice menu, in sentences that say what to do. A flow that is on has none of these."""

from __future__ import annotations

from apps.destinations import graph
from apps.destinations.models import Destination
from apps.ivr import versions
from apps.ivr.models import Flow, Menu, Option


def find(flow: Flow) -> list[str]:
    """Every fault of `flow`, the gravest first; empty when it can take calls."""
    menus = list(Menu.objects.complete().filter(flow=flow))
    faults = _start(flow, menus)
    for menu in menus:
        if not menu.options.all():
            faults.append(f"The menu “{menu.name}” has no options: give it at least one key, or delete it.")
        faults += of_options(menu)
        faults += _place(flow, menu.otherwise, f"After the last try “{menu.name}”")
    return faults or _loop(flow)


def unreachable(flow: Flow) -> list[Menu]:
    """Menus that no key leads to. No fault, but seldom meant."""
    menus = {menu.pk: menu for menu in Menu.objects.filter(flow=flow).prefetch_related("options")}
    reached: set[int] = set()
    ahead = [flow.start_id]
    while ahead:
        pk = ahead.pop()
        if pk in menus and pk not in reached:
            reached.add(pk)
            ahead += [option.next_menu_id for option in menus[pk].options.all()]
    return [menu for pk, menu in menus.items() if pk not in reached]


def _start(flow: Flow, menus: list[Menu]) -> list[str]:
    if not menus:
        return ["The flow has no menu yet: add one, then switch the flow on."]
    if flow.start_id is None:
        return ["Nobody knows where the flow starts: choose the menu that it starts with."]
    if flow.start_id not in {menu.pk for menu in menus}:
        return ["The flow starts with a menu of another flow: choose one of its own."]
    return []


def of_options(menu: Menu) -> list[str]:
    """The faults of a menu's keys."""
    return [fault for option in menu.options.all() for fault in _option(menu.flow, menu, option)]


def _option(flow: Flow, menu: Menu, option: Option) -> list[str]:
    subject = f"Key {option.key} of “{menu.name}”"
    if option.destination is None and option.next_menu is None:
        return [f"{subject} leads nowhere: choose a destination or a next menu."]
    if option.next_menu is not None and option.next_menu.flow_id != flow.pk:
        return [f"{subject} leads to a menu of another flow: choose the other flow itself as its destination."]
    return _place(flow, option.destination, subject)


def _place(flow: Flow, destination: Destination | None, subject: str) -> list[str]:
    if destination is None:
        return []
    if destination.client_id != flow.client_id:
        return [f"{subject} leads to “{destination.label}”, which belongs to another client: choose another place."]
    if not destination.active and destination.pk != flow.destination_id:
        return [f"{subject} leads to “{destination.label}”, which is switched off: switch it on or choose another."]
    return []


def _loop(flow: Flow) -> list[str]:
    path = graph.find_loop(flow.destination)
    if not path:
        return []
    return [f"A caller who presses nothing would go round for ever: {graph.in_words(path)}. Point one elsewhere."]


def edges(destination: Destination) -> list[tuple[Destination, str]]:
    """Where a caller gets to from a flow without pressing a key (see `destinations.kinds`)."""
    if destination.flow.is_drawn:
        version = destination.flow.version_id
        places = versions.silent_places(versions.load(version)) if version else []
        return [(place, "for who presses nothing") for place in places]
    start = Menu.objects.filter(pk=destination.flow.start_id).select_related("otherwise").first()
    if start is None or start.otherwise is None:
        return []
    return [(start.otherwise, "after the last try")]
