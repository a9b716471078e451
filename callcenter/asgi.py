"""The web process: HTTP on threads through Django's WSGI application, websockets through Channels, in one uvicorn.

Django's own ASGI handler makes an executor and several thread changes per request; WSGI on a pool of lasting threads
costs less than half of it, and each thread keeps its database connection. The carrier has a door of its own.
`manage.py bench asgi` measures all three.
"""

import gc
import os
from importlib import import_module
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callcenter.settings")

from django.core.wsgi import get_wsgi_application

_django = get_wsgi_application()

from a2wsgi import WSGIMiddleware
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import CookieMiddleware
from django.conf import settings

from .carrier_door import PREFIX, CarrierDoor
from .checks import refuse_unsafe_start
from .composition import websocket_urlpatterns

refuse_unsafe_start()

_http: Any = WSGIMiddleware(cast(Any, _django), workers=settings.WEB_THREADS)
_carrier = CarrierDoor(settings.CARRIER_THREADS)
# Who comes is asked by the sockets themselves, again and again; Channels' session would stand before each frame sent.
_websocket = AllowedHostsOriginValidator(CookieMiddleware(URLRouter(websocket_urlpatterns())))

import_module(settings.ROOT_URLCONF)
# All that is loaded by now stays. Each full search of it for garbage stops every thread for a tenth of a second. What
# is new is searched more seldom too: a picture of the board is thousands of objects, all of which live until the next.
gc.collect()
gc.freeze()
gc.set_threshold(10_000)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Send each connection to its part."""
    if scope["type"] == "websocket":
        await _websocket(scope, receive, send)
    elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
        await _carrier(scope, receive, send)
    else:
        # a2wsgi answers the server's lifespan messages too.
        await _http(scope, receive, send)
