from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelectMultiple
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.forms import BaseInlineFormSet
from django.utils.html import format_html
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
)

from apps.core import sound_files
from apps.core.refused import Refused
from apps.operators.models import Operator
from apps.queues import advice, faults, presets, setup
from apps.queues.models import Choice, Membership, OwnOperator, Queue, SkillRelaxation, SkillRequirement

# What each strategy means to a manager.
STRATEGIES = {
    Queue.Strategy.LONGEST_IDLE: "whose last call ended longest ago. Fair, and right for most.",
    Queue.Strategy.ROUND_ROBIN: "in turn: whoever had an offer of this queue longest ago, answered or not.",
    Queue.Strategy.FEWEST_CALLS: "who took the fewest calls today.",
    Queue.Strategy.LEAST_ACTIVE: "who spent the least time in calls today.",
    Queue.Strategy.RANDOM: "chance decides, for all alike.",
    Queue.Strategy.WEIGHTED: "chance decides; who has twice the weight is asked twice as often.",
    Queue.Strategy.LINEAR: "the first of the order who is free; the next ones only while the first are busy.",
    Queue.Strategy.RING_ALL: "the phones of all free members ring; whoever answers first has the call.",
    Queue.Strategy.BEST_SKILL: "who has the highest levels of the required skills; equals by longest idle.",
}


def warning(sentence: str) -> str:
    """Advice as it stands beside a field."""
    return format_html(
        '<span class="queue-advice" role="note"><span class="material-symbols-outlined" aria-hidden="true">warning'
        "</span> {}</span>",
        sentence,
    )


class QueueForm(forms.ModelForm):
    """A queue; a new one asks for the kind of work, which sets the rest, and for its members."""

    preset = forms.ChoiceField(
        label="Kind of work", choices=presets.choices, initial=presets.PRESETS[0].name, required=False,
        widget=UnfoldAdminRadioSelectWidget, help_text="Sets sensible times. Every one can be changed afterwards.",
    )  # fmt: skip
    operators = forms.ModelMultipleChoiceField(
        label="Members", queryset=Operator.objects.select_related("user", "team"), required=False,
        widget=AutocompleteSelectMultiple(Queue._meta.get_field("members"), admin.site),
        help_text="Who answers the calls of this queue.",
    )  # fmt: skip

    class Meta:
        model = Queue
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
        widgets = {
            "strategy": UnfoldAdminRadioSelectWidget,
            "greeting": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "comfort_message": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        }
        labels = {
            "strategy": "Whose phone rings first",
            "ring_seconds": "Ring for (seconds)",
            "wrap_up_seconds": "Wrap-up (seconds)",
            "max_wait_seconds": "Longest wait (seconds)",
            "overflow": "Then go to",
            "when_unstaffed": "With no member signed in, callers",
            "schedule": "Opening hours",
            "when_closed": "Outside them go to",
            "announce_position": "Say the place in line",
            "announce_expected_wait": "Say the expected wait",
            "announce_every_seconds": "Say something every (seconds)",
            "disposition_required": "Each call must be filed",
            "service_level_seconds": "Answered in time: within (seconds)",
            "short_abandon_seconds": "Not counted when given up within (seconds)",
            "missed_rest_seconds": "Rest after a missed call (seconds)",
            "declined_rest_seconds": "Rest after a declined call (seconds)",
            "callback_retry_seconds": "Next try after (seconds)",
            "callback_expires_seconds": "Given up after (seconds)",
            "music": "Music",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "strategy" in self.fields:
            self.fields["strategy"].choices = [
                (strategy.value, format_html("<strong>{}</strong>: {}", strategy.label.capitalize(), words))
                for strategy, words in STRATEGIES.items()
            ]
        # What is typed is not saved yet, and its advice comes once it is.
        for found in advice.of(self.instance) if self.instance.pk and not self.is_bound else ():
            if found.field in self.fields:
                field = self.fields[found.field]
                field.help_text = format_html("{} {}", field.help_text, warning(found.sentence))

    def clean_music(self):
        return sound_files.clean(self, "music", longest_seconds=setup.LONGEST_MUSIC)


class MembershipForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ["queue", "operator", "tier", "weight", "position", "active"]

    def clean(self):
        cleaned = super().clean()
        try:
            setup.check_member(
                cleaned.get("queue") or self.instance.queue, cleaned.get("operator") or self.instance.operator
            )
        except Refused as refusal:
            self.add_error(None, refusal.sentence)
        except ObjectDoesNotExist:
            return cleaned  # the row or its page is incomplete, which its own fields say
        return cleaned


class MembershipFormSet(BaseInlineFormSet):
    """Members of a queue, or queues of an operator. After saving, the queues learn of it."""

    def save(self, commit=True):
        saved = super().save(commit)
        rows = [*self.new_objects, *(row for row, _fields in self.changed_objects), *self.deleted_objects]
        for queue in {row.queue for row in rows}:
            setup.changed(queue)
        return saved


class ChoiceForm(forms.ModelForm):
    class Meta:
        model = Choice
        fields = ["key", "action", "destination"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("action") == Choice.Action.CALLBACK:
            cleaned["destination"] = None  # what was chosen before the action was, and is not shown any more
        elif "destination" in cleaned and cleaned["destination"] is None:
            self.add_error("destination", "Choose where this key leads.")
        return cleaned


class RowsFormSet(BaseInlineFormSet):
    """Rows of a queue that must fit each other: required skills, their relaxations, the callers' choices."""

    def validate_unique(self):
        return None  # `faults` says it in a sentence

    def clean(self):
        super().clean()
        rows = [form.instance for form in self.forms if self._stays(form)]
        if any(self.errors) or not self.instance.client_id:
            return
        if fault := faults.of_rows(self.instance, rows):
            raise ValidationError(fault)

    def _stays(self, form) -> bool:
        return (form.has_changed() or form.instance.pk) and not self._should_delete_form(form)


class RequirementForm(forms.ModelForm):
    class Meta:
        model = SkillRequirement
        fields = ["skill", "level"]


class RelaxationForm(forms.ModelForm):
    class Meta:
        model = SkillRelaxation
        fields = ["after_seconds", "level"]
        labels = {"after_seconds": "After (seconds)", "level": "Level that is enough"}


class OwnOperatorForm(forms.ModelForm):
    """With whom a person should speak, on the person's page."""

    class Meta:
        model = OwnOperator
        fields = ["person", "operator"]

    def clean(self):
        cleaned = super().clean()
        try:
            setup.check_own_operator(self.instance.person, cleaned.get("operator") or self.instance.operator)
        except Refused as refusal:
            self.add_error("operator", refusal.sentence)
        except ObjectDoesNotExist:
            return cleaned
        return cleaned
