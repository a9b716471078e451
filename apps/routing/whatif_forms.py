"""What a manager asks of the what-if report: a draft and a period of past calls."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import User
from apps.destinations.models import Destination
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
