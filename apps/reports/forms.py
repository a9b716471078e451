from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.clients.models import Client
from apps.core import clock
from apps.core.models import User
from apps.reports.building import MODELS, Asked
from apps.reports.definitions import By
from apps.reports.intervals import Size

PERIODS = [
    ("today", "today"), ("yesterday", "yesterday"), ("week", "this week"), ("7", "the last 7 days"),
    ("28", "the last 28 days"), ("month", "this month"), ("dates", "from ... to ..."),
]  # fmt: skip
_DAY = {"type": "date"}


class ReportForm(forms.Form):
    """What the page asks for. An empty one is today's queues by the hour."""

    by = forms.ChoiceField(
        label="Figures of", choices=[(By.QUEUE, "queues"), (By.TEAM, "teams"), (By.OPERATOR, "operators")],
        widget=UnfoldAdminSelectWidget, required=False,
    )  # fmt: skip
    client = forms.ModelChoiceField(
        Client.objects.none(), required=False, empty_label="all clients", widget=UnfoldAdminSelectWidget
    )
    subject = forms.ChoiceField(label="Which", required=False, widget=UnfoldAdminSelectWidget)
    period = forms.ChoiceField(choices=PERIODS, required=False, widget=UnfoldAdminSelectWidget)
    since = forms.DateField(label="From", required=False, widget=UnfoldAdminTextInputWidget(attrs=_DAY))
    until = forms.DateField(label="To", required=False, widget=UnfoldAdminTextInputWidget(attrs=_DAY))
    interval = forms.ChoiceField(
        label="By", choices=[(size, size.words) for size in Size], required=False, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, data: Any, *, user: User):
        filled = {"by": By.QUEUE, "period": "today", "interval": Size.HOUR, **{k: v for k, v in data.items() if v}}
        super().__init__(filled)
        clients = Client.objects.visible_to(user)
        self.fields["client"].queryset = clients
        self.only = clients[0] if len(clients[:2]) == 1 else None
        if self.only:
            del self.fields["client"]
        by = filled["by"] if filled["by"] in list(By) else By.QUEUE
        rows: Any = MODELS[By(by)].objects.visible_to(user)
        rows = rows.select_related("user") if by == By.OPERATOR else rows
        self.fields["subject"].choices = [("", f"all {by}s"), *((str(row.public_id), str(row)) for row in rows)]
        if filled.get("subject") not in dict(self.fields["subject"].choices):
            self.data["subject"] = ""  # of what was chosen before: a queue, when now it is teams

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        first, last = values.get("since"), values.get("until")
        if values.get("period") == "dates":
            if first is None:
                self.add_error("since", "Choose the first day.")
            elif (last or first) < first:
                self.add_error("until", "The last day comes before the first.")
        return values

    @property
    def zone(self) -> tzinfo:
        """The place whose days are meant: the client's, or the house's with several."""
        client = self.cleaned_data.get("client") or self.only
        return client.time_zone if client is not None else ZoneInfo(settings.TIME_ZONE)

    def asked(self) -> Asked:
        """The valid form as the report wants it."""
        values, zone = self.cleaned_data, self.zone
        first, last = self._days(clock.now().astimezone(zone).date())
        return Asked(
            By(values["by"]), datetime.combine(first, time(), zone),
            datetime.combine(last + timedelta(days=1), time(), zone), Size(values["interval"]), zone,
            client=values.get("client"), subject=values["subject"] or None,
        )  # fmt: skip

    def _days(self, today: date) -> tuple[date, date]:
        period = self.cleaned_data["period"]
        if period == "dates":
            return self.cleaned_data["since"], self.cleaned_data["until"] or self.cleaned_data["since"]
        if period == "yesterday":
            return today - timedelta(days=1), today - timedelta(days=1)
        back = {"today": 0, "week": today.weekday(), "month": today.day - 1}
        return today - timedelta(days=back[period] if period in back else int(period) - 1), today
