from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.carrier.models import PhoneNumber
from apps.core.numbers import normalise


class PhoneNumberForm(forms.ModelForm):
    """Takes the number as people write it; the service brings it into its proper form."""

    number = forms.CharField(
        max_length=32,
        widget=UnfoldAdminTextInputWidget,
        help_text="For example +1 415 555 0100, or as it is written in the client's country.",
    )

    class Meta:
        model = PhoneNumber
        fields = ["client", "number", "label", "destination", "active"]

    def clean(self):
        values = super().clean()
        if values.get("number") and values.get("client"):
            try:
                values["number"] = normalise(values["number"], values["client"].country)
            except ValidationError as error:
                self.add_error("number", error)
        return values
