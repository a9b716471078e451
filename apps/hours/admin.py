import datetime

from django.contrib import admin, messages
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from unfold.decorators import display

from apps.clients.models import Client
from apps.core import clock
from apps.core.admin_base import ModelAdmin, TabularInline
from apps.hours import calendar, services
from apps.hours.forms import HolidayForm, PeriodForm, PeriodFormSet, PublicHolidayForm, ScheduleForm
from apps.hours.models import Holiday, Period, PublicHoliday, Schedule

BUSINESS_WEEK = [
    {"weekday": weekday, "opens": datetime.time(9), "closes": datetime.time(17)}
    for weekday in Period.Weekday.values[:5]
]


class PeriodInline(TabularInline):
    model = Period
    form = PeriodForm
    formset = PeriodFormSet
    verbose_name_plural = "weekly hours"
    hide_title = True

    def get_extra(self, request, obj=None, **kwargs) -> int:
        return 0 if obj else len(BUSINESS_WEEK)


class HolidayInline(TabularInline):
    model = Holiday
    form = HolidayForm
    fields = ["date", "last_date", "name", "opens", "closes", "notice"]
    readonly_fields = ["notice"]
    extra = 0
    hide_title = True
    verbose_name_plural = "exceptions: days of your own that are closed or have other hours"

    def get_formset(self, request, obj=None, **kwargs):
        self.notices = calendar.contradictions(obj) if obj else {}
        return super().get_formset(request, obj, **kwargs)

    @display(description="")
    def notice(self, holiday: Holiday) -> str:
        text = self.notices.get(holiday.pk, "")
        return format_html('<span class="hours-notice">{}</span>', text) if text else ""


class PublicHolidayInline(TabularInline):
    """Every public holiday of the country, with what is done on it; only what differs from closed is stored."""

    model = PublicHoliday
    form = PublicHolidayForm
    fields = ["holiday", "dates", "treatment", "opens", "closes", "name"]
    readonly_fields = ["holiday", "dates"]
    can_delete = False
    hide_title = True
    verbose_name_plural = "public holidays: what you do on each, every year"

    def unsaid(self, schedule: Schedule) -> list[dict[str, str]]:
        said = {row.name for row in schedule.public_holidays.all()}
        names = calendar.public_names(schedule, clock.now())
        return [{"name": name, "treatment": PublicHoliday.Treatment.CLOSED} for name in names if name not in said]

    def get_extra(self, request, obj=None, **kwargs) -> int:
        return len(self.unsaid(obj)) if obj else 0

    def get_max_num(self, request, obj=None, **kwargs) -> int:
        return len(calendar.public_names(obj, clock.now())) if obj else 0

    @display(description="Holiday")
    def holiday(self, row: PublicHoliday) -> str:
        return format_html("<strong>{}</strong>", row.name)

    @display(description="This year and next")
    def dates(self, row: PublicHoliday) -> str:
        days = calendar.dates_of(row.schedule, row.name, clock.now())
        return format_html_join("", '<span class="hours-date">{}</span>', ((f"{day:%a %-d %b %Y}",) for day in days))


@admin.register(Schedule)
class ScheduleAdmin(ModelAdmin):
    form = ScheduleForm
    list_display = ["name", "shown_now", "week", "holidays_of", "time_zone", "client"]
    list_filter = ["closed_now", "client"]
    list_select_related = ["client"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": [("name", "shown_now"), ("client", "time_zone"), "week"]}),
        ("Close now", {"fields": ["closed_now", "closed_until", "closing_announcement"]}),
        ("When it is closed", {"fields": ["closed_message"]}),
        ("Public holidays", {"fields": [("country", "region"), "coming"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["name", ("client", "time_zone"), "country", "closed_message"]}),
    ]
    readonly_fields = ["shown_now", "week", "coming"]
    actions = ["close_chosen", "reopen_chosen"]
    change_form_outer_after_template = "hours/preview.html"

    class Media:
        css = {"all": ["hours/schedule.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).complete()

    def get_inlines(self, request, obj):
        return [PeriodInline, HolidayInline, *([PublicHolidayInline] if obj and obj.country else [])]

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        client = Client.objects.filter(pk=initial.get("client")).first()
        return {"time_zone": client.time_zone, **initial} if client else initial

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, PublicHolidayInline):
            kwargs["initial"] = inline.unsaid(obj)
        elif request.method == "GET" and obj.pk is None and isinstance(inline, PeriodInline):
            kwargs["initial"] = BUSINESS_WEEK
        return kwargs

    def save_model(self, request, obj, form, change):
        wanted = obj.closed_now, obj.closed_until, obj.closing_announcement
        if change:
            before = Schedule.objects.get(pk=obj.pk)
            obj.closed_now, obj.closed_until = before.closed_now, before.closed_until
            obj.closing_announcement = wanted[2] if not wanted[0] else before.closing_announcement
        services.check_region(obj.country, obj.region)
        super().save_model(request, obj, form, change)
        if wanted[0] and (not change or wanted != (obj.closed_now, obj.closed_until, obj.closing_announcement)):
            _close(obj, *wanted[1:], by=request.user)
        elif obj.closed_now and not wanted[0]:
            services.reopen(obj, by=request.user)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        services.forget_strangers(form.instance)
        changed = [formset.model._meta.verbose_name_plural for formset in formsets if formset.has_changed()]
        if change and changed:
            services.note_change(form.instance, ", ".join(map(str, changed)), by=request.user)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        asked = parse_moment(request.GET.get("at", ""))
        extra = {"preview_of": None, **(extra_context or {})}
        schedule = self.get_object(request, object_id) if object_id else None
        if schedule is not None:
            local = asked.replace(tzinfo=schedule.time_zone) if asked else None
            moment = local or clock.now().astimezone(schedule.time_zone)
            extra |= {
                # Without its zone: a template would show it in the server's, beside the name of the schedule's.
                "preview_of": schedule, "preview_at": moment.replace(tzinfo=None),
                "preview": services.in_words(schedule, moment),
                "preview_open": services.is_open(schedule, moment),
                "preview_message": services.closing_message(schedule, moment),
            }  # fmt: skip
        return super().changeform_view(request, object_id, form_url, extra)

    @display(description="Now", label={"open": "success", "closed": "danger"})
    def shown_now(self, schedule: Schedule):
        if schedule.pk is None:
            return "–"
        return ("open" if services.is_open(schedule) else "closed"), services.in_words(schedule)

    @display(description="Week")
    def week(self, schedule: Schedule) -> str:
        return services.week_in_words(schedule)

    @display(description="Public holidays")
    def holidays_of(self, schedule: Schedule) -> str:
        return " ".join(filter(None, [schedule.country, schedule.region])) or "–"

    @display(description="The next days that differ")
    def coming(self, schedule: Schedule) -> str:
        days = calendar.next_closed(schedule, clock.now())
        lines = format_html_join(
            "", '<li><time>{}</time><strong>{}</strong><span class="{}">{}</span></li>',
            ((_span(day), day.name, "hours-closed" if day.closed else "", day.words) for day in days),
        )  # fmt: skip
        return format_html('<ol class="hours-coming">{}</ol>', lines) if days else "none"

    @admin.action(description="Close now", permissions=["change"])
    def close_chosen(self, request, queryset):
        for schedule in queryset:
            services.close_now(schedule, by=request.user)
        messages.success(request, f"{len(queryset)} closed, until you open them again.")

    @admin.action(description="Follow the hours again", permissions=["change"])
    def reopen_chosen(self, request, queryset):
        for schedule in queryset:
            services.reopen(schedule, by=request.user)
        messages.success(request, f"{len(queryset)} follow their hours again.")


def _span(day: calendar.Day) -> str:
    last = f"{day.until:%a %-d %b %Y}"
    return last if day.date == day.until else f"{day.date:%a %-d %b} – {last}"


def _close(schedule: Schedule, until: datetime.datetime | None, announcement: str, *, by) -> None:
    services.close_now(schedule, until=until, announcement=announcement, by=by)


def parse_moment(text: str) -> datetime.datetime | None:
    """What a browser's field for date and time sends, without a zone; None for anything else."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=None) if found else None
