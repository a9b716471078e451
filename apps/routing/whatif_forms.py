"""What a manager asks of the what-if report: a draft and a period of past calls."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import User
from apps.destinations.models import Destination
from apps.operators.models import Skill
from apps.queues.models import Queue
from apps.routing import conditions
from apps.routing.forms import GroupsField, write_groups
from apps.routing.models import Rule
from apps.routing.rules import QUEUE
from apps.routing.truth import RuleView

HERE, FIRST, LAST, OFF = "here", "first", "last", "off"
PLACES = [
    (HERE, "on, where the rule stands (a new one: last)"), (FIRST, "on, before all others"),
    (LAST, "on, behind all others"), (OFF, "off"),
]  # fmt: skip


class Period(forms.Form):
    """Past calls from the beginning of one day to the end of another, at the client's place."""

    since = forms.DateField(label="Calls from", widget=UnfoldAdminSingleDateWidget)
    until = forms.DateField(label="to", widget=UnfoldAdminSingleDateWidget)

    @staticmethod
    def usual() -> dict:
        """The last 30 days."""
        today = clock.now().date()
        return {"since": today - timedelta(days=30), "until": today}

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", "The last day lies before the first. Choose a later one.")
        return cleaned

    def moments(self, client: Client) -> tuple[datetime, datetime]:
        """The period as moments; the second one is not included."""
        zone = client.time_zone
        end = self.cleaned_data["until"] + timedelta(days=1)
        return (
            datetime.combine(self.cleaned_data["since"], time(), zone),
            datetime.combine(end, time(), zone),
        )


class WhatIfForm(Period):
    """A rule that is only imagined: a new one, or another one in the place of `rule`."""

    client = forms.ModelChoiceField(Client.objects.none(), widget=UnfoldAdminSelectWidget, empty_label=None)
    rule = forms.ModelChoiceField(
        Rule.objects.none(), required=False, label="Instead of the rule", widget=UnfoldAdminSelectWidget,
        empty_label="none: it is a new rule",
    )  # fmt: skip
    conditions = GroupsField(required=False, label="When")
    destination = forms.ModelChoiceField(Destination.objects.none(), label="Goes to", widget=UnfoldAdminSelectWidget)
    fallback = forms.ModelChoiceField(
        Destination.objects.none(), required=False, widget=UnfoldAdminSelectWidget, empty_label="none"
    )
    place = forms.ChoiceField(label="The rule is", choices=PLACES, widget=UnfoldAdminSelectWidget)

    field_order = ["client", "rule", "conditions", "destination", "fallback", "place", "since", "until"]

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        clients = Client.objects.visible_to(user)
        self.fields["client"].queryset = clients
        self.fields["rule"].queryset = Rule.objects.visible_to(user).complete()
        for name in ("destination", "fallback"):
            self.fields[name].queryset = Destination.objects.visible_to(user)
        self.fields["conditions"].widget.choices = {one.pk: conditions.suggestions(one) for one in clients}

    @classmethod
    def of(cls, rule: Rule | None, user: User) -> WhatIfForm:
        """The form with the rule as it is now, over the last 30 days."""
        first = Period.usual() | {"place": HERE}
        if rule is not None:
            first |= {
                "client": rule.client_id, "rule": rule.pk, "destination": rule.destination_id,
                "fallback": rule.fallback_id, "conditions": write_groups(rule.group_views, rule.match),
            }  # fmt: skip
        return cls(initial=first, user=user)

    def clean(self):
        cleaned = super().clean()
        client = cleaned.get("client")
        for name in ("rule", "destination", "fallback"):
            row = cleaned.get(name)
            if client and row is not None and row.client_id != client.pk:
                self.add_error(name, f"That belongs to another client. Choose what belongs to {client}.")
        if client and "conditions" in cleaned:
            groups, match = cleaned["conditions"]
            found = conditions.clean_groups(client, groups)
            if found.faults:
                self.fields["conditions"].widget.faults = {f"{g}.{c}": words for (g, c), words in found.faults.items()}
                self.add_error("conditions", list(found.faults.values()))
            cleaned["conditions"] = (found.groups, match)
        return cleaned

    @property
    def draft(self) -> RuleView:
        """The imagined rule as the engine sees it."""
        chosen = self.cleaned_data
        groups, match = chosen["conditions"]
        rule, to, spare = chosen["rule"], chosen["destination"], chosen["fallback"]
        return RuleView(
            rule.pk if rule else 0, rule.name if rule else "the draft", groups, match, usable=to.active,
            destination=to.pk, fallback=spare and spare.pk, fallback_usable=spare is not None and spare.active,
            guarded=to.kind == QUEUE,
        )  # fmt: skip

    @property
    def nth(self) -> int | None:
        """Where among the others, as `whatif.with_draft` wants it."""
        return {FIRST: 0, LAST: 1_000_000}.get(self.cleaned_data["place"])


class QueueForm(Period):
    """A queue whose settings are imagined to be others."""

    queue = forms.ModelChoiceField(Queue.objects.none(), widget=UnfoldAdminSelectWidget, empty_label=None)
    places = forms.IntegerField(min_value=1, max_value=1000, widget=UnfoldAdminIntegerFieldWidget)
    max_wait = forms.IntegerField(
        label="Longest wait (seconds)", min_value=10, max_value=7200, widget=UnfoldAdminIntegerFieldWidget
    )
    overflow = forms.ModelChoiceField(
        Destination.objects.none(), required=False, widget=UnfoldAdminSelectWidget,
        empty_label="an apology and good-bye",
    )  # fmt: skip
    service_level_seconds = forms.IntegerField(
        label="Service level: answered within (seconds)", min_value=1, max_value=7200,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip
    strategy = forms.ChoiceField(choices=Queue.Strategy.choices, widget=UnfoldAdminSelectWidget)
    requirements = forms.CharField(
        label="Required skills", required=False, max_length=400, widget=UnfoldAdminTextInputWidget,
        help_text="Each with its level from 1 to 10, for example: Spanish 5, Billing 3.",
    )  # fmt: skip

    field_order = [
        "queue", "places", "max_wait", "overflow", "service_level_seconds", "strategy", "requirements", "since",
        "until",
    ]  # fmt: skip

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["queue"].queryset = Queue.objects.visible_to(user).select_related("client", "overflow")
        self.fields["overflow"].queryset = Destination.objects.visible_to(user)

    @classmethod
    def of(cls, queue: Queue | None, user: User) -> QueueForm:
        """The form with the queue as it is now, over the last 30 days."""
        first = Period.usual()
        if queue is not None:
            required = queue.requirements.select_related("skill")
            first |= {
                "queue": queue.pk, "places": queue.max_size, "max_wait": queue.max_wait_seconds,
                "overflow": queue.overflow_id, "service_level_seconds": queue.service_level_seconds,
                "strategy": queue.strategy, "requirements": ", ".join(str(one) for one in required),
            }  # fmt: skip
        return cls(initial=first, user=user)

    def clean(self):
        cleaned = super().clean()
        queue, overflow = cleaned.get("queue"), cleaned.get("overflow")
        if queue is None:
            return cleaned
        if overflow is not None and overflow.client_id != queue.client_id:
            self.add_error("overflow", f"That belongs to another client. Choose what belongs to {queue.client}.")
        try:
            cleaned["requirements"] = read_skills(queue, cleaned.get("requirements", ""))
        except ValidationError as error:
            self.add_error("requirements", error)
        return cleaned

    @property
    def changes(self) -> dict:
        """What `whatif_queue.changed` takes."""
        names = ["places", "max_wait", "service_level_seconds", "strategy", "requirements"]
        overflow = self.cleaned_data["overflow"]
        return {name: self.cleaned_data[name] for name in names} | {"overflow": overflow and overflow.pk}


def read_skills(queue: Queue, text: str) -> tuple[tuple[str, int], ...]:
    """ "Spanish 5, Billing 3" as pairs by name. Raises ValidationError for a skill that the client does not have."""
    names = {name.lower(): name for name in Skill.objects.filter(client=queue.client).values_list("name", flat=True)}
    found: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, level = part.rpartition(" ")
        if not level.isdecimal() or not 1 <= int(level) <= 10:
            raise ValidationError(f"Write “{part}” as a skill and its level from 1 to 10, for example Spanish 5.")
        if name.strip().lower() not in names:
            raise ValidationError(
                f"There is no skill named “{name.strip()}”. Choose one of: {', '.join(names.values())}."
            )
        found[names[name.strip().lower()]] = int(level)
    return tuple(sorted(found.items()))
