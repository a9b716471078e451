from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.carrier.models import PhoneNumber


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
