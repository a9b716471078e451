"""A queue in the admin: made in a minute, then everything that a demanding one needs, in sections (`sections`)."""

from django.contrib import admin, messages
from django.utils.html import format_html
from unfold.decorators import action, display

from apps.core import sound_files
from apps.core.admin_base import ModelAdmin, TabularInline
from apps.core.admin_scope import visible_rows
from apps.core.refused import Refused
from apps.core.words import span
from apps.queues import advice, faults, sections, setup, stats
from apps.queues.forms import (
    ChoiceForm,
    MembershipForm,
    MembershipFormSet,
    OwnOperatorForm,
    QueueForm,
    RelaxationForm,
    RequirementForm,
    RowsFormSet,
)
from apps.queues.models import Choice, Membership, OwnOperator, Queue, SkillRelaxation, SkillRequirement

STATES = {"open": "success", "nobody there": "danger", "no members": "danger"}


class SectionInline(TabularInline):
    """Rows that stand in a section of the queue's page."""

    section = ""
    extra = 0
    hide_title = True


class MembershipInline(SectionInline):
    section = sections.RUNG
    model = Membership
    form = MembershipForm
    formset = MembershipFormSet
    fields = ["operator", "position", "weight", "tier", "active"]
    autocomplete_fields = ["operator"]
    ordering = ["position", "tier", "pk"]
    verbose_name = "member"
    verbose_name_plural = "members: who answers the calls of this queue"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("operator__user", "operator__team")


class ServedQueueInline(MembershipInline):
    """The same rows on an operator's page."""

    fields = ["queue", "active"]
    autocomplete_fields = ["queue"]
    ordering = ["queue__name"]
    verbose_name = "queue"
    verbose_name_plural = "queues that the operator serves"


class RequirementInline(SectionInline):
    section = sections.SKILLS
    model = SkillRequirement
    form = RequirementForm
    formset = RowsFormSet
    fields = ["skill", "level"]
    autocomplete_fields = ["skill"]
    verbose_name = "required skill"
    verbose_name_plural = "who takes these calls has, from 1 (a little) to 10 (fluent)"


class RelaxationInline(SectionInline):
    section = sections.SKILLS
    model = SkillRelaxation
    form = RelaxationForm
    formset = RowsFormSet
    fields = ["after_seconds", "level"]
    verbose_name = "step"
    verbose_name_plural = "who waits long is content with less"


class ChoiceInline(SectionInline):
    section = sections.CHOICES
    model = Choice
    form = ChoiceForm
    formset = RowsFormSet
    fields = ["key", "action", "destination"]
    autocomplete_fields = ["destination"]
    verbose_name = "key"
    verbose_name_plural = "keys that a waiting caller may press"


class OwnOperatorInline(TabularInline):
    """With whom a person should speak, on the person's page."""

    model = OwnOperator
    form = OwnOperatorForm
    fields = ["operator"]
    autocomplete_fields = ["operator"]
    max_num = 1
    extra = 0
    hide_title = True
    verbose_name = "own operator: asked first where a queue prefers that"


@admin.register(Queue)
class QueueAdmin(ModelAdmin):
    form = QueueForm
    inlines = [MembershipInline, RequirementInline, RelaxationInline, ChoiceInline]
    change_form_template = "queues/change_form.html"
    list_display = ["name", "shown_state", "in_line", "staff", "answered_today", "overflow", "client"]
    list_filter = ["active", "strategy", "client"]
    list_select_related = ["client", "overflow"]
    search_fields = ["name"]
    autocomplete_fields = ["overflow", "when_closed", "schedule", "callback_schedule"]
    filter_horizontal = ["dispositions"]
    readonly_fields = ["at_this_moment", "so_far_today", "listen"]
    actions = ["switch_on", "switch_off"]
    add_fieldsets = [
        (None, {"fields": ["client", "name", "preset", "operators"]}),
        ("Where calls go that it cannot take", {"fields": ["overflow"]}),
    ]
    fieldsets = sections.FIELDSETS

    class Media:
        js = ["queues/setup.js"]
        css = {"all": ["queues/setup.css"]}

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.add_fieldsets

    def get_inlines(self, request, obj):
        return self.inlines if obj else []

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(["client"] if obj else [])]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if "operators" in form.base_fields:
            rows = visible_rows(Membership._meta.get_field("operator").related_model, request)
            form.base_fields["operators"].queryset = rows.select_related("user", "team")
        return form

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        found = advice.of(obj) if obj is not None and request.method == "GET" else []
        context["advice"] = found
        context["sections"] = sections.of(list(context["adminform"]), context["inline_admin_formsets"], obj, found)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_changelist_instance(self, request):
        """The figures of all rows on the page at once."""
        changelist = super().get_changelist_instance(request)
        _give_figures(changelist.result_list)
        return changelist

    def get_object(self, request, object_id, from_field=None):
        queue = super().get_object(request, object_id, from_field)
        if queue is not None:
            _give_figures([queue])
        return queue

    def save_model(self, request, obj, form, change):
        if not change:
            setup.create(obj, preset=form.cleaned_data["preset"], members=form.cleaned_data["operators"])
            return
        sound = sound_files.given(form, "music")
        if sound is not None:
            setup.set_music(obj, sound)
        setup.save(obj, checked=False)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        faults.check(form.instance)
        if "_continue" in request.POST:
            return  # the page that comes says it beside the fields
        for found in advice.of(form.instance):
            self.message_user(request, found.sentence, messages.WARNING)

    def delete_model(self, request, obj):
        setup.delete(obj)

    def delete_queryset(self, request, queryset):
        for queue in queryset:
            setup.delete(queue)

    @action(description="Switch on", permissions=["change"])
    def switch_on(self, request, queryset):
        self._switch(request, queryset, True)

    @action(description="Switch off: callers who wait are still served", permissions=["change"])
    def switch_off(self, request, queryset):
        self._switch(request, queryset, False)

    def _switch(self, request, queryset, active: bool) -> None:
        done = 0
        for queue in queryset.exclude(active=active):
            queue.active = active
            try:
                setup.save(queue)
            except Refused as refusal:
                self.message_user(request, f"{queue}: {refusal.sentence}", messages.ERROR)
            else:
                done += 1
        self.message_user(request, f"{done} queue{'' if done == 1 else 's'} switched {'on' if active else 'off'}.")

    @display(description="Listen")
    def listen(self, queue: Queue) -> str:
        if not queue.music:
            return "The music of the house."
        player = '<audio controls preload="metadata" src="{}"></audio> <span>{}</span>'
        return format_html(player, queue.music_path, span(queue.music_seconds))

    @display(description="State", label=STATES)
    def shown_state(self, queue: Queue) -> str:
        if not queue.active:
            return "off"
        if not queue.figures.members:
            return "no members"
        return "open" if queue.figures.signed_in else "nobody there"

    @display(description="In line")
    def in_line(self, queue: Queue) -> str:
        figures = queue.figures
        return f"{figures.waiting}, longest {span(figures.longest_wait_seconds)}" if figures.waiting else "nobody"

    @display(description="Ready / there / members")
    def staff(self, queue: Queue) -> str:
        return f"{queue.figures.ready} / {queue.figures.signed_in} / {queue.figures.members}"

    @display(description="Answered today")
    def answered_today(self, queue: Queue) -> str:
        day = queue.day
        level = f", {day.service_level_percent:g} % in time" if day.service_level_percent is not None else ""
        return f"{day.answered} of {day.offered}{level}" if day.offered else "no calls yet"

    @display(description="At this moment")
    def at_this_moment(self, queue: Queue) -> str:
        now = queue.figures
        return (
            f"{now.waiting} in line, {now.talking} talking; {now.signed_in} of {now.members} members signed in: "
            f"{now.ready} ready, {now.busy} busy, {now.on_break} on a break"
        )

    @display(description="So far today")
    def so_far_today(self, queue: Queue) -> str:
        day = queue.day
        if not day.offered:
            return "no calls yet"
        level = "" if day.service_level_percent is None else f"; {day.service_level_percent:g} % answered in time"
        return (
            f"{day.offered} calls: {day.answered} answered, {day.abandoned} gave up, {day.overflowed} passed on{level}"
        )


def _give_figures(queues) -> None:
    queues = list(queues)
    figures, days = stats.now_of(queues), stats.since_midnight(queues)
    for queue in queues:
        queue.figures, queue.day = figures[queue.pk], days[queue.pk]
