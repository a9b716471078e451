"""Our site through Django's own ASGI handler."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.stock.handler_settings"

from django.core.asgi import get_asgi_application

application = get_asgi_application()
