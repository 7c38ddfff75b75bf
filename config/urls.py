"""Every address of Castor, and which app answers it."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

import annotation.access
import datasets_app.access
from config import doors, entering, health, languages
from config.help import help_page
from datasets_app.media_views import media

# Each says, of a person and the items that show a file, whether that is reason enough to see it.
MEDIA_DOORS = (datasets_app.access.may_see_media, annotation.access.may_see_media)

urlpatterns = [
    path("", doors.home, name="home"),
    path("label/", include("annotation.urls")),
    path("curate/", include("config.curate.urls")),
    path("moderate/", include("moderation.urls")),
    path("media/<str:digest>/<str:kind>", media, {"doors": MEDIA_DOORS}, name="media"),
    path("invite/<str:token>/", doors.invitation, name="invitation"),
    path("enter/<str:token>/", entering.enter, name="enter"),
    path("help/", help_page, name="help"),
    path("language/", languages.set_language, name="set_language"),
    path("accounts/logout/", doors.sign_out),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
