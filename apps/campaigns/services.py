"""Writes on campaigns: made, changed, started, paused, resumed, cancelled; promises and the do-not-call list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from apps.calls import services as calls
from apps.calls import state
from apps.calls.models import Call, Leg
from apps.campaigns import permission, presets, reading, states
from apps.campaigns.models import Attempt, Campaign, Contact, ContactList, RetryRule, Target
from apps.carrier.services import refuse_foreign_caller_id
from apps.clients.models import Client
from apps.core import clock
from apps.core.models import User
from apps.core.nudges import nudge
from apps.core.refused import Refused

Status = Campaign.Status
Mode = Campaign.Mode


@transaction.atomic
def create_campaign(
    client: Client, *, name: str, contact_list: ContactList, preset: str = "", by: User | None = None, **fields: Any
) -> Campaign:
    """A draft. `preset` (a key of `presets.PRESETS`) fills what `fields` leave open, and brings its retry rules.

    Raises Refused as `check`.
    """
    chosen = presets.PRESETS.get(preset or presets.DEFAULT)
    if chosen is None:
        raise Refused(
            f"There is no preset “{preset}”. Choose one of {', '.join(presets.PRESETS)}.",
            fields={"preset": ["Not one of the choices."]},
        )
    campaign = Campaign(client=client, name=name, contact_list=contact_list, created_by=by, **(chosen.fields | fields))
    save_campaign(campaign, by=by)
    RetryRule.objects.bulk_create(
        RetryRule(campaign=campaign, outcome=outcome, after_seconds=seconds, most_tries=tries)
        for outcome, (seconds, tries) in chosen.retries.items()
    )
    return campaign


@transaction.atomic
def save_campaign(campaign: Campaign, *, by: User | None = None, changed: list[str] | None = None) -> Campaign:
    """Write a campaign as it is set up now. Raises Refused as `check`, with the fields at fault."""
    check(campaign)
    made = campaign.pk is None
    if made:
        campaign.save()
    else:
        # What the dialer writes meanwhile (lease, heartbeat) is not ours to write back.
        wanted = changed if changed is not None else [
            field.name for field in Campaign._meta.concrete_fields if field.name not in _KEPT_BY_THE_DIALER
        ]  # fmt: skip
        if wanted:
            campaign.save(update_fields=wanted)
    facts = {} if made else {"what": ", ".join(name.replace("_", " ") for name in changed or ["settings"])}
    states.note(campaign, "campaigns.made" if made else "campaigns.changed", by=by, **facts)
    states.changed(campaign)
    return campaign


@transaction.atomic
def set_retry_rules(campaign: Campaign, rules: Sequence[RetryRule], *, by: User | None = None) -> None:
    """What follows the ends of tries, from now on, in place of all that there was.

    Raises Refused for two rules about the same end, one about none or two, and a disposition of another client.
    """
    about: set[tuple[str, int | None]] = set()
    for rule in rules:
        if bool(rule.outcome) == (rule.disposition_id is not None):
            raise _fault("retry_rules", "A rule is about an outcome or about a disposition: give one of the two.")
        if rule.disposition is not None and rule.disposition.client_id != campaign.client_id:
            raise _fault("retry_rules", f"The disposition {rule.disposition} belongs to another client.")
        if (rule.outcome, rule.disposition_id) in about:
            raise _fault("retry_rules", f"There are two rules for one end: {rule}. Keep one of them.")
        about.add((rule.outcome, rule.disposition_id))
        rule.campaign = campaign
    RetryRule.objects.filter(campaign=campaign).delete()
    RetryRule.objects.bulk_create(rules)
    states.note(campaign, "campaigns.changed", by=by, what="retry rules")
    states.changed(campaign)


_KEPT_BY_THE_DIALER = frozenset({
    "id", "status", "owner", "fence", "lease_until", "heartbeat_at", "last_activity_at", "next_try_at", "look_again_at",
    "started_at", "paused_at", "paused_by", "resumed_at", "ended_at", "bot_tries", "bot_ask_at", "bot_awake_until",
})  # fmt: skip


def check(campaign: Campaign) -> None:
    """Raise Refused for what can never dial: the first fault, in words, with its field."""
    client = campaign.client
    for name in ("contact_list", "queue", "schedule", "destination"):
        row = getattr(campaign, name)
        if row is not None and row.client_id != client.pk:
            raise _fault(name, f"{row} belongs to another client. Choose one of {client}.")
    if Campaign.objects.filter(client=client, name=campaign.name).exclude(pk=campaign.pk).exists():
        raise _fault("name", f"There is a campaign called {campaign.name} already. Choose another name.")
    if campaign.mode in Campaign.WITH_OPERATORS and campaign.queue is None:
        raise _fault("queue", "Choose the queue whose operators talk with the contacts.")
    if campaign.mode == Mode.AGENTLESS and campaign.destination is None:
        raise _fault("destination", "Choose where those who answer are sent: a menu, a message, a bot's number.")
    if campaign.max_concurrent_calls < 1:
        raise _fault("max_concurrent_calls", "With no call at once nothing is ever dialled. Allow at least one.")
    if campaign.call_until <= campaign.call_from:
        raise _fault("call_until", "The calling hours end before they begin. Set a later end.")
    _refuse_hours_without_a_common_moment(campaign)
    if campaign.machine == Campaign.Machine.MESSAGE and not campaign.machine_message.strip():
        raise _fault("machine_message", "Write what is said after the beep, or choose to hang up.")
    if campaign.caller_id:
        refuse_foreign_caller_id(client, campaign.caller_id)


def _refuse_hours_without_a_common_moment(campaign: Campaign) -> None:
    at = clock.now()
    if campaign.schedule and permission.never_opens(reading.rules_of(campaign, at), campaign.client.time_zone, at):
        raise _fault(
            "schedule",
            f"“{campaign.schedule}” is never open between {campaign.call_from:%H:%M} and {campaign.call_until:%H:%M}: "
            "nobody would ever be called. Change the hours or the schedule.",
        )


def _fault(field: str, sentence: str) -> Refused:
    return Refused(sentence, fields={field: [sentence]})


# --- Running ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def start(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Begin to dial, or go on. Running already is fine.

    Raises Refused for a cancelled one, one without contacts, and one that can show no caller id.
    """
    row = _held(campaign)
    if row.status == Status.RUNNING:
        return _up_to_date(campaign, row)
    if row.status == Status.CANCELLED:
        raise Refused("This campaign was cancelled. Make a new one with the same list.", code="cancelled")
    check(row)
    if not (row.caller_id or row.client.caller_id):
        raise _fault("caller_id", "There is no caller id to show. Set one for the campaign or for the client.")
    take_in(row)
    if not Target.objects.filter(campaign=row, status__in=Target.OPEN).exists():
        raise Refused(
            f"There is nobody to call: every contact of “{row.contact_list}” is done, or the list is empty. Import "
            "contacts first.", code="no_contacts",
        )  # fmt: skip
    now = clock.now()
    begun = row.started_at is not None
    changes = {"resumed_at": now} if begun else {"started_at": now}
    kind = "campaigns.resumed" if begun else "campaigns.started"
    states.move(row, Status.RUNNING, kind, by=by, next_try_at=None, look_again_at=None, **changes)
    nudge("apps.campaigns.tasks.step", row.pk)
    return _up_to_date(campaign, row)


def resume(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Go on exactly where it stopped: what was called is called, what waits, waits. Raises Refused as `start`."""
    if campaign.status == Status.DRAFT:
        raise Refused("This campaign was never started. Start it.", code="not_started")
    return start(campaign, by=by)


@transaction.atomic
def pause(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """Dial nobody any more; conversations and phones that ring go on. Paused already is fine.

    What was reserved and is not on its way to the carrier yet is called back. Raises Refused when it does not run.
    """
    row = _held(campaign)
    if row.status == Status.PAUSED:
        return _up_to_date(campaign, row)
    if row.status != Status.RUNNING:
        raise Refused(
            f"Only a campaign that runs can be paused; this one has the status “{row.get_status_display()}”.",
            code="not_running",
        )
    states.move(row, Status.PAUSED, "campaigns.paused", by=by, paused_at=clock.now(), paused_by=by)
    _call_back_the_reserved(row)
    return _up_to_date(campaign, row)


@transaction.atomic
def cancel(campaign: Campaign, *, by: User | None = None) -> Campaign:
    """End it for good: phones that ring are hung up, conversations go on to their end. Twice is once.

    Raises Refused for a campaign that is completed.
    """
    row = _held(campaign)
    if row.status == Status.CANCELLED:
        return _up_to_date(campaign, row)
    if not states.move(row, Status.CANCELLED, "campaigns.cancelled", by=by):
        raise Refused("This campaign is through with its contacts already.", code="completed")
    _call_back_the_reserved(row)
    for attempt in Attempt.objects.unanswered().filter(campaign=row).select_related("leg__call__client"):
        if attempt.leg.is_open and attempt.leg.answered_at is None:
            calls.hang_up_leg(attempt.leg, by=f"Campaign {row}")
    return _up_to_date(campaign, row)


def _held(campaign: Campaign) -> Campaign:
    rows = Campaign.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("client", "queue", "schedule", "destination", "contact_list").get(pk=campaign.pk)


def _up_to_date(campaign: Campaign, row: Campaign) -> Campaign:
    for name in ("status", "started_at", "paused_at", "paused_by", "resumed_at", "ended_at", "fence"):
        setattr(campaign, name, getattr(row, name))
    return campaign


def _call_back_the_reserved(campaign: Campaign) -> None:
    """Take back what no process has begun to dial: the same claim as the dialling's, so only one of the two wins."""
    reserved = Attempt.objects.open().filter(campaign=campaign, leg__dialed_at__isnull=True, leg__sid__isnull=True)
    for attempt in reserved.select_related("leg__call__client", "call__client"):
        claimed = Leg.objects.filter(pk=attempt.leg_id, status=state.QUEUED, dialed_at__isnull=True)
        if claimed.update(dialed_at=clock.now()):
            calls.advance(attempt.leg, state.CANCELED)
            calls.close(attempt.call, Call.Outcome.REFUSED)


def take_in(campaign: Campaign) -> int:
    """Make a target of each contact of the list that is none yet; how many. One statement, also for 100,000."""
    target, contact = Target._meta.db_table, Contact._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {target} (campaign_id, contact_id, status, due_at, last_outcome, why) "  # noqa: S608
            f"SELECT %s, id, 'waiting', %s, '', '' FROM {contact} WHERE list_id = %s ORDER BY id "
            "ON CONFLICT (campaign_id, contact_id) DO NOTHING",
            [campaign.pk, clock.now(), campaign.contact_list_id],
        )
        return cursor.rowcount
