"""Our settings with pooled connections: the handler's threads come and go, and connections must not go with them."""

from callcenter.settings import *  # noqa: F403
from callcenter.settings import DATABASES

DATABASES["default"] |= {"CONN_MAX_AGE": 0}
DATABASES["default"]["OPTIONS"]["pool"] = {"max_size": 12}
