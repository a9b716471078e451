from django.contrib import admin, messages
from django.db.models import Count, Prefetch
from unfold.decorators import action, display

from apps.core import clock
from apps.core.admin_base import ModelAdmin, ReadOnlyAdmin, TabularInline
from apps.core.words import span
from apps.operators import services, skills
from apps.operators.forms import OperatorSkillForm, OperatorSkillFormSet
from apps.operators.models import (
    BreakReason,
    Engagement,
    Operator,
    OperatorMessage,
    OperatorSkill,
    PresenceSpan,
    Skill,
    Team,
)

# What is not named here is grey.
PRESENCES = {
    Operator.Presence.AVAILABLE: "success", Operator.Presence.ON_BREAK: "warning", "unreachable": "danger",
}  # fmt: skip
PURPOSES = {
    Engagement.Purpose.OFFER: "success", Engagement.Purpose.DESK_CALL: "success",
    Engagement.Purpose.PREVIEW: "info", Engagement.Purpose.WRAP_UP: "warning",
}  # fmt: skip

NAMED = 6  # operators that a row of the list of skills names


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    list_display = ["name", "operator_count", "led_by", "client"]
    list_filter = ["client"]
    list_select_related = ["client"]
    search_fields = ["name"]
    fields = ["client", "name", "supervisors", "listening"]
    filter_horizontal = ["supervisors"]
    radio_fields = {"listening": admin.VERTICAL}

    def get_queryset(self, request):
        rows = super().get_queryset(request).annotate(operator_total=Count("operators"))
        return rows.prefetch_related("supervisors")

    def get_readonly_fields(self, request, obj=None):
        return ["client"] if obj else []

    @display(description="Operators", ordering="operator_total")
    def operator_count(self, team: Team) -> int:
        return team.operator_total

    @display(description="Led by")
    def led_by(self, team: Team) -> str:
        return ", ".join(user.display_name for user in team.supervisors.all()) or "nobody"


class SkilledInline(TabularInline):
    """Who has the skill, on the skill's page."""

    model = OperatorSkill
    form = OperatorSkillForm
    formset = OperatorSkillFormSet
    fields = ["operator", "level"]
    autocomplete_fields = ["operator"]
    extra = 0
    hide_title = True
    verbose_name = "operator"
    verbose_name_plural = "who has it, from 1 (a little) to 10 (fluent)"


@admin.register(Skill)
class SkillAdmin(ModelAdmin):
    list_display = ["name", "who_has_it", "client"]
    list_filter = ["client"]
    list_select_related = ["client"]
    search_fields = ["name"]
    fields = ["client", "name"]
    inlines = [SkilledInline]

    def get_queryset(self, request):
        return super().get_queryset(request).with_operators()

    def get_readonly_fields(self, request, obj=None):
        return ["client"] if obj else []

    def delete_model(self, request, obj):
        skills.remove_skill(obj)

    def delete_queryset(self, request, queryset):
        for skill in queryset:
            skills.remove_skill(skill)

    @display(description="Who has it")
    def who_has_it(self, skill: Skill) -> str:
        rows = skill.operator_skills.all()
        named = ", ".join(f"{row.operator} ({row.level})" for row in rows[:NAMED])
        more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
        return f"{named}{more}" if rows else "nobody yet"


@admin.register(BreakReason)
class BreakReasonAdmin(ModelAdmin):
    list_display = ["name", "limit", "shown_active", "client"]
    list_filter = ["active", "client"]
    list_select_related = ["client"]
    search_fields = ["name"]
    fields = ["client", "name", "limit_seconds", "active"]

    @display(description="Should last", ordering="limit_seconds")
    def limit(self, reason: BreakReason) -> str:
        return f"at most {span(reason.limit_seconds)}" if reason.limit_seconds else "as long as it takes"

    @display(description="In use", boolean=True, ordering="active")
    def shown_active(self, reason: BreakReason) -> bool:
        return reason.active


class OperatorSkillInline(TabularInline):
    model = OperatorSkill
    form = OperatorSkillForm
    formset = OperatorSkillFormSet
    fields = ["skill", "level"]
    autocomplete_fields = ["skill"]
    extra = 0
    hide_title = True
    verbose_name_plural = "skills, from 1 (a little) to 10 (fluent)"


@admin.register(Operator)
class OperatorAdmin(ModelAdmin):
    """Who takes calls. `queues` adds the queues that they serve."""

    list_display = ["who", "shown_presence", "shown_engagement", "for_how_long", "team", "extension"]
    list_filter = ["presence", "team", "team__client"]
    list_select_related = ["user", "team", "break_reason"]
    search_fields = ["user__username", "user__first_name", "user__last_name", "extension", "team__name"]
    autocomplete_fields = ["user", "team", "shift"]
    inlines = [OperatorSkillInline]
    readonly_fields = ["at_this_moment", "identity", "public_id"]
    actions = ["make_available", "sign_out", "finish_wrap_up"]

    def get_queryset(self, request):
        held = Prefetch("engagements", queryset=Engagement.objects.open(), to_attr="held_by")
        return super().get_queryset(request).prefetch_related(held)

    def get_readonly_fields(self, request, obj=None):
        return (
            [*super().get_readonly_fields(request, obj), "user"] if obj else super().get_readonly_fields(request, obj)
        )

    def get_fieldsets(self, request, obj=None):
        return [
            (
                None,
                {
                    "fields": ["user", *(["at_this_moment"] if obj else []), ("team", "extension"), "shift"],
                    "description": ""
                    if obj
                    else "The user gets the operator's role and becomes a member of the team's client.",
                },
            ),
            ("Numbers", {"fields": ["caller_id", "fallback_phone"], "classes": ["collapse"]}),
            *([("Identifiers", {"fields": ["identity", "public_id"], "classes": ["collapse"]})] if obj else []),
        ]

    def save_model(self, request, obj, form, change):
        services.save(obj)

    @display(description="Operator", ordering="user__first_name")
    def who(self, operator: Operator) -> str:
        return str(operator)

    @display(description="Presence", ordering="presence", label=PRESENCES)
    def shown_presence(self, operator: Operator):
        if operator.unreachable_since is not None and operator.presence == Operator.Presence.AVAILABLE:
            return "unreachable", "desk cannot ring"
        reason = f": {operator.break_reason}" if operator.break_reason else ""
        return operator.presence, f"{operator.get_presence_display()}{reason}"

    @display(description="Busy with", label=PURPOSES)
    def shown_engagement(self, operator: Operator):
        held = operator.held_by[0] if getattr(operator, "held_by", None) else None
        return (held.purpose, held.get_purpose_display()) if held else ("idle", "nothing")

    @display(description="For", ordering="presence_since")
    def for_how_long(self, operator: Operator) -> str:
        held = operator.held_by[0] if getattr(operator, "held_by", None) else None
        return span((clock.now() - (held.since if held else operator.presence_since)).total_seconds())

    @display(description="At this moment")
    def at_this_moment(self, operator: Operator) -> str:
        _key, presence = self.shown_presence(operator)
        _key, engagement = self.shown_engagement(operator)
        doing = "idle" if engagement == "nothing" else f"busy with {engagement}"
        return f"{presence}, {doing}; for {self.for_how_long(operator)}"

    def has_supervise_permission(self, request) -> bool:
        return request.user.has_perm("operators.supervise_operator")

    @action(description="Make available", permissions=["supervise"])
    def make_available(self, request, queryset):
        self._set_presence(request, queryset, Operator.Presence.AVAILABLE)

    @action(description="Sign out", permissions=["supervise"])
    def sign_out(self, request, queryset):
        self._set_presence(request, queryset, Operator.Presence.OFFLINE)

    def _set_presence(self, request, queryset, presence: str) -> None:
        others = [operator for operator in queryset if operator.presence != presence]
        for operator in others:
            services.set_presence(operator, presence, by=request.user)
        self.message_user(request, f"{len(others)} of {len(queryset)} changed to {Operator.Presence(presence).label}.")

    @action(description="Finish wrap-up", permissions=["supervise"])
    def finish_wrap_up(self, request, queryset):
        finished = sum(services.finish_wrap_up(operator) for operator in queryset)
        level = messages.SUCCESS if finished else messages.INFO
        self.message_user(request, f"{finished} wrap-ups finished." if finished else "Nobody was in wrap-up.", level)


@admin.register(PresenceSpan)
class PresenceSpanAdmin(ReadOnlyAdmin):
    list_display = ["since", "operator", "shown_presence", "lasted", "shown_state"]
    list_filter = ["presence", "break_reason", "operator__team"]
    list_select_related = ["operator__user", "break_reason"]
    search_fields = ["operator__user__username", "operator__user__first_name", "operator__user__last_name"]

    @display(description="Presence", ordering="presence", label=PRESENCES)
    def shown_presence(self, row: PresenceSpan):
        reason = f": {row.break_reason}" if row.break_reason else ""
        return row.presence, f"{row.get_presence_display()}{reason}"

    @display(description="Lasted")
    def lasted(self, row: PresenceSpan) -> str:
        return span(((row.until or clock.now()) - row.since).total_seconds())

    @display(description="State", label={"now": "success", "over": "info"})
    def shown_state(self, row: PresenceSpan) -> str:
        return "over" if row.until else "now"


@admin.register(Engagement)
class EngagementAdmin(ReadOnlyAdmin):
    list_display = ["since", "operator", "shown_purpose", "lasted", "shown_state"]
    list_filter = ["purpose", ("ended_at", admin.EmptyFieldListFilter), "operator__team"]
    list_select_related = ["operator__user"]
    search_fields = ["operator__user__username", "operator__user__first_name", "operator__user__last_name"]

    @display(description="Purpose", ordering="purpose", label=PURPOSES)
    def shown_purpose(self, engagement: Engagement):
        return engagement.purpose, engagement.get_purpose_display()

    @display(description="Lasted")
    def lasted(self, engagement: Engagement) -> str:
        return span(((engagement.ended_at or clock.now()) - engagement.since).total_seconds())

    @display(description="State", label={"now": "success", "over": "info"})
    def shown_state(self, engagement: Engagement) -> str:
        return "over" if engagement.ended_at else "now"


@admin.register(OperatorMessage)
class OperatorMessageAdmin(ReadOnlyAdmin):
    """What was written to operators from the board, and who has read it."""

    list_display = ["sent_at", "to", "text", "by", "read"]
    list_filter = ["client"]
    list_select_related = ["by"]
    search_fields = ["text", "to"]
    fields = ["sent_at", "client", "by", "to", "text", "readers"]
    readonly_fields = ["readers"]

    def get_queryset(self, request):
        return super().get_queryset(request).counted()

    @display(description="Read")
    def read(self, message: OperatorMessage) -> str:
        return f"by {message.copies_read} of {message.copies_total}"

    @display(description="Read by")
    def readers(self, message: OperatorMessage) -> str:
        copies = message.copies.select_related("operator__user")
        return ", ".join(
            f"{copy.operator} {f'{clock.local(copy.read_at):%H:%M}' if copy.read_at else 'not yet'}" for copy in copies
        )
