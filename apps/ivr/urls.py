from django.urls import path

from apps.ivr import views

app_name = "ivr"
urlpatterns = [path("<uuid:public_id>/<slug:digest>.<slug:extension>", views.audio, name="audio")]
