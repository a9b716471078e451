"""Forms of the admin: the conditions of a rule as the builder draws them, and calls that are only imagined."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
)

from apps.carrier.models import PhoneNumber
from apps.core.models import User
from apps.routing import conditions, services, truth, wording
from apps.routing.models import Condition, Rule
from apps.routing.rules import rule_groups
from apps.routing.truth import ConditionView, GroupView
from apps.routing.warnings import Warning

# What stands between a subject and its value, when it must hold and when it must not.
JOINS = {
    truth.CALLER_TAG: ("include", "do not include"),
    truth.CALLER_LIST: ("include", "do not include"),
    truth.OPEN: ("is open", "is closed"),
    truth.HOLIDAY: ("has a holiday today", "has no holiday today"),
    truth.DIGITS: ("are", "are not"),
    truth.DIGITS_PREFIX: ("are", "are not"),
}


class BuilderWidget(forms.Textarea):
    """A text of JSON that `builder.js` draws as boxes of conditions."""

    template_name = "routing/builder.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.faults: dict[str, str] = {}
        self.choices: dict[int, dict[str, list[str]]] = {}

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "faults": self.faults,
            "choices": self.choices,
            "subjects": subjects(),
            "said": _as_words(value),
        }
        return context


def subjects() -> list[dict[str, Any]]:
    """What can be asked, for the builder: which words join a subject with its value, and how the value is given."""
    return [
        {
            "name": name,
            "label": str(label),
            "measured": name in truth.MEASURED,
            "nameless": name == truth.SINCE_LAST_CALL,
            "yes_or_no": name in (truth.KNOWN_CALLER, truth.CALLED_BEFORE),
            "unit": conditions.UNITS.get(name, ""),
            "choose": name in conditions.NAMES_OF or name == truth.NUMBER,
            "value_first": name in truth.MEASURED or name in (truth.OPEN, truth.HOLIDAY),
            "joins": JOINS.get(name, ("at least", "less than") if name in truth.MEASURED else ("is", "is not")),
            "phrases": [_phrase(name, negated) for negated in (False, True)],
        }
        for name, label in Condition.Subject.choices
    ]


def _phrase(subject: str, negated: bool) -> str:
    """How a condition about `subject` is said, with {value} and {number} left open."""
    value = truth.YES if subject in (truth.KNOWN_CALLER, truth.CALLED_BEFORE) else "{value}"
    said = wording.asks(ConditionView(subject, value, negated, 0))
    return said.replace(" 0", " {number}", 1) if subject in truth.MEASURED else said


def _as_words(value: str | None) -> str:
    """What the conditions ask, "" when they ask nothing; also of those that come back because they are not complete."""
    try:
        groups, match = read_groups(value or "{}")
    except ValidationError:
        return ""
    if any(one.subject not in truth.SUBJECTS for group in groups for one in group.conditions):
        return "…"
    return wording.rule_asks(groups, match)


class GroupsField(forms.CharField):
    """Groups of conditions as JSON: {"match": "all", "groups": [{"match": "any", "conditions": [{...}]}]}."""

    widget = BuilderWidget

    def clean(self, value):
        return read_groups(super().clean(value) or "{}")


def read_groups(text: str) -> tuple[tuple[GroupView, ...], str]:
    """The groups and which of them must hold. Raises ValidationError for a text that no builder wrote."""
    try:
        said = json.loads(text)
        groups = tuple(_group(one) for one in said.get("groups", []))
        match = said.get("match", truth.ALL)
        if match not in (truth.ALL, truth.ANY):
            raise ValueError(match)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise ValidationError("The conditions could not be read. Load the page again and enter them anew.") from error
    return groups, match


def _group(said: dict[str, Any]) -> GroupView:
    if said["match"] not in (truth.ALL, truth.ANY):
        raise ValueError(said["match"])
    return GroupView(tuple(_condition(one) for one in said["conditions"]), said["match"])


def _condition(said: dict[str, Any]) -> ConditionView:
    number = said.get("number")
    return ConditionView(
        str(said["subject"]), str(said.get("value") or "")[:160], bool(said.get("negated")),
        int(number) if number not in (None, "") else None,
    )  # fmt: skip


def write_groups(groups: tuple[GroupView, ...], match: str) -> str:
    """The groups as `read_groups` reads them."""
    said = [
        {
            "match": group.match,
            "conditions": [
                {"subject": one.subject, "value": one.value, "negated": one.negated, "number": one.number}
                for one in group.conditions
            ],
        }
        for group in groups
    ]
    return json.dumps({"match": match, "groups": said})


class RuleForm(forms.ModelForm):
    """A rule with its conditions. What is wrong, or probably not meant, is said beside the field."""

    conditions = GroupsField(
        required=False, label="When", help_text="Without conditions the rule decides about every call."
    )

    class Meta:
        model = Rule
        fields = ["client", "name", "destination", "fallback", "active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["conditions"] = write_groups(rule_groups(self.instance), self.instance.match)

    def clean(self):
        cleaned = super().clean()
        client = cleaned.get("client") or (self.instance.client if self.instance.client_id else None)
        if client is None or "conditions" not in cleaned:
            return cleaned
        groups, match = cleaned["conditions"]
        found = conditions.clean_groups(client, groups)
        if found.faults:
            self.fields["conditions"].widget.faults = {f"{g}.{c}": words for (g, c), words in found.faults.items()}
            self.add_error("conditions", list(found.faults.values()))
            return cleaned
        cleaned["conditions"] = (found.groups, match)
        self.instance.match = match
        return cleaned

    def _post_clean(self):
        super()._post_clean()
        if self.errors or "conditions" not in self.cleaned_data:
            return
        fault = services.find_fault(self.instance, self.cleaned_data["conditions"][0])
        if fault:
            self.add_error("conditions", fault)

    def tell(self, warnings: list[Warning]) -> None:
        """Show what is probably not meant beside the fields that it is about."""
        widget = self.fields["conditions"].widget
        for name in dict.fromkeys(warning.field for warning in warnings):
            told = [warning for warning in warnings if warning.field == name]
            widget.faults |= {one.place: one.sentence for one in told if one.place and one.place not in widget.faults}
            lines = format_html_join(
                "", '<span class="routing-warning" role="status">{}</span>', ((one.sentence,) for one in told)
            )
            self.fields[name].help_text = format_html("{}{}", self.fields[name].help_text, lines)


class SampleCallForm(forms.Form):
    """A call that is only imagined."""

    number = forms.ModelChoiceField(
        PhoneNumber.objects.none(), label="The number called", widget=UnfoldAdminSelectWidget, empty_label=None
    )
    caller = forms.CharField(
        label="The caller's number",
        required=False,
        max_length=40,
        widget=UnfoldAdminTextInputWidget,
        help_text="Empty: a caller who withholds it.",
    )
    at = forms.SplitDateTimeField(
        label="When",
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text="In the client's time zone. Empty: now. Queues and operators are those of this moment in any case.",
    )
    language = forms.CharField(
        label="Language",
        required=False,
        max_length=16,
        widget=UnfoldAdminTextInputWidget,
        help_text="For example es. Empty: the caller's, else the client's.",
    )
    digits = forms.RegexField(
        r"^[0-9*#]*$",
        label="Keys pressed in menus",
        required=False,
        max_length=40,
        widget=UnfoldAdminTextInputWidget,
        help_text="Empty: the call comes straight from outside.",
        error_messages={"invalid": "Write the keys one after the other: 0 to 9, * and #."},
    )

    def __init__(self, *args, user: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["number"].queryset = PhoneNumber.objects.visible_to(user).select_related("client", "destination")

    def clean(self):
        cleaned = super().clean()
        number = cleaned.get("number")
        if number is None:
            return cleaned
        try:
            cleaned["caller"] = services.read_caller(number.client, cleaned.get("caller", ""))
        except ValidationError as error:
            self.add_error("caller", error)
        try:
            if language := cleaned.get("language"):
                cleaned["language"] = conditions.clean_value(number.client, truth.LANGUAGE, language)
        except ValidationError as error:
            self.add_error("language", error)
        if at := cleaned.get("at"):
            cleaned["at"] = at.replace(tzinfo=number.client.time_zone)
        return cleaned
