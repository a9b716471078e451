"""The site's map. Each app's addresses stand in its own `urls.py`; one without that file is not on the map.

`/healthz` and `/readyz` are answered before it, by `health.ProbeMiddleware`.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from . import metrics
from .composition import module_of


def _mounted(prefix: str, app: str) -> list[Any]:
    return [path(prefix, include(f"apps.{app}.urls"))] if module_of(app, "urls") else []


urlpatterns = [
    path("metrics", metrics.metrics, name="metrics"),
    path("login/", LoginView.as_view(template_name="login.html", redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    # Before the admin, which takes every address below its own.
    *_mounted("admin/reports/", "reports"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("callcenter.api")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(template_name="api_docs.html"), name="api-docs"),
    *_mounted("carrier/", "switchboard"),
    # `/audio/`, `/menus/`
    *_mounted("", "ivr"),
    # `/`, `/board/`, `/desk/`
    *_mounted("", "live"),
]

handler400 = "callcenter.errors.bad_request"
handler403 = "callcenter.errors.forbidden"
handler404 = "callcenter.errors.not_found"
handler500 = "callcenter.errors.server_error"
