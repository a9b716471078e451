"""What a queue cannot be set up as, in sentences that say what to do. A queue that is saved has none of these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from apps.core.refused import Refused
from apps.destinations import graph
from apps.queues.models import Choice, Queue, SkillRelaxation, SkillRequirement

SETTING = {SkillRequirement: "requirements", SkillRelaxation: "relaxations", Choice: "choices"}
Rows = Sequence[SkillRequirement] | Sequence[SkillRelaxation] | Sequence[Choice]


def check(queue: Queue) -> None:
    """Raise Refused, with the setting at fault, when `queue`, as it is written with all its rows, has a fault."""
    check_settings(queue)
    for model, setting in SETTING.items():
        refuse(of_rows(queue, list(model.objects.filter(queue=queue))), setting)
    _refuse_loop(queue)


def check_settings(queue: Queue) -> None:
    """Raise Refused when the queue's own fields cannot stand together."""
    for name in ("overflow", "when_closed", "schedule", "callback_schedule"):
        target = getattr(queue, name)
        if target is not None and target.client_id != queue.client_id:
            raise Refused(
                f"{target} belongs to another client. Choose one of {queue.client}.", fields={name: ["Not ours."]}
            )
    if queue.when_closed is not None and queue.schedule is None:
        raise Refused(
            "A destination for closed hours needs a schedule that says when. Choose a schedule, or leave both empty.",
            fields={"schedule": ["Choose a schedule."]},
        )
    if queue.when_unstaffed == "overflow" and queue.overflow is None:
        raise Refused(
            "Choose where calls go (overflow) when nobody is signed in, or let them wait.",
            fields={"overflow": ["Choose a destination."]},
        )
    if Queue.objects.filter(client=queue.client, name=queue.name).exclude(pk=queue.pk).exists():
        raise Refused(f"There is a queue {queue.name} already. Choose another name.", fields={"name": ["In use."]})


def of_rows(queue: Queue, rows: Rows) -> str:
    """The first fault of the queue's required skills, relaxations or choices, whichever these are; "" for none."""
    found = {SkillRequirement: _of_requirement, Choice: _of_choice}.get(type(rows[0])) if rows else None
    if found is not None:
        faults = [fault for row in rows if (fault := found(queue, row))]
        return faults[0] if faults else _twice(rows)
    return _of_relaxations(rows) if rows else ""


def refuse(fault: str, setting: str) -> None:
    """Raise Refused with the sentence, if there is one."""
    if fault:
        raise Refused(fault, code="faulty_queue", fields={setting: [fault]})


def _twice(rows: Iterable[SkillRequirement | Choice]) -> str:
    counted = Counter(str(row.skill) if isinstance(row, SkillRequirement) else f"Key {row.key}" for row in rows)
    for name, times in counted.items():
        if times > 1:
            return f"{name} is there twice. Take one of the two rows out."
    return ""


def _of_requirement(queue: Queue, row: SkillRequirement) -> str:
    if row.skill.client_id != queue.client_id:
        return f"{row.skill} belongs to another client. Choose a skill of {queue.client}."
    return ""


def _of_relaxations(rows: Sequence[SkillRelaxation]) -> str:
    """Each later one must ask for less; else it could never matter."""
    for earlier, later in pairwise(sorted(rows, key=lambda row: row.after_seconds)):
        if earlier.after_seconds == later.after_seconds:
            return f"There are two levels for {later.after_seconds} s. Take one of them out."
        if later.level >= earlier.level:
            return (
                f"After {later.after_seconds} s level {later.level} is asked, but after {earlier.after_seconds} s "
                f"{earlier.level} is enough already. The level must fall: choose a lower one, or take the row out."
            )
    return ""


def _of_choice(queue: Queue, row: Choice) -> str:
    if row.action == Choice.Action.GO and row.destination is None:
        return f"Key {row.key} leads nowhere. Choose a destination for it."
    if row.action == Choice.Action.CALLBACK and row.destination is not None:
        return f"Key {row.key} asks for a callback, so it leads nowhere else. Leave its destination empty."
    if row.destination is not None and row.destination.client_id != queue.client_id:
        return f"{row.destination} belongs to another client. Choose a destination of {queue.client}."
    return ""


def _refuse_loop(queue: Queue) -> None:
    loop = graph.find_loop(queue.destination)
    if not loop:
        return
    first = loop[1].pk if loop[0].pk == queue.destination_id else None
    setting = {queue.overflow_id: "overflow", queue.when_closed_id: "when_closed"}.get(first, "choices")
    raise Refused(
        f"Calls would run in a circle: {graph.in_words(loop)}. Choose another destination for one of them.",
        code="loop", fields={setting: ["Leads back."]} if first else {},
    )  # fmt: skip
