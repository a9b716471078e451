from django import forms
from django.core.exceptions import ObjectDoesNotExist
from django.forms import BaseInlineFormSet
from unfold.widgets import UnfoldAdminRadioSelectWidget

from apps.core.refused import Refused
from apps.queues import presets, setup
from apps.queues.models import Membership, Queue


class QueueForm(forms.ModelForm):
    """A queue; a new one asks for the kind of work, which sets the rest."""

    preset = forms.ChoiceField(
        label="Kind of work", choices=presets.choices, initial=presets.PRESETS[0].name, required=False,
        widget=UnfoldAdminRadioSelectWidget, help_text="Sets sensible times. Every one can be changed afterwards.",
    )  # fmt: skip

    class Meta:
        model = Queue
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
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
            "announce_every_seconds": "Say something every (seconds)",
            "disposition_required": "Each call must be filed",
            "service_level_seconds": "Answered in time: within (seconds)",
            "short_abandon_seconds": "Not counted when given up within (seconds)",
        }

    def save(self, commit=True):
        if self.instance.pk is None and (chosen := self.cleaned_data.get("preset")):
            presets.apply(self.instance, chosen)
        return super().save(commit)


class MembershipForm(forms.ModelForm):
    class Meta:
        model = Membership
        fields = ["queue", "operator", "active"]

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
            setup.members_changed(queue)
        return saved
