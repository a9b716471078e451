import datetime
import itertools

from django import forms

from apps.hours.models import Period

_LAST = datetime.time.max


class PeriodFormSet(forms.BaseInlineFormSet):
    """The weekly hours, which must not overlap."""

    def clean(self) -> None:
        super().clean()
        by_day: dict[int, list[tuple[datetime.time, datetime.time]]] = {}
        for form in self.forms:
            values = form.cleaned_data if form.is_valid() else {}
            if values.get("opens") is None or values.get("closes") is None or values.get("DELETE"):
                continue
            midnight = values["closes"] == datetime.time()
            by_day.setdefault(values["weekday"], []).append((values["opens"], _LAST if midnight else values["closes"]))
        for weekday, spans in by_day.items():
            spans.sort()
            if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(spans)):
                day = Period.Weekday(weekday).label
                raise forms.ValidationError(f"Two periods on {day} overlap. Change one of them or join them.")


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
                "closes", "It closes after it opens; for a night, end at 00:00 and begin the next day at 00:00."
            )
        return values


class HolidayForm(HoursForm):
    def clean(self):
        values = super().clean()
        opens, closes = values.get("opens"), values.get("closes")
        if (opens is None) != (closes is None):
            self.add_error("closes" if closes is None else "opens", "Give both times, or none to be closed all day.")
        elif opens is not None and closes <= opens:
            self.add_error("closes", "It closes after it opens.")
        return values
