"""The carrier's addresses; `carrier.callbacks` builds them."""

from django.urls import path

from apps.switchboard import views

app_name = "switchboard"
urlpatterns = [
    path("voice", views.voice),
    path("fallback", views.fallback),
    path("number-status", views.number_status),
    path("app", views.app),
    path("music", views.music),
    path("step/<str:token>", views.step),
    path("answered/<str:token>", views.answered),
    path("resume/<str:token>", views.resume),
    path("status/<str:token>", views.status),
    path("wait/<str:token>", views.wait),
    path("choose/<str:token>", views.choose),
    path("queue-music/<str:token>", views.queue_music),
    path("conference/<str:token>", views.conference),
    path("recording/<str:token>", views.recording),
    path("message/<str:token>", views.message),
]
