"""Filing a call: under what, with which fields, and what is still missing before the operator may go on."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from apps.calls.models import Call, Disposition
from apps.core.refused import Refused
from apps.operators import services as operators
from apps.operators.models import Engagement, Operator
from apps.queues import wording
from apps.queues.models import Queue
from apps.queues.wording import Field

LONGEST = 500


def queue_of(call: Call) -> Queue | None:
    """The queue whose call it is, the last one where there were several."""
    entry = call.queue_entries.select_related("queue").order_by("-joined_at").first()
    return entry.queue if entry else None


def fields_of(queue: Queue | None) -> list[Field]:
    """What is asked about a call of `queue`."""
    return wording.fields(queue.form) if queue else []


def dispositions_of(call: Call, queue: Queue | None) -> list[Disposition]:
    """The queue's own list with what belongs under each, or all of the client's."""
    rows = Disposition.objects.filter(client=call.client_id, active=True).select_related("parent")
    chosen = set(queue.dispositions.values_list("pk", flat=True)) if queue else set()
    return [row for row in rows if not chosen or row.pk in chosen or row.parent_id in chosen]


def check(call: Call, answers: Mapping[str, str]) -> None:
    """Raise Refused for a field that the call's queue does not ask for, or an answer that is none of its choices."""
    known = {field.label: field for field in fields_of(queue_of(call))}
    for label, answer in answers.items():
        field = known.get(label)
        if field is None:
            raise _bad(f"“{label[:60]}” is not asked for about this call.")
        if len(answer) > LONGEST:
            raise _bad(f"“{label}” takes at most {LONGEST} letters.")
        if answer and field.choices and answer not in field.choices:
            raise _bad(f"“{label}” is one of {', '.join(field.choices)}.")


def _bad(sentence: str) -> Refused:
    return Refused(sentence, fields={"answers": [sentence]})


def missing(call: Call) -> list[str]:
    """What must still be said about the call, each as a sentence; nothing for a call of no queue."""
    queue, found = queue_of(call), []
    if queue is None:
        return found
    filed = call.disposition
    if filed is None:
        if queue.disposition_required:
            found.append("Choose how the call ended.")
    elif filed.children.filter(active=True).exists():
        found.append(f"Choose which “{filed.name}” it was.")
    if filed is not None and filed.needs_note and not call.note.strip():
        found.append(f"Write a note: “{filed.name}” needs one.")
    blank = [field.label for field in fields_of(queue) if field.required and not call.answers.get(field.label)]
    return found + [f"Fill in “{label}”." for label in blank]


@transaction.atomic
def finish(operator: Operator) -> None:
    """The operator is done with the last call. Raises Refused while something must still be said about it."""
    held = Engagement.objects.open().filter(operator=operator, purpose=Engagement.Purpose.WRAP_UP).first()
    if held is None:
        return
    call = Call.objects.select_related("disposition").filter(public_id=held.call_ref).first()
    if call is not None and (open_points := missing(call)):
        raise Refused(" ".join(open_points), code="not_filed")
    operators.finish_wrap_up(operator)
