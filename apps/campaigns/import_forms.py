"""What a person says about a file of contacts: where it goes, and what its columns are."""

from __future__ import annotations

from django import forms
from django.db import transaction
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.campaigns import importing
from apps.campaigns.imports import TARGETS
from apps.campaigns.models import ContactList, Import
from apps.clients.models import Client
from apps.core import numbers
from apps.core.models import User

ENCODINGS = [
    ("utf-8", "UTF-8"), ("cp1252", "Western Europe (Windows)"), ("cp1250", "Central Europe (Windows)"),
    ("cp1251", "Cyrillic (Windows)"), ("cp1253", "Greek (Windows)"), ("cp1254", "Turkish (Windows)"),
    ("utf-16", "UTF-16"), ("shift_jis", "Japanese"), ("gb18030", "Chinese"), ("mac-roman", "Macintosh"),
]  # fmt: skip
DELIMITERS = [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")]


class UploadForm(forms.Form):
    """A file, and the list that it goes into: one that there is, or a new one."""

    file = forms.FileField(
        label="File", widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,text/csv"}), max_length=200,
        help_text="CSV, at most 100 MB. From Excel: “Save as”, “CSV UTF-8”.",
    )  # fmt: skip
    list = forms.ModelChoiceField(
        ContactList.objects.none(), label="Into the list", required=False, empty_label="a new list",
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    name = forms.CharField(
        label="Name of the new list", max_length=120, required=False, widget=UnfoldAdminTextInputWidget
    )
    client = forms.ModelChoiceField(
        Client.objects.none(), label="For the client", required=False, widget=UnfoldAdminSelectWidget,
        help_text="Of a new list.",
    )  # fmt: skip
    country = forms.CharField(
        label="Country of numbers", max_length=2, required=False, widget=UnfoldAdminTextInputWidget,
        help_text="Two letters. Empty: the client's. Numbers that begin with + need none.",
    )  # fmt: skip

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        clients = Client.objects.visible_to(user).order_by("name")
        self.fields["list"].queryset = ContactList.objects.visible_to(user).order_by("name")
        self.fields["client"].queryset = clients
        if clients.count() == 1:
            self.fields["client"].initial = clients.get()

    def clean_country(self) -> str:
        country = self.cleaned_data["country"].upper()
        if country and country not in numbers.countries():
            raise forms.ValidationError(f"“{country}” is no country. Write two letters, for example US.")
        return country

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("list") is None:
            for name in ("name", "client"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, "Choose a list above, or say this of the new one.")
        return cleaned

    @transaction.atomic
    def receive(self, user: User) -> Import:
        """Raises Refused: then there is no new list either."""
        given = self.cleaned_data
        contacts = given["list"] or importing.add_list(given["client"], name=given["name"], by=user)
        return importing.receive(contacts, given["file"], country=given["country"], by=user)


class ColumnsForm(forms.Form):
    """What each column of a waiting file is; one field a column, named by its place."""

    duplicates = forms.ChoiceField(
        choices=Import.Duplicates.choices, label="Who is on the list already", widget=UnfoldAdminSelectWidget,
        help_text="Who has the same identifier; where one of the two has none, who has the same number.",
    )  # fmt: skip

    def __init__(self, *args, run: Import, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.run = run
        self.fields["duplicates"].initial = run.duplicates
        for place, heading in enumerate(run.headings):
            self.fields[f"column{place}"] = forms.ChoiceField(
                label=heading, choices=list(TARGETS.items()), initial=run.mapping.get(heading),
                widget=UnfoldAdminSelectWidget,
            )  # fmt: skip

    def mapping(self) -> dict[str, str]:
        return {heading: self.cleaned_data[f"column{place}"] for place, heading in enumerate(self.run.headings)}


class ReadingForm(forms.Form):
    """How the file is written, when the guess was wrong."""

    encoding = forms.ChoiceField(choices=ENCODINGS, label="Encoding", widget=UnfoldAdminSelectWidget)
    delimiter = forms.ChoiceField(choices=DELIMITERS, label="Delimiter", widget=UnfoldAdminSelectWidget)

    def __init__(self, *args, run: Import, **kwargs) -> None:
        super().__init__(*args, initial={"encoding": run.encoding, "delimiter": run.delimiter}, **kwargs)
        if run.encoding not in dict(ENCODINGS):
            self.fields["encoding"].choices = [(run.encoding, run.encoding), *ENCODINGS]
