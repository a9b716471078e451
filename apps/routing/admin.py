from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from unfold.decorators import action, display

from apps.clients.models import Client
from apps.core.admin_base import ModelAdmin, ReadOnlyAdmin, TabularInline
from apps.routing import conditions, services
from apps.routing.forms import ConditionForm, ConditionFormSet, SampleCallForm
from apps.routing.models import Condition, Decision, Rule


class ConditionInline(TabularInline):
    model = Condition
    form = ConditionForm
    formset = ConditionFormSet
    extra = 1
    hide_title = True
    verbose_name_plural = "Conditions: all must hold"


@admin.register(Rule)
class RuleAdmin(ModelAdmin):
    inlines = [ConditionInline]
    ordering_field = "position"
    hide_ordering_field = True
    # All on one page: an order cannot be dragged across two.
    list_per_page = 500
    list_display = ["name", "state", "when", "goes_to", "client"]
    list_filter = ["client", "active"]
    list_before_template = "routing/rules_hint.html"
    change_form_after_template = "routing/suggestions.html"
    search_fields = ["name", "destination__label"]
    fieldsets = [
        (
            None,
            {
                "fields": ["client", "name", "destination", "active"],
                "description": "A rule without conditions decides about every call.",
            },
        )
    ]
    autocomplete_fields = ["destination"]
    actions_list = ["try_call"]

    class Media:
        js = ["routing/conditions.js"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("client", "destination").prefetch_related("conditions")

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
        else:
            services.save_rule(obj, checked=False)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if formsets:  # on the list only the order is saved
            services.check(form.instance)

    def changelist_view(self, request, extra_context=None):
        clients = list(Client.objects.visible_to(request.user))
        warnings = {
            "shadowed": [pair for client in clients for pair in services.shadows(client)],
            "stale": [pair for client in clients for pair in services.stale(client)],
        }
        return super().changelist_view(request, {**(extra_context or {}), **warnings})

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        clients = Client.objects.visible_to(request.user)
        choices = {client.pk: conditions.suggestions(client) for client in clients}
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), "condition_choices": choices}
        )

    @action(description="Try a sample call", icon="phone_in_talk", url_path="try", permissions=["view"])
    def try_call(self, request: HttpRequest) -> HttpResponse:
        form = SampleCallForm(request.GET or None, user=request.user)
        answer = None
        if form.is_bound and form.is_valid():
            chosen = form.cleaned_data
            answer = services.try_sample(chosen["number"], chosen["caller"], chosen["at"])
        context = {
            **self.admin_site.each_context(request),
            "title": "Try a sample call",
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "answer": answer,
        }
        return TemplateResponse(request, "routing/try_call.html", context)

    @display(description="State", label={"on": "success", "off": "warning"})
    def state(self, rule: Rule) -> str:
        return "on" if rule.active else "off"

    @display(description="When")
    def when(self, rule: Rule) -> str:
        return " and ".join(str(condition) for condition in rule.conditions.all()) or "always"

    @display(description="Goes to")
    def goes_to(self, rule: Rule) -> str:
        return rule.destination.label if rule.destination.active else f"{rule.destination.label} (switched off)"


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ["at", "call", "sentence"]
    list_filter = ["rule", "destination", ("at", admin.DateFieldListFilter)]
    list_select_related = ["call"]
    search_fields = ["sentence", "call__customer_number"]
    fields = readonly_fields = ["call", "at", "sentence", "destination", "rules_tried", "known"]

    @display(description="Rules tried, in order")
    def rules_tried(self, decision: Decision) -> str:
        lines = services.explain(decision)
        return format_html_join("", "<div>{}</div>", ((line,) for line in lines)) or "there were none"

    @display(description="What was known")
    def known(self, decision: Decision) -> str:
        return format_html_join("", "<div>{}: {}</div>", services.facts_in_words(decision))
