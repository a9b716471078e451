from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from unfold.decorators import action, display

from apps.calls.admin import CallAdmin
from apps.calls.models import Call
from apps.clients.models import Client
from apps.core import clock
from apps.core.admin_base import ModelAdmin, ReadOnlyAdmin
from apps.core.models import Event
from apps.queues import services as queues
from apps.queues.why import OfferWhy
from apps.routing import conditions, services, trial, warnings, whatif, whatif_pages, wording
from apps.routing.forms import RuleForm, SampleCallForm
from apps.routing.models import Decision, Rule


@admin.register(Rule)
class RuleAdmin(ModelAdmin):
    form = RuleForm
    ordering_field = "position"
    hide_ordering_field = True
    # All on one page: an order cannot be dragged across two.
    list_per_page = 500
    list_display = ["name", "state", "when", "goes_to", "client"]
    list_filter = ["client", "active"]
    list_before_template = "routing/rules_hint.html"
    search_fields = ["name", "destination__label"]
    fieldsets = [
        (None, {"fields": ["client", "name", "conditions"]}),
        ("Where the call goes", {"fields": ["destination", "fallback", "active"]}),
        ("Changes", {"fields": ["changes"], "classes": ["collapse"]}),
    ]
    readonly_fields = ["changes"]
    autocomplete_fields = ["destination", "fallback"]
    actions_list = ["try_call", "what_if"]
    actions_detail = ["what_if_this"]

    class Media:
        js = ["routing/builder.js"]
        css = {"all": ["routing/builder.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).complete()

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj is not None else self.fieldsets[:-1]

    def save_model(self, request, obj, form, change):
        if "conditions" in form.cleaned_data:
            services.save_rule(obj, form.cleaned_data["conditions"][0], by=request.user)
        else:  # on the list only the order is saved
            super().save_model(request, obj, form, change)

    def delete_model(self, request, obj):
        services.remove_rule(obj, by=request.user)

    def delete_queryset(self, request, queryset):
        for rule in queryset:
            services.remove_rule(rule, by=request.user)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        form = context["adminform"].form
        if "conditions" in form.fields:
            clients = list(Client.objects.visible_to(request.user))
            form.fields["conditions"].widget.choices = {one.pk: conditions.suggestions(one) for one in clients}
            told = [one for one in warnings.of_client(obj.client) if one.rule.pk == obj.pk] if obj else []
            form.tell(told)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def changelist_view(self, request, extra_context=None):
        clients = list(Client.objects.visible_to(request.user))
        if request.method == "POST" and "_save" in request.POST:
            with services.noting_order(clients, by=request.user):
                return super().changelist_view(request, extra_context)
        told = [warning for client in clients for warning in warnings.of_client(client)]
        return super().changelist_view(request, {**(extra_context or {}), "told": told})

    @action(description="Try a sample call", icon="phone_in_talk", url_path="try", permissions=["view"])
    def try_call(self, request: HttpRequest) -> HttpResponse:
        form = SampleCallForm(request.GET or None, user=request.user)
        answer = None
        if form.is_bound and form.is_valid():
            chosen = form.cleaned_data
            answer = services.try_sample(
                chosen["number"], chosen["caller"], chosen["at"], language=chosen["language"], digits=chosen["digits"]
            )
        context = {
            "title": "Try a sample call",
            "form": form,
            "answer": answer,
            "looked_at": trial.look_at(answer) if answer else [],
            "operator": trial.operator_for(answer) if answer else "",
        }
        return self.page(request, "routing/try_call.html", context, form)

    @action(description="What if?", icon="quiz", url_path="what-if", permissions=["view"])
    def what_if(self, request: HttpRequest) -> HttpResponse:
        context, form = whatif_pages.of_rule(request)
        return self._what_if(request, context, form, "what_if")

    @action(description="What if it were another?", icon="quiz", url_path="what-if-this", permissions=["view"])
    def what_if_this(self, request: HttpRequest, object_id: int) -> HttpResponse:
        rule = get_object_or_404(self.get_queryset(request), pk=object_id)
        return HttpResponseRedirect(f"{reverse('admin:routing_rule_what_if')}?rule={rule.pk}")

    def what_if_queue(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request) or not request.user.has_perm("queues.view_queue"):
            raise PermissionDenied
        context, form = whatif_pages.of_queue(request)
        return self._what_if(request, context, form, "what_if_queue")

    def get_urls(self):
        queue = self.admin_site.admin_view(self.what_if_queue)
        return [path("what-if/queue/", queue, name="routing_rule_what_if_queue"), *super().get_urls()]

    def _what_if(self, request: HttpRequest, context: dict, form, here: str) -> HttpResponse:
        frame = {
            "title": "What if?",
            "most": f"{whatif.MOST:,}",
            "tabs": whatif_pages.tabs(here),
            "wide": whatif_pages.WIDE,
        }
        return self.page(request, "routing/what_if.html", {**frame, **context}, form)

    def page(self, request: HttpRequest, template: str, context: dict, form) -> HttpResponse:
        """A page of its own in the admin's frame."""
        frame = {
            **self.admin_site.each_context(request), "model_admin": self, "content_title": context["title"],
            "media": self.media + form.media,
        }  # fmt: skip
        return TemplateResponse(request, template, {**frame, **context})

    @display(description="State", label={"on": "success", "off": "warning"})
    def state(self, rule: Rule) -> str:
        return "on" if rule.active else "off"

    @display(description="When")
    def when(self, rule: Rule) -> str:
        return wording.rule_asks(rule.group_views, rule.match) or "always"

    @display(description="Goes to")
    def goes_to(self, rule: Rule) -> str:
        target = rule.destination.label if rule.destination.active else f"{rule.destination.label} (switched off)"
        return f"{target}, else {rule.fallback.label}" if rule.fallback else target

    @display(description="")
    def changes(self, rule: Rule) -> str:
        rows = Event.objects.filter(subject=f"rule:{rule.public_id}").select_related("actor")[:50]
        lines = ((f"{clock.local(row.at):%Y-%m-%d %H:%M %Z}", row.actor or "the product", row.sentence) for row in rows)
        return format_html_join("", "<div>{} · {} · {}</div>", lines) or "none yet"


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


@display(description="")
def why(call: Call) -> str:
    """Why the call went there, and why to this operator, with all who might have been rung."""
    sentences = format_html_join("", '<p class="mb-2">{}</p>', ((line,) for line in services.why(call)))
    tables = format_html_join("", "{}", ((_candidates(offer),) for offer in queues.why(call) if offer.candidates))
    none = "It was not routed by rules, and no operator was rung for it."
    return format_html('<div class="call-book">{}</div>', sentences + tables or none)


def _candidates(offer: OfferWhy) -> str:
    rows = format_html_join(
        "",
        "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
        ((one.name, one.verdict, one.words) for one in offer.candidates),
    )
    counted = ", ".join(f"{count} {reason}" for reason, count in offer.excluded.items())
    head = f"{clock.local(offer.offered_at):%H:%M:%S %Z}, {offer.queue}: {offer.able} might have been rung" + (
        f"; left out: {counted}" if counted else ""
    )
    table = '<p class="mt-4 font-medium">{}</p><table class="what-if-table text-sm"><tbody>{}</tbody></table>'
    return format_html(table, head, rows)


_head, *_tabs = CallAdmin.fieldsets
CallAdmin.fieldsets = [_head, ("Why", {"fields": [why]}), *_tabs]
CallAdmin.readonly_fields = [*CallAdmin.readonly_fields, why]
CallAdmin.Media.css = {"all": [*CallAdmin.Media.css["all"], "routing/builder.css"]}
