"""Staff's pages for the few things that have no page of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_replace
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from unfold.sites import UnfoldAdminSite

from config import content_policy


class CastorAdmin(UnfoldAdminSite):  # type: ignore[misc]  # it ships no types
    """For superusers only, who sign in where all do: with rate limits and a second factor."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff alone is not enough."""
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def admin_view(
        self, view: Callable[..., HttpResponseBase], cacheable: bool = False
    ) -> Callable[..., Any]:
        """Every page of the admin, under its own content policy."""
        return csp_replace(content_policy.ADMIN)(super().admin_view(view, cacheable))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """No form of its own: the one for all has rate limits and asks for a second factor."""
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))
