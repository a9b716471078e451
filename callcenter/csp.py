"""The content security policy of each part of the site: strict, with two exceptions that vendors force on us."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

# Prefix of the path -> what is allowed there beside the policy in the settings.
EXCEPTIONS = {
    # Alpine, which the admin's theme is written in, evaluates the expressions of its attributes.
    "/admin/": {"script-src": ["'self'", "'unsafe-eval'"], "style-src": ["'self'", "'unsafe-inline'"]},
    # Swagger writes style attributes.
    "/api/docs/": {"style-src": ["'self'", "'unsafe-inline'"]},
}


class PolicyMiddleware(CSPMiddleware):
    """django-csp's middleware, with `EXCEPTIONS` by path, because the vendors' views cannot be decorated."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        for prefix, directives in EXCEPTIONS.items():
            if request.path_info.startswith(prefix) and parts.update is None:
                parts.update = directives
        return parts
