from apps.core.api.pagination import Pagination
from apps.core.api.permissions import RolePermission
from apps.core.api.viewsets import ReadOnlyViewSet, TenantViewSet

__all__ = ["Pagination", "ReadOnlyViewSet", "RolePermission", "TenantViewSet"]
