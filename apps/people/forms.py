from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.core.refused import Refused
from apps.people import services
from apps.people.models import Person, PersonNumber


class PersonNumberForm(forms.ModelForm):
    """A number as people write it; kept in E.164 form, and within a client one person's only."""

    number = forms.CharField(max_length=32, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = PersonNumber
        fields = ["number", "label"]

    def __init__(self, *args, person: Person | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_number(self) -> str:
        number = self.cleaned_data["number"]
        if self.person is None or self.person.client_id is None:
            return number
        try:
            return services.free_number(self.person.client, number, person=self.person if self.person.pk else None)
        except Refused as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal


class PersonNumberFormSet(forms.BaseInlineFormSet):
    def get_form_kwargs(self, index):
        return {**super().get_form_kwargs(index), "person": self.instance}

    def clean(self) -> None:
        super().clean()
        given = [
            form.cleaned_data["number"]
            for form in self.forms
            if form.is_valid() and form.cleaned_data.get("number") and not form.cleaned_data.get("DELETE")
        ]
        if len(given) != len(set(given)):
            raise forms.ValidationError("The same number is there twice. Remove one of them.")

    def save_new(self, form, commit=True):
        form.instance.client = self.instance.client
        return super().save_new(form, commit)
