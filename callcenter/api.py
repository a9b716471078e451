"""`/api/v1/`: one router over the `routes` of every app's `api.py`, plus its `urlpatterns`."""

from typing import Any

from rest_framework.routers import SimpleRouter

from .composition import house_apps, module_of

router = SimpleRouter()
# With and without the slash at the end: a POST cannot be redirected to the other spelling.
router.trailing_slash = "/?"
extra: list[Any] = []

for _app in house_apps():
    _api = module_of(_app, "api")
    for _route in getattr(_api, "routes", ()):
        # (prefix, viewset) or (prefix, viewset, basename)
        router.register(*_route)
    extra += getattr(_api, "urlpatterns", ())

# The commands stand before the router, whose `calls/<id>/` would not know them.
urlpatterns = [*extra, *router.urls]
