"""Where the moderator's pages are."""

from __future__ import annotations

from django.urls import path

from moderation import views

app_name = "moderate"

urlpatterns = [
    path("", views.datasets, name="datasets"),
    path("<slug:slug>/", views.quarantine, name="quarantine"),
    path("<slug:slug>/decide/", views.decide, name="decide"),
]
