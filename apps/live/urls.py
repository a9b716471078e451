from django.urls import path

from apps.live import views

urlpatterns = [
    path("", views.home, name="home"),
    path("desk/", views.desk, name="desk"),
    path("desk/devices/", views.devices, name="devices"),
    path("board/", views.board, name="board"),
]
