from django.contrib import admin
from django.db.models import Case, Count, F, Q, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import action, display

from apps.core import sound_files
from apps.core.admin_base import ModelAdmin, TabularInline, admin_link
from apps.core.words import span
from apps.ivr import admin_records as admin_records
from apps.ivr import admin_web as admin_web
from apps.ivr import faults, publishing, services, versions
from apps.ivr.forms import KEYS, FlowForm, OptionForm, OptionFormSet, PromptForm
from apps.ivr.models import Flow, Menu, Option, Prompt


@admin.register(Prompt)
class PromptAdmin(ModelAdmin):
    class Media:
        js = ["ivr/record.js"]
        css = {"all": ["ivr/record.css"]}

    form = PromptForm
    list_display = ["name", "language", "words", "sound", "client"]
    list_filter = ["language", "client"]
    list_select_related = ["client"]
    search_fields = ["name", "text"]
    fieldsets = [
        (None, {"fields": ["client", "name", "language", "text"]}),
        (
            "Sound",
            {
                "fields": ["audio", "listen"],
                "description": "Upload a recording or speak one here, and callers hear it instead of the text.",
            },
        ),
        ("Used in", {"fields": ["used_in"]}),
    ]
    readonly_fields = ["listen", "used_in"]

    def save_model(self, request, obj, form, change):
        services.save_prompt(obj, audio=sound_files.given(form, "audio"))

    def delete_model(self, request, obj):
        services.delete_prompt(obj)

    def delete_queryset(self, request, queryset):
        for prompt in queryset:
            services.delete_prompt(prompt)

    @display(description="Text")
    def words(self, prompt: Prompt) -> str:
        return prompt.text if len(prompt.text) <= 80 else f"{prompt.text[:79]}…"

    @display(description="Sound", label={"text to speech": "info"})
    def sound(self, prompt: Prompt) -> str:
        return span(prompt.audio_seconds) if prompt.audio else "text to speech"

    @display(description="Listen")
    def listen(self, prompt: Prompt) -> str:
        if not prompt.audio:
            return "No sound yet: the carrier reads the text aloud."
        return format_html('<audio controls preload="metadata" src="{}"></audio>', prompt.audio_path)

    @display(description="Heard in")
    def used_in(self, prompt: Prompt) -> str:
        if prompt.pk is None:
            return "nothing yet"
        asked = Q(prompt=prompt) | Q(invalid_prompt=prompt) | Q(silence_prompt=prompt)
        menus = [(admin_link(menu), menu.flow.name) for menu in Menu.objects.filter(asked).select_related("flow")]
        greeted = [(admin_link(flow), "greeting") for flow in Flow.objects.filter(greeting=prompt)]
        speaking = publishing.speaking(prompt.client, prompt.name)
        drawn = [(admin_link(flow), "drawn") for flow in speaking if flow.is_drawn]
        return format_html_join(", ", "{} ({})", menus + greeted + drawn) or "nothing yet"


class MenuInline(TabularInline):
    """The menus of a flow at a glance; each has its own page."""

    model = Menu
    fields = readonly_fields = ["menu", "asks", "keys", "then"]
    extra = 0
    can_delete = False
    hide_title = True

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def get_queryset(self, request):
        starts = Case(When(flow__start=F("pk"), then=0), default=1)
        return super().get_queryset(request).complete().order_by(starts, "name")

    @display(description="Menu")
    def menu(self, menu: Menu) -> str:
        return admin_link(menu)

    @display(description="Asks")
    def asks(self, menu: Menu) -> str:
        return menu.prompt.text

    @display(description="Keys")
    def keys(self, menu: Menu) -> str:
        options = sorted(menu.options.all(), key=lambda option: KEYS.index(option.key))
        rows = ((option.key, option.label, option.place) for option in options)
        return format_html_join("", "<div><strong>{}</strong> {} → {}</div>", rows) or "none"

    @display(description="After the last try")
    def then(self, menu: Menu) -> str:
        return menu.otherwise.label if menu.otherwise else "apology and good-bye"


@admin.register(Flow)
class FlowAdmin(ModelAdmin):
    form = FlowForm
    inlines = [MenuInline]
    list_display = ["name", "state", "starts_with", "menu_count", "client"]
    list_filter = ["active", "client"]
    list_select_related = ["client", "start", "version"]
    search_fields = ["name"]
    add_fieldsets = [
        (
            None,
            {
                "fields": ["client", "name", "greeting"],
                "description": "Name the voice menu; on the next page you add what it asks. It takes calls once it is "
                "complete and you switch it on.",
            },
        )
    ]
    fieldsets = [
        (None, {"fields": ["client", "name", "active"]}),
        ("What callers hear first", {"fields": ["greeting", "start"]}),
    ]
    autocomplete_fields = ["greeting"]
    change_form_before_template = "ivr/flow_state.html"
    actions_detail = ["draw", "add_menu"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(menu_total=Count("menus"))

    def get_inlines(self, request, obj):
        return self.inlines if obj and obj.menu_total and not obj.is_drawn else []

    def get_fieldsets(self, request, obj=None):
        shown = super().get_fieldsets(request, obj)
        return shown[:1] if obj and obj.is_drawn else shown  # a drawing says itself where it starts

    def save_model(self, request, obj, form, change):
        services.save_flow(obj)

    def delete_model(self, request, obj):
        services.delete_flow(obj)

    def delete_queryset(self, request, queryset):
        for flow in queryset:
            services.delete_flow(flow)

    def response_add(self, request, obj, post_url_continue=None):
        if "_continue" in request.POST or "_addanother" in request.POST or "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, f"“{obj.name}” is made. Now add its first menu: what it asks, and its keys.")
        return redirect(_add_menu(obj.pk))

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        flow = self.get_object(request, object_id) if object_id else None
        found = _state(flow) if flow else {}
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), "flow": flow, **found})

    @action(description="Draw it", icon="account_tree", permissions=["view"])
    def draw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("ivr:draw", get_object_or_404(self.get_queryset(request), pk=object_id).public_id)

    @action(description="Add a menu", icon="add", permissions=["change"])
    def add_menu(self, request: HttpRequest, object_id: str) -> HttpResponse:
        flow = get_object_or_404(self.get_queryset(request), pk=object_id)
        if flow.is_drawn:
            return redirect("ivr:draw", flow.public_id)
        return redirect(_add_menu(object_id))

    @display(description="State", label={"on": "success", "off": "warning"})
    def state(self, flow: Flow) -> str:
        return "on" if flow.active else "off"

    @display(description="Starts with", ordering="start__name")
    def starts_with(self, flow: Flow) -> str:
        return "a drawing" if flow.is_drawn else flow.start.name if flow.start else "not chosen"

    @display(description="Menus", ordering="menu_total")
    def menu_count(self, flow: Flow) -> int:
        return flow.menu_total


class OptionInline(TabularInline):
    model = Option
    fk_name = "menu"
    form = OptionForm
    formset = OptionFormSet
    fields = ["key", "label", "destination", "next_menu"]
    autocomplete_fields = ["destination"]
    extra = 1
    hide_title = True
    verbose_name = "key"
    verbose_name_plural = "Keys, and where each leads"

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        flow = obj.flow_id if obj else request.GET.get("flow")
        formset.form.base_fields["next_menu"].queryset = Menu.objects.visible_to(request.user).filter(
            flow=flow if str(flow).isdigit() else None
        )
        for name in ("destination", "next_menu"):
            # Both are made on pages of their own.
            field = formset.form.base_fields[name]
            field.widget = getattr(field.widget, "widget", field.widget)
        return formset


@admin.register(Menu)
class MenuAdmin(ModelAdmin):
    class Media:
        css = {"all": ["ivr/menu.css"]}

    inlines = [OptionInline]
    list_display = ["name", "flow", "prompt", "tries"]
    list_filter = ["flow"]
    list_select_related = ["flow", "prompt"]
    search_fields = ["name", "flow__name"]
    fieldsets = [
        (None, {"fields": ["flow", "name", "prompt"]}),
        (
            "No key, or a wrong one",
            {
                "fields": ["timeout_seconds", "tries", "silence_prompt", "invalid_prompt", "otherwise"],
                "classes": ["collapse"],
            },
        ),
    ]
    autocomplete_fields = ["prompt", "silence_prompt", "invalid_prompt", "otherwise"]

    def get_readonly_fields(self, request, obj=None):
        return ["flow"] if obj else []

    def has_module_permission(self, request) -> bool:
        # One comes here from a flow.
        return False

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        services.save_menu(form.instance)

    def delete_model(self, request, obj):
        services.delete_menu(obj)

    def delete_queryset(self, request, queryset):
        for menu in queryset:
            services.delete_menu(menu)

    def response_post_save_add(self, request, obj) -> HttpResponseRedirect:
        return redirect("admin:ivr_flow_change", obj.flow_id)

    def response_post_save_change(self, request, obj) -> HttpResponseRedirect:
        return redirect("admin:ivr_flow_change", obj.flow_id)


def _state(flow: Flow) -> dict[str, object]:
    """What the page says above the form."""
    if not flow.is_drawn:
        return {"faults": faults.find(flow), "unreachable": faults.unreachable(flow)}
    found = versions.look_over(flow, flow.draft)[2]
    at = "{0.path}: {0.text}"
    return {
        "faults": [at.format(fault) for fault in found if fault.level != "hint"],
        "unpublished": flow.version is None or flow.version.document != flow.draft,
    }


def _add_menu(flow: int | str) -> str:
    return f"{reverse('admin:ivr_menu_add')}?flow={flow}"
