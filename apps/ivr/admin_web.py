"""The web services that voice menus may ask."""

from django.contrib import admin
from django.utils.html import format_html_join
from unfold.decorators import display

from apps.core import clock
from apps.core.admin_base import ModelAdmin, admin_link
from apps.ivr import publishing, web_services
from apps.ivr.forms import WebServiceForm
from apps.ivr.models import WebService


@admin.register(WebService)
class WebServiceAdmin(ModelAdmin):
    form = WebServiceForm
    list_display = ["name", "address", "header", "client"]
    list_filter = ["client"]
    list_select_related = ["client"]
    search_fields = ["name", "address"]
    fieldsets = [
        (
            None,
            {
                "fields": ["client", "name", "address"],
                "description": "Voice menus may ask the services that stand here, and no others. An answer is JSON.",
            },
        ),
        ("How it knows us", {"fields": ["header", "secret"]}),
        ("How it went", {"fields": ["lately", "used_in"]}),
    ]
    readonly_fields = ["lately", "used_in"]

    def save_model(self, request, obj, form, change):
        web_services.save_service(obj)

    def delete_model(self, request, obj):
        web_services.delete_service(obj)

    def delete_queryset(self, request, queryset):
        for service in queryset:
            web_services.delete_service(service)

    @display(description="Lately")
    def lately(self, service: WebService) -> str:
        asked = service.inquiries.all()[:10] if service.pk else []
        rows = ((f"{clock.local(one.asked_at):%b %d %H:%M}", one.get_status_display(), one.why) for one in asked)
        return format_html_join("", "<div>{} {} {}</div>", rows) or "nobody asked yet"

    @display(description="Used in")
    def used_in(self, service: WebService) -> str:
        flows = publishing.asking(service) if service.pk else []
        return format_html_join(", ", "{}", ((admin_link(flow),) for flow in flows)) or "nothing yet"
