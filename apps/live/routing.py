from django.urls import path

from apps.live.consumers import BoardConsumer, DeskConsumer

websocket_urlpatterns = [
    path("ws/board/", BoardConsumer.as_asgi()),
    path("ws/desk/", DeskConsumer.as_asgi()),
]
