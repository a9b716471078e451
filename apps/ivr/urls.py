from django.urls import path

from apps.ivr import views

app_name = "ivr"
urlpatterns = [
    # The sounds of the menus, fetched by the carrier.
    path("audio/<uuid:public_id>/<slug:digest>.<slug:extension>", views.audio, name="audio"),
    path("menus/<uuid:flow>/", views.draw, name="draw"),
]
