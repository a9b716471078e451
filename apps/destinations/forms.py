from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from apps.core.refused import Refused
from apps.destinations import kinds, services
from apps.destinations.models import Destination


class DestinationForm(forms.ModelForm):
    """An outside number or an ending, with the fields of both; the page shows those of the kind that was chosen."""

    number = forms.CharField(
        required=False, max_length=32, widget=UnfoldAdminTextInputWidget,
        help_text="For example +1 415 555 0142, or as it is written in the client's country.",
    )  # fmt: skip
    ring_seconds = forms.IntegerField(
        required=False, min_value=5, max_value=600, initial=30, widget=UnfoldAdminIntegerFieldWidget,
        help_text="After this the call ends with an apology.",
    )  # fmt: skip
    message = forms.CharField(
        required=False, max_length=1000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Spoken before the call ends; empty hangs up at once.",
    )  # fmt: skip

    class Meta:
        model = Destination
        fields = ["client", "kind", "label", "active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.kind == kinds.NUMBER:
            outside = self.instance.outside_number
            self.initial |= {"number": outside.number, "ring_seconds": outside.ring_seconds}
        elif self.instance.pk and self.instance.kind == kinds.ENDING:
            self.initial["message"] = self.instance.ending.message

    def clean(self):
        values = super().clean()
        client = values.get("client") or (self.instance.client if self.instance.pk else None)
        kind = values.get("kind") or self.instance.kind
        if kind == kinds.NUMBER and client is not None and "number" in self.fields:
            try:
                values["number"] = services.checked_number(client, values.get("number", ""))
            except Refused as refusal:
                self.add_error("number", refusal.sentence)
        return values

    def own(self) -> dict:
        """What the services take of the fields that this kind has."""
        names = ["label", "active", "number", "ring_seconds", "message"]
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name) is not None}
