"""Forms of the admin: a value that names nothing, or conditions that cannot hold together, are said beside the row."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
)

from apps.carrier.models import PhoneNumber
from apps.core.models import User
from apps.routing import conditions, services
from apps.routing.models import Condition


class ConditionForm(forms.ModelForm):
    class Meta:
        model = Condition
        fields = ["subject", "negated", "value"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Nothing chosen yet is what lets an untouched row be left out.
        self.fields["subject"].choices = [("", "choose what is asked"), *Condition.Subject.choices]

    def clean(self):
        cleaned = super().clean()
        # The rule's client may be wrong itself; then the rule's form says so.
        if self.instance.rule.client_id and cleaned.get("subject") and cleaned.get("value"):
            try:
                cleaned["value"] = conditions.clean_value(
                    self.instance.rule.client, cleaned["subject"], cleaned["value"]
                )
            except ValidationError as error:
                self.add_error("value", error)
        return cleaned


class ConditionFormSet(BaseInlineFormSet):
    """Gives each row its rule before the row is checked."""

    def _construct_form(self, i, **kwargs):
        form = super()._construct_form(i, **kwargs)
        form.instance.rule = self.instance
        return form

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if (form.instance.subject and form.has_changed()) or form.instance.pk]
        rows = [form.instance for form in kept if not self._should_delete_form(form)]
        rule = self.instance
        if rule.client_id and rule.destination_id and (fault := services.find_fault(rule, rows)):
            raise ValidationError(fault)


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
        help_text="In the client's time zone. Empty: now.",
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
        if at := cleaned.get("at"):
            cleaned["at"] = at.replace(tzinfo=number.client.time_zone)
        return cleaned
