"""The settings of the API: who is asked for what, how answers look, how it describes itself."""

from typing import Any

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.integrations.auth.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.core.api.RolePermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "apps.core.api.Pagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "EXCEPTION_HANDLER": "apps.core.api.errors.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Call center",
    "DESCRIPTION": "Everything that the pages do can be done here. Send `Authorization: Bearer KEY`; "
    "`manage.py api_key NAME --user USER` makes a key.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Several fields are called `status`; each choice gets the name of its noun.
    "ENUM_NAME_OVERRIDES": {
        "CallStatusEnum": "apps.calls.models.Call.Status",
        "LegStatusEnum": "apps.calls.models.Leg.Status",
        "RecordingStatusEnum": "apps.recordings.models.Recording.Status",
        "QueueEntryStatusEnum": "apps.queues.models.QueueEntry.Status",
        "OfferStatusEnum": "apps.queues.models.Offer.Status",
        "MessageStatusEnum": "apps.notify.models.Message.Status",
        "PresenceEnum": "apps.operators.models.Operator.Presence",
        "ConsentSubjectEnum": "apps.people.models.Consent.Subject",
        "ConditionSubjectEnum": "apps.routing.models.Condition.Subject",
        "MatchEnum": "apps.routing.models.Match",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True, "docExpansion": "none"},
}
