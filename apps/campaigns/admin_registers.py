"""The page that takes in a file of numbers that must not be called."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.campaigns import registers
from apps.campaigns.models import Campaign
from apps.clients.models import Client
from apps.core import uploads
from apps.core.admin_base import ModelAdmin
from apps.core.models import User
from apps.core.refused import Refused

SHOWN = 50


class RegisterForm(forms.Form):
    """A file, for whom it holds, and how we know."""

    file = forms.FileField(
        label="File", max_length=200,
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
        help_text=f"One number a line, or CSV with a column of numbers; at most {registers.MOST_ROWS:,} rows.",
    )  # fmt: skip
    client = forms.ModelChoiceField(
        Client.objects.none(), label="For the client", required=False, widget=UnfoldAdminSelectWidget,
        empty_label="the whole house", help_text="Numbers in national form are read as those of the client's country.",
    )  # fmt: skip
    campaign = forms.ModelChoiceField(
        Campaign.objects.none(), label="For one campaign only", required=False, widget=UnfoldAdminSelectWidget,
        empty_label="every campaign",
    )  # fmt: skip
    source = forms.CharField(
        label="Source", max_length=160, widget=UnfoldAdminTextInputWidget, help_text="Which register, of which day."
    )

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        clients = Client.objects.visible_to(user).order_by("name")
        self.fields["client"].queryset = clients
        self.fields["campaign"].queryset = Campaign.objects.visible_to(user).order_by("name")
        if not user.sees_all:
            self.fields["client"].required, self.fields["client"].empty_label = True, None


def register_page(admin: ModelAdmin, request: HttpRequest) -> HttpResponse:
    """The form; a POST takes the file in, and the page says what came of it."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    form = RegisterForm(request.POST or None, request.FILES or None, user=request.user)
    context = {"title": "Import numbers not to call", "form": form, "shown": SHOWN}
    if uploads.too_large(request):
        form.add_error("file", uploads.TOO_LARGE)
    elif request.method == "POST" and form.is_valid():
        try:
            taken = registers.take_in(**form.cleaned_data, by=request.user)
        except Refused as refusal:
            form.add_error(next((name for name in refusal.fields if name in form.fields), None), refusal.sentence)
        else:
            figures = [("added", taken.added), ("on the list already", taken.known), ("refused", taken.refused)]
            context |= {"taken": taken, "rows": taken.rows[:SHOWN], "more": taken.refused > SHOWN,
                        "figures": [(words, f"{count:,}") for words, count in figures]}  # fmt: skip
    frame = {**admin.admin_site.each_context(request), "opts": admin.opts, "media": admin.media + form.media}
    return TemplateResponse(request, "campaigns/register.html", {**frame, **context})
