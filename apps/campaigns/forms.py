from django import forms
from unfold.widgets import UnfoldAdminSelectWidget

from apps.campaigns import presets
from apps.campaigns.models import Campaign


class CampaignForm(forms.ModelForm):
    """A campaign; a new one begins with a preset, and everything can be changed afterwards."""

    preset = forms.ChoiceField(
        choices=[(key, f"{each.label}: {each.words}") for key, each in presets.PRESETS.items()],
        initial=presets.DEFAULT, required=False, widget=UnfoldAdminSelectWidget,
        help_text="Fills in everything else; change what you like afterwards.",
    )  # fmt: skip

    class Meta:
        model = Campaign
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
