import datetime

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from apps.core import clock
from apps.hours import calendar, public
from apps.hours.models import Holiday, PublicHoliday, Schedule


class ScheduleForm(forms.ModelForm):
    """A schedule; the regions to choose from are those of the country."""

    country = forms.ChoiceField(
        required=False, widget=UnfoldAdminSelectWidget, help_text="Its public holidays are closed days."
    )
    region = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget)

    class Meta:
        model = Schedule
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose
        widgets = {
            name: UnfoldAdminTextareaWidget(attrs={"rows": 2}) for name in ("closed_message", "closing_announcement")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "closed_until" in self.fields and self.instance.closed_until:
            self.initial["closed_until"] = _at_the_place(self.instance.closed_until, self.instance.time_zone)
        if "closed_until" in self.fields:
            self.fields["closed_until"].help_text += " In the schedule's own time zone."
        country = self.data.get("country", self.instance.country) if self.is_bound else self.instance.country
        regions = public.regions(country or "")
        if "country" in self.fields:
            self.fields["country"].choices = [("", "no public holidays"), *public.countries()]
        if "region" in self.fields:
            self.fields["region"].choices = [("", "the whole country" if country else "–"), *regions]
            self.fields["region"].help_text = (
                "Adds the holidays of this part of the country." if regions
                else "This country has no regions with holidays of their own." if country
                else "Choose a country and save; then its regions and its holidays stand here."
            )  # fmt: skip

    def clean(self):
        values = super().clean()
        if self.instance.country and values.get("country") != self.instance.country:
            values["region"] = ""  # of the former country
        until = values.get("closed_until")
        if until and values.get("time_zone"):
            # The field reads what is typed in the server's time zone; meant is the clock on the wall there.
            until = values["closed_until"] = timezone.make_naive(until).replace(tzinfo=values["time_zone"])
        if until and not values.get("closed_now"):
            values["closed_until"] = None
        elif until and "closed_until" in self.changed_data and until <= clock.now():
            self.add_error("closed_until", "This moment is over. Choose a later one, or none.")
        return values


def _at_the_place(moment: datetime.datetime, zone: datetime.tzinfo) -> datetime.datetime:
    """What the clock on the wall shows, without a zone: a field would show it in the server's."""
    return moment.astimezone(zone).replace(tzinfo=None)


class PeriodFormSet(forms.BaseInlineFormSet):
    """The weekly hours, which must not overlap."""

    def clean(self) -> None:
        super().clean()
        kept = [form.instance for form in self.forms if form.is_valid() and not form.cleaned_data.get("DELETE")]
        whole = [period for period in kept if period.opens is not None and period.closes is not None]
        if days := calendar.overlapping(whole):
            raise forms.ValidationError(f"Two periods on {days[0]} overlap. Change one of them or join them.")


class HoursForm(forms.ModelForm):
    """Times without the seconds that nobody needs."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("opens", "closes"):
            self.fields[name].widget.format = "%H:%M"


class PeriodForm(HoursForm):
    def clean(self):
        values = super().clean()
        opens, closes = values.get("opens"), values.get("closes")
        if opens is not None and closes is not None and closes <= opens and closes != datetime.time():
            self.add_error(
                "closes", "It must close after it opens; for a night, end at 00:00 and begin the next day at 00:00."
            )
        return values


class HolidayForm(HoursForm):
    class Meta:
        model = Holiday
        fields = ["date", "last_date", "name", "opens", "closes"]

    def clean(self):
        values = super().clean()
        first, last, opens, closes = (values.get(name) for name in ("date", "last_date", "opens", "closes"))
        if first is not None and (sentence := calendar.fault_of(first, last, opens, closes)):
            about_days = last is not None and not calendar.fault_of(first, None, opens, closes)
            self.add_error("last_date" if about_days else "opens" if opens is None else "closes", sentence)
        return values


class PublicHolidayForm(HoursForm):
    """One public holiday of the country: the name stands there, what is done on it is chosen."""

    class Meta:
        model = PublicHoliday
        fields = ["name", "treatment", "opens", "closes"]
        widgets = {"name": forms.HiddenInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # The columns that are only read show the row, which has no name of its own before it is stored.
        self.instance.name = self.instance.name or self.initial.get("name", "")

    def clean(self):
        values = super().clean()
        sentence = calendar.public_fault_of(
            values.get("treatment", PublicHoliday.Treatment.CLOSED), values.get("opens"), values.get("closes")
        )
        if sentence:
            self.add_error("opens", sentence)
        return values
