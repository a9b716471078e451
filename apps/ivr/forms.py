"""Forms of the admin: what is wrong is said beside the field, before anything is written."""

from django import forms
from django.forms import BaseInlineFormSet
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.core import sound_files
from apps.ivr.editing import LONGEST_PROMPT
from apps.ivr.models import Flow, Menu, Option, Prompt, WebService

KEYS = "1234567890*#"


class PromptForm(forms.ModelForm):
    class Meta:
        model = Prompt
        fields = ["client", "name", "language", "text", "audio"]
        widgets = {"text": UnfoldAdminTextareaWidget(attrs={"rows": 3})}

    def clean_audio(self):
        return sound_files.clean(self, "audio", longest_seconds=LONGEST_PROMPT, converted=True)


class WebServiceForm(forms.ModelForm):
    """The secret is never shown again: an empty field leaves it as it is."""

    address = forms.URLField(
        max_length=300, assume_scheme="https", widget=UnfoldAdminTextInputWidget,
        help_text=WebService._meta.get_field("address").help_text,
    )  # fmt: skip

    class Meta:
        model = WebService
        fields = ["client", "name", "address", "header", "secret"]
        widgets = {"secret": UnfoldAdminPasswordWidget(attrs={"autocomplete": "off"})}
        help_texts = {"secret": "For example: Bearer, and the key. Kept and never shown; empty leaves it as it is."}

    def clean_secret(self):
        return self.cleaned_data["secret"] or self.instance.secret

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("header"):
            cleaned["secret"] = ""  # what is not sent is not kept
        return cleaned


class FlowForm(forms.ModelForm):
    """A flow starts with one of its own menus."""

    class Meta:
        model = Flow
        fields = ["client", "name", "active", "greeting", "start"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "start" in self.fields:
            self.fields["start"].queryset = Menu.objects.filter(flow=self.instance)
            self.fields["start"].empty_label = (
                "the first menu that you add" if not self.instance.pk else "choose a menu"
            )


class OptionForm(forms.ModelForm):
    key = forms.ChoiceField(
        choices=[("", "–"), *((key, key) for key in KEYS)], widget=UnfoldAdminSelectWidget(attrs={"class": "w-20"})
    )

    class Meta:
        model = Option
        fields = ["key", "label", "destination", "next_menu"]


class OptionFormSet(BaseInlineFormSet):
    def clean(self):
        super().clean()
        kept = [form for form in self.forms if form.instance.pk or form.has_changed()]
        if all(self._should_delete_form(form) for form in kept):
            raise forms.ValidationError("A menu needs at least one option: add a key and choose where it leads.")
