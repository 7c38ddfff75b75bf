"""Languages: the one somebody reads Castor in, brought along to every sign-in."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseBase
from django.views import i18n

from annotation import access
from annotation.page import preferences


@login_not_required
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Choose the language of this browser, and of its person if somebody is signed in."""
    response = i18n.set_language(request)
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        preferences.choose(access.annotator_of(request.user), language=language)
    return response


def bring_along(response: HttpResponseBase, user: User) -> None:
    """Let a browser that somebody has just signed in with speak that person's language."""
    language = preferences.of_user(user).language
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
