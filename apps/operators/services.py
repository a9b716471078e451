"""Writes on operators: what they chose (presence), what holds them (engagements), whether their desk can ring.

An operator's row is locked before an engagement of theirs is written, so that two paths that want the same operator
meet there and one of them is told so. Nothing here looks at calls or queues.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat, Greatest

from apps.clients import services as clients
from apps.core import clock, events, roles, words
from apps.core.announce import announce
from apps.core.models import Event, User
from apps.core.prepared import Prepared, insert
from apps.core.refused import Refused
from apps.destinations import services as destinations
from apps.operators import signals
from apps.operators.models import BreakReason, Engagement, Operator, PresenceSpan, Team

Presence = Operator.Presence
LONGEST_WRAP_UP = timedelta(hours=1)


def for_user(user: User) -> Operator | None:
    """The operator that `user` is, with team and client; None when the user takes no calls."""
    return Operator.objects.select_related("user", "team__client", "break_reason").filter(user_id=user.pk).first()


def require(user: User) -> Operator:
    """The operator that `user` is. Raises Refused when the user takes no calls."""
    operator = for_user(user)
    if operator is None:
        raise Refused("You take no calls. Ask an administrator to make you an operator.", code="not_an_operator")
    return operator


@transaction.atomic
def add_operator(user: User, team: Team, **details: Any) -> Operator:
    """Make `user` somebody who takes calls: the row, the role and the membership of the team's client.

    Who has a role already (a supervisor who also takes calls) keeps it.
    """
    return save(Operator(user=user, team=team, **details))


@transaction.atomic
def save(operator: Operator) -> Operator:
    """Write `operator` as set up now, and see to it that they may work.

    Raises Refused (with the field at fault) for a team of another client than before, a caller id that is not one of
    the client's numbers, and a fallback phone that must not be dialled.
    """
    client = operator.team.client
    before = Operator.objects.select_related("team__client").filter(pk=operator.pk).first()
    if before is not None and before.team.client_id != client.pk:
        # Queues and calls of the one client stand behind them.
        raise Refused(
            f"{operator.team} works for another client. Choose a team of {before.team.client}.",
            fields={"team": ["Of another client."]},
        )
    if operator.shift is not None and operator.shift.client_id != client.pk:
        raise Refused(
            f"“{operator.shift}” belongs to another client. Choose a schedule of {client}.",
            fields={"shift": ["Of another client."]},
        )
    if before is None or before.caller_id != operator.caller_id:
        clients.check_caller_id(client, operator.caller_id)
    if operator.fallback_phone and (before is None or before.fallback_phone != operator.fallback_phone):
        try:
            operator.fallback_phone = destinations.checked_number(client, operator.fallback_phone)
        except Refused as refusal:
            raise Refused(
                refusal.sentence, code=refusal.code, fields={"fallback_phone": [refusal.sentence]}
            ) from refusal
    operator.save()
    if before is None:
        _keep_presence(operator)
    admit(operator)
    return operator


@transaction.atomic
def admit(operator: Operator) -> None:
    """See to it that the operator's user may work: a role, and a member of the team's client."""
    operator.team.client.members.add(operator.user)
    if not operator.user.is_superuser and not operator.user.groups.exists():
        operator.user.groups.add(Group.objects.get(name=roles.OPERATOR))


@transaction.atomic
def set_presence(
    operator: Operator, presence: str, *, reason: BreakReason | None = None, by: User | None = None
) -> Operator:
    """Note what the operator chose to be; `by` is who asked for it. Choosing the same again changes nothing.

    Leaving for `offline` ends a wrap-up; becoming available puts the operator at the end of the idle line. A
    conversation is never cut by it. Raises Refused for an unknown presence or a reason that does not fit.
    """
    if presence not in Presence.values:
        raise Refused(
            f"“{presence}” is not a presence. Choose {', '.join(Presence.values)}.",
            fields={"status": ["Not one of the choices."]},
        )
    _check_reason(operator, presence, reason)
    row = _held(operator)
    if (row.presence, row.break_reason_id) == (presence, reason and reason.pk):
        if presence == Presence.AVAILABLE:
            mark_reachable(row)
        return _bring_up_to_date(operator, row)
    _enter(row, presence, reason, by=by)
    if presence == Presence.AVAILABLE:
        mark_reachable(row)
    return _bring_up_to_date(operator, row)


def _enter(row: Operator, presence: str, reason: BreakReason | None, *, by: User | None = None) -> None:
    """Write the new presence of a row that is held; `by` is who asked for it, nobody: the house."""
    now = clock.now()
    before, seconds = row.presence, round((now - row.presence_since).total_seconds())
    row.presence, row.presence_since, row.break_reason = presence, now, reason
    if presence == Presence.AVAILABLE:
        row.idle_since = now
    row.save(update_fields=["presence", "presence_since", "break_reason", "idle_since"])
    _keep_presence(row)
    if presence == Presence.OFFLINE:
        finish_wrap_up(row)
    _record(
        row, "operators.presence_changed", actor=by, presence=row.get_presence_display(),
        reason=reason.name if reason else "no reason given", before=before, seconds=seconds,
    )  # fmt: skip
    _announce(row)


@transaction.atomic
def send_on_break(operator: Operator, *, reason: str, why: str) -> bool:
    """Put an operator who is available on a break that nobody chose; `why` is a sentence for the timeline.

    The reason is made for the client when it is not there yet, and is not offered at the desks. Being available again
    is their own choice. False when they are not available.
    """
    row = _held(operator)
    if row.presence != Presence.AVAILABLE:
        return False
    known, _made = BreakReason.objects.get_or_create(client=row.team.client, name=reason, defaults={"active": False})
    _record(row, "operators.sent_on_break", why=why)
    _enter(row, Presence.ON_BREAK, known)
    _bring_up_to_date(operator, row)
    return True


def _keep_presence(row: Operator) -> None:
    """The history goes on with what the operator is since `presence_since`."""
    PresenceSpan.objects.open().filter(operator=row).update(until=Greatest("since", row.presence_since))
    PresenceSpan.objects.create(
        operator=row, presence=row.presence, break_reason=row.break_reason, since=row.presence_since
    )


def _check_reason(operator: Operator, presence: str, reason: BreakReason | None) -> None:
    if reason is None:
        return
    if presence != Presence.ON_BREAK:
        raise Refused("A reason belongs to a break only. Leave it out.", fields={"reason": ["Only for a break."]})
    if not reason.active or reason.client_id != operator.team.client_id:
        raise Refused("This reason is not in use. Choose one of the list.", fields={"reason": ["Choose another."]})


@transaction.atomic
def engage(
    operator: Operator, purpose: str, *, call_ref: uuid.UUID | None = None, due_at: datetime | None = None
) -> Engagement:
    """Take the operator for `purpose`, until `release`.

    Raises Refused (code operator_busy) when something holds them.
    """
    row = _held(operator)
    try:
        with transaction.atomic():
            engagement = Engagement.objects.create(
                operator=row, purpose=purpose, since=clock.now(), call_ref=call_ref, due_at=due_at
            )
    except IntegrityError as error:
        raise Refused(f"{row} is busy. Try again when they are free.", code="operator_busy") from error
    facts = {"due_at": due_at.isoformat()} if due_at else {}
    _record(row, "operators.engaged", call_ref=call_ref, purpose=engagement.get_purpose_display(), **facts)
    _announce(row, engaged=True)
    return engagement


@transaction.atomic(savepoint=False)
def engage_all(wanted: Sequence[tuple[Operator, uuid.UUID | None]], purpose: str) -> list[Engagement]:
    """Take several operators at once, each for one call. Their rows are locked by the caller, who knows them free.

    Raises IntegrityError when one of them is not.
    """
    now = clock.now()
    made = insert(
        [Engagement(operator=operator, purpose=purpose, since=now, call_ref=call_ref) for operator, call_ref in wanted]
    )
    for engagement in made:
        _record(
            engagement.operator, "operators.engaged", call_ref=engagement.call_ref,
            purpose=engagement.get_purpose_display(),
        )  # fmt: skip
        _announce(engagement.operator, engaged=True)
    return list(made)


@transaction.atomic
def release(engagement: Engagement, *, at: datetime | None = None, keep_turn: bool = False) -> bool:
    """End an engagement; False when it was over.

    `keep_turn`: the idle time before it still counts (nobody was served).
    """
    row, now = _held(engagement.operator), at or clock.now()
    if not Engagement.objects.open().filter(pk=engagement.pk).update(ended_at=now):
        return False
    engagement.ended_at = now
    if not keep_turn:
        Operator.objects.filter(pk=row.pk).update(idle_since=now)
    _record(
        row, "operators.released", call_ref=engagement.call_ref, purpose=engagement.get_purpose_display(), at=now,
        seconds=max(0, round((now - engagement.since).total_seconds())),
    )  # fmt: skip
    _announce(row)
    return True


def tie(engagement: Engagement, call_ref: uuid.UUID) -> None:
    """Note which call the engagement is about, where that was not known when it began."""
    if engagement.call_ref != call_ref:
        Engagement.objects.filter(pk=engagement.pk).update(call_ref=call_ref)
        engagement.call_ref = call_ref


@transaction.atomic
def turn(engagement: Engagement, purpose: str) -> None:
    """What holds the operator is another thing from now on; they were never free between the two."""
    if Engagement.objects.open().filter(pk=engagement.pk).update(purpose=purpose):
        engagement.purpose = purpose
        _record(
            engagement.operator, "operators.engaged", call_ref=engagement.call_ref,
            purpose=engagement.get_purpose_display(),
        )  # fmt: skip
        _announce(engagement.operator)


@transaction.atomic
def wrap_up(
    operator: Operator, seconds: int, call_ref: uuid.UUID | None, *, until_released: bool = False
) -> Engagement | None:
    """Give the operator `seconds` after a conversation, or (`until_released`) as long as they need.

    None: no time is due, or the operator has signed out meanwhile.
    """
    row = _held(operator)
    if (seconds <= 0 and not until_released) or row.presence == Presence.OFFLINE:
        return None
    due_at = None if until_released else clock.now() + timedelta(seconds=seconds)
    return engage(row, Engagement.Purpose.WRAP_UP, call_ref=call_ref, due_at=due_at)


@transaction.atomic
def ask_help(operator: Operator, *, note: str = "") -> bool:
    """The operator asks a supervisor for help; False when they did already (the newer words count)."""
    row, now = _held(operator), clock.now()
    is_new = row.help_since is None
    Operator.objects.filter(pk=row.pk).update(help_since=row.help_since or now, help_note=note[:200])
    if is_new:
        engagement = Engagement.objects.open().filter(operator=row).first()
        _record(row, "operators.asked_help", call_ref=engagement and engagement.call_ref, note=note[:200])
    _announce(row)
    return is_new


@transaction.atomic
def end_help(operator: Operator, *, by: User | None = None) -> bool:
    """Help is there, or not needed any more; False when none was asked for."""
    if not Operator.objects.filter(pk=operator.pk, help_since__isnull=False).update(help_since=None, help_note=""):
        return False
    _record(operator, "operators.helped", actor=by)
    _announce(operator)
    return True


@transaction.atomic
def set_favourite(operator: Operator, colleague: Operator, *, on: bool) -> None:
    """Put a colleague among those whom the operator's directory shows first, or take them out. Twice is once."""
    if colleague.team.client_id != operator.team.client_id or colleague.pk == operator.pk:
        raise Refused("Choose a colleague of yours.", fields={"colleague": ["Not a colleague."]})
    (operator.favourites.add if on else operator.favourites.remove)(colleague)
    _announce(operator)


def finish_wrap_up(operator: Operator) -> bool:
    """End the operator's wrap-up now; False when there is none."""
    running = Engagement.objects.open().filter(operator=operator, purpose=Engagement.Purpose.WRAP_UP).first()
    return running is not None and release(running)


@transaction.atomic
def extend_wrap_up(operator: Operator, seconds: int) -> Engagement:
    """Give the operator `seconds` more for what is to be written down.

    Raises Refused without a wrap-up that has an end, and for more than `LONGEST_WRAP_UP` in all.
    """
    row, now = _held(operator), clock.now()
    running = Engagement.objects.open().filter(operator=row, purpose=Engagement.Purpose.WRAP_UP, due_at__gt=now).first()
    if running is None or running.due_at is None:
        raise Refused("No wrap-up is running that could be longer.", code="no_wrap_up")
    due_at = running.due_at + timedelta(seconds=seconds)
    if not seconds > 0 or due_at - running.since > LONGEST_WRAP_UP:
        raise Refused("A wrap-up lasts an hour at most. Ask for less, or take a break.", code="too_long")
    running.due_at = due_at
    running.save(update_fields=["due_at"])
    _record(row, "operators.wrap_up_extended", call_ref=running.call_ref, seconds=seconds)
    _announce(row)
    return running


def finish_due_wrap_ups(at: datetime) -> int:
    """End each wrap-up whose time is over, at the moment when it was due; how many there were."""
    return sum(release(engagement, at=engagement.due_at) for engagement in _wrapped_up(at=at))


@Prepared
def _wrapped_up(at: datetime) -> QuerySet[Engagement]:
    due = Engagement.objects.due(at).filter(purpose=Engagement.Purpose.WRAP_UP)
    return due.select_related("operator__team__client", "operator__user")


def note_long_breaks(at: datetime) -> int:
    """Write down each running break that is longer than its reason allows, once; how many there were."""
    found = 0
    for span in _overrun(at=at):
        reason = span.break_reason
        if reason is None:
            continue
        written = _record(
            span.operator, "operators.break_overrun", reason=reason.name, limit=words.span(reason.limit_seconds),
            at=span.since + timedelta(seconds=reason.limit_seconds), key=f"break_overrun:{span.pk}",
        )  # fmt: skip
        found += written is not None
    return found


@Prepared
def _overrun(at: datetime) -> QuerySet[PresenceSpan]:
    key = Concat(Value("break_overrun:"), Cast(OuterRef("pk"), CharField()))
    beyond = PresenceSpan.objects.open().beyond(at).exclude(Exists(Event.objects.filter(key=key)))
    return beyond.select_related("operator__user", "operator__team__client", "break_reason")


@transaction.atomic
def mark_unreachable(operator: Operator, reason: str) -> bool:
    """Offer this operator nothing more until the desk is heard of; False when that was known. `reason` is in words."""
    if not Operator.objects.filter(pk=operator.pk, unreachable_since__isnull=True).update(
        unreachable_since=clock.now(), unreachable_why=reason[:200]
    ):
        return False
    _record(operator, "operators.unreachable", reason=reason)
    _announce(operator)
    return True


@transaction.atomic
def mark_reachable(operator: Operator) -> bool:
    """The operator's desk can ring (again); False when that was known."""
    if not Operator.objects.filter(pk=operator.pk, unreachable_since__isnull=False).update(
        unreachable_since=None, unreachable_why=""
    ):
        return False
    operator.unreachable_since = None
    _record(operator, "operators.reachable")
    _announce(operator)
    return True


def _held(operator: Operator) -> Operator:
    """The operator's row as it is now, locked until commit."""
    rows = Operator.objects.select_for_update(no_key=True, of=("self",)).select_related("user", "team__client")
    return rows.get(pk=operator.pk)


def _bring_up_to_date(operator: Operator, row: Operator) -> Operator:
    for name in ("presence", "presence_since", "break_reason", "idle_since", "unreachable_since"):
        setattr(operator, name, getattr(row, name))
    return operator


def _announce(operator: Operator, *, engaged: bool = False) -> None:
    """Tell, after commit, that something about this operator is different; `engaged`: something holds them now."""
    announce(signals.operator_changed, operator_id=operator.pk, client_id=operator.team.client_id, engaged=engaged)


def _record(operator: Operator, kind: str, **facts: Any) -> Event | None:
    return events.record(
        kind, subject=f"operator:{operator.public_id}", client_ref=operator.team.client.public_id,
        operator=str(operator), **facts,
    )  # fmt: skip
