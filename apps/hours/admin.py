import datetime

from django.contrib import admin, messages
from unfold.decorators import display

from apps.clients.models import Client
from apps.core.admin_base import ModelAdmin, TabularInline
from apps.hours import services
from apps.hours.forms import HolidayForm, PeriodForm, PeriodFormSet
from apps.hours.models import Holiday, Period, Schedule

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
    extra = 0
    hide_title = True


@admin.register(Schedule)
class ScheduleAdmin(ModelAdmin):
    list_display = ["name", "shown_now", "week", "time_zone", "client"]
    list_filter = ["closed_now", "client"]
    list_select_related = ["client"]
    search_fields = ["name"]
    inlines = [PeriodInline, HolidayInline]
    fieldsets = [(None, {"fields": ["name", ("client", "time_zone"), ("closed_now", "shown_now")]})]
    add_fieldsets = [(None, {"fields": ["name", ("client", "time_zone")]})]
    readonly_fields = ["shown_now"]
    actions = ["close_chosen", "reopen_chosen"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("periods", "holidays")

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        client = Client.objects.filter(pk=initial.get("client")).first()
        return {"time_zone": client.time_zone, **initial} if client else initial

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "GET" and obj.pk is None and isinstance(inline, PeriodInline):
            kwargs["initial"] = BUSINESS_WEEK
        return kwargs

    def save_model(self, request, obj, form, change):
        closed = obj.closed_now
        if change and "closed_now" in form.changed_data:
            obj.closed_now = not closed
        super().save_model(request, obj, form, change)
        if obj.closed_now != closed:
            (services.close_now if closed else services.reopen)(obj, by=request.user)

    @display(description="Now", label={"open": "success", "closed": "danger"})
    def shown_now(self, schedule: Schedule):
        if schedule.pk is None:
            return "–"
        return ("open" if services.is_open(schedule) else "closed"), services.in_words(schedule)

    @display(description="Week")
    def week(self, schedule: Schedule) -> str:
        return services.week_in_words(schedule)

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
