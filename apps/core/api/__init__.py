"""What every app's API is made of.

The fields and viewsets load when they are first asked for: DRF's views import this package for its settings before
they are complete themselves.
"""

from typing import TYPE_CHECKING, Any

from apps.core.api.pagination import Pagination
from apps.core.api.permissions import RolePermission

if TYPE_CHECKING:
    from apps.core.api.fields import PublicIdField, StaysWithClient
    from apps.core.api.viewsets import ReadOnlyViewSet, TenantViewSet

__all__ = ["Pagination", "PublicIdField", "ReadOnlyViewSet", "RolePermission", "StaysWithClient", "TenantViewSet"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    from apps.core.api import fields, viewsets

    return getattr(fields if hasattr(fields, name) else viewsets, name)
