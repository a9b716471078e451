from django.contrib import admin
from django.urls import path

from apps.reports import views

urlpatterns = [
    path("", admin.site.admin_view(views.page), name="reports"),
    path("figures.csv", admin.site.admin_view(views.spreadsheet), name="reports-csv"),
]
