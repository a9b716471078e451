"""Writes on queues themselves: what a manager sets up.

What is refused stands in `faults`, what is legal but doubtful in `advice`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db import transaction
from django.db.models import ProtectedError

from apps.core import events, sound_files
from apps.core.announce import announce
from apps.core.models import User
from apps.core.refused import Refused
from apps.destinations import services as destinations
from apps.destinations.models import Destination
from apps.operators.models import Operator
from apps.people.models import Person
from apps.queues import faults, places, presets, signals
from apps.queues.models import Choice, Membership, OwnOperator, Queue, SkillRelaxation, SkillRequirement

KIND = "queue"
LONGEST_MUSIC = 1200  # seconds
Row = TypeVar("Row", SkillRequirement, SkillRelaxation, Choice)


def edges(destination: Destination) -> list[tuple[Destination, str]]:
    """Where a queue sends calls, and when: for the search for loops.

    A key that a waiting caller presses counts: whoever comes round to a queue by it has lost the place for nothing.
    """
    queue = Queue.objects.select_related("overflow", "when_closed").filter(destination=destination).first()
    if queue is None:
        return []
    ways = [(queue.overflow, "when full or too long"), (queue.when_closed, "when closed")]
    ways += [
        (choice.destination, f"when the caller presses {choice.key}")
        for choice in queue.choices.select_related("destination")
    ]
    return [(target, words) for target, words in ways if target is not None]


@transaction.atomic
def save(
    queue: Queue,
    *,
    requirements: Iterable[SkillRequirement] | None = None,
    relaxations: Iterable[SkillRelaxation] | None = None,
    choices: Iterable[Choice] | None = None,
    checked: bool = True,
) -> Queue:
    """Write `queue` as it is set up now; a new one gets its destination, a renamed one renames it.

    Required skills, their relaxations and the callers' choices, given, replace those that there were. `checked=False`
    is for a form that writes such rows itself and calls `faults.check` afterwards. Raises Refused, with the setting at
    fault, as `faults` says.
    """
    faults.check_settings(queue)
    if queue.destination_id is None:
        queue.destination = destinations.create(queue.client, KIND, queue.name)
    elif queue.destination.label != queue.name:
        destinations.rename(queue.destination, queue.name)
    (destinations.restore if queue.active else destinations.retire)(queue.destination)
    queue.save()
    for model, rows in ((SkillRequirement, requirements), (SkillRelaxation, relaxations), (Choice, choices)):
        if rows is not None:
            _replace(queue, model, list(rows))
    if checked:
        faults.check(queue)
    changed(queue)
    return queue


@transaction.atomic
def create(queue: Queue, *, preset: str = "", members: Iterable[Operator] = ()) -> Queue:
    """Make `queue` ready for its first call: the settings of a preset, and who serves it. Raises Refused as `save`."""
    choices = presets.apply(queue, preset) if preset else []
    return set_members(save(queue, choices=choices), members)


def _replace(queue: Queue, model: type[Row], rows: list[Row]) -> None:
    faults.refuse(faults.of_rows(queue, rows), faults.SETTING[model])
    model.objects.filter(queue=queue).delete()
    for row in rows:
        row.queue = queue
        row.save(force_insert=True)


def changed(queue: Queue) -> None:
    """The queue or its members are set up anew: boards learn it, and a waiting call may be offered at once."""
    announce(signals.queue_changed, queue_id=queue.pk, client_id=queue.client_id, entry_id=None)
    places.wake(queue.pk)


@transaction.atomic
def set_members(queue: Queue, members: Iterable[Operator]) -> Queue:
    """Make `members` exactly those who serve the queue. Raises Refused for an operator of another client."""
    return set_memberships(queue, [Membership(operator=operator) for operator in members], only_who=True)


@transaction.atomic
def set_memberships(queue: Queue, rows: Iterable[Membership], *, only_who: bool = False) -> Queue:
    """Make `rows`, each an operator with tier, weight and order, exactly those who serve the queue.

    `only_who`: who is a member already keeps tier, weight and order. Raises Refused for an operator of another client
    and for one who is named twice.
    """
    given_rows = list(rows)
    wanted = {row.operator.pk: row for row in given_rows}
    if len(wanted) < len(given_rows) and not only_who:
        raise Refused("Somebody is named twice. Name each member once.", fields={"memberships": ["Named twice."]})
    for row in wanted.values():
        check_member(queue, row.operator)
    Membership.objects.filter(queue=queue).exclude(operator__in=wanted).delete()
    for row in wanted.values():
        given = {} if only_who else {"tier": row.tier, "weight": row.weight, "position": row.position}
        Membership.objects.update_or_create(
            queue=queue, operator=row.operator, defaults={"active": row.active, **given}
        )
    changed(queue)
    return queue


@transaction.atomic
def set_queues(operator: Operator, queues: Iterable[Queue]) -> Operator:
    """Make `queues` exactly those that the operator serves; where they are a member already, nothing changes.

    Raises Refused for a queue of another client.
    """
    wanted = {queue.pk: queue for queue in queues}
    for queue in wanted.values():
        check_member(queue, operator)
    now = Membership.objects.filter(operator=operator)
    left = list(Queue.objects.filter(memberships__in=now.exclude(queue__in=wanted)))
    now.filter(queue__in=left).delete()
    served = set(now.filter(active=True).values_list("queue", flat=True))
    joined = [queue for key, queue in wanted.items() if key not in served]
    for queue in joined:
        Membership.objects.update_or_create(queue=queue, operator=operator, defaults={"active": True})
    for queue in [*left, *joined]:
        changed(queue)
    return operator


@transaction.atomic
def serve(operator: Operator, queue: Queue, *, on: bool, by: User | None = None) -> bool:
    """A member takes the calls of the queue from now on, or (`on` false) not for a while; False when it was so already.

    What rings or is talked about already goes on. Raises Refused for who is no member: that is a supervisor's decision.
    """
    mine = Membership.objects.filter(queue=queue, operator=operator)
    if not mine.exists():
        raise Refused(f"You are no member of {queue}. Ask your supervisor to be added.", code="no_member")
    if not mine.filter(active=not on).update(active=on):
        return False
    events.record(
        "queues.signed_in" if on else "queues.signed_out", subject=f"operator:{operator.public_id}", actor=by,
        client_ref=queue.client.public_id, operator=str(operator), queue=queue.name,
    )  # fmt: skip
    changed(queue)
    return True


def check_member(queue: Queue, operator: Operator) -> None:
    """Raises Refused unless the operator works for the queue's client."""
    if operator.team.client_id != queue.client_id:
        raise Refused(
            f"{operator} works for another client. Choose operators of {queue.client}.",
            fields={"members": ["Not of this client."]},
        )


@transaction.atomic
def set_music(queue: Queue, sound: bytes) -> Queue:
    """Let those who wait hear `sound` (WAV or MP3); b"" brings back the music of the house.

    Raises Refused for what cannot be played or lasts longer than 20 minutes.
    """
    sound_files.replace(queue, "music", sound, longest_seconds=LONGEST_MUSIC)
    queue.save(update_fields=["music", "music_seconds", "music_digest"])
    return queue


@transaction.atomic
def set_own_operator(person: Person, operator: Operator | None) -> None:
    """Say with whom the person should speak where a queue prefers that; None: with anybody.

    Raises Refused for an operator of another client.
    """
    if operator is None:
        OwnOperator.objects.filter(person=person).delete()
        return
    check_own_operator(person, operator)
    OwnOperator.objects.update_or_create(person=person, defaults={"operator": operator})


def check_own_operator(person: Person, operator: Operator) -> None:
    """Raises Refused unless the operator works for the person's client."""
    if operator.team.client_id != person.client_id:
        raise Refused(
            f"{operator} works for another client. Choose an operator of {person.client}.",
            fields={"own_operator": ["Not of this client."]},
        )


@transaction.atomic
def delete(queue: Queue) -> None:
    """Take a queue away that was never used. Raises Refused when calls went through it or something points at it."""
    destination, music = queue.destination, queue.music
    destinations.refuse_while_used(destination)
    try:
        with transaction.atomic():
            queue.delete()
            destination.delete()
    except ProtectedError as error:
        raise Refused(
            f"{queue} cannot be deleted: calls went through it. Switch it off instead.", code="in_use"
        ) from error
    if music:
        transaction.on_commit(lambda: music.storage.delete(music.name), robust=True)
