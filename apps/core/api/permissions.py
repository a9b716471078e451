from rest_framework.permissions import BasePermission

_VERBS = {
    "GET": "view",
    "HEAD": "view",
    "OPTIONS": "view",
    "POST": "add",
    "PUT": "change",
    "PATCH": "change",
    "DELETE": "delete",
}


class RolePermission(BasePermission):
    """Asks the role for the model's permission: reading "view", creating "add", and so on.

    A view's `permissions = {"hangup": "calls.control_call"}` names another permission for an action of its own;
    `None` there opens the action to everybody who is signed in. A view without a queryset must name all its actions.
    """

    message = "Your role does not allow this."

    def has_permission(self, request, view) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False
        named = getattr(view, "permissions", {})
        action = getattr(view, "action", None) or request.method.lower()
        if action in named:
            return named[action] is None or request.user.has_perm(named[action])
        queryset = getattr(view, "queryset", None)
        if queryset is None:
            return False
        meta = queryset.model._meta
        return request.user.has_perm(f"{meta.app_label}.{_VERBS[request.method]}_{meta.model_name}")
