"""Staff's pages for the few things that have no page of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponseBase
from unfold.sites import UnfoldAdminSite

# The theme's scripts are inline and evaluate expressions. Nowhere else is that allowed.
LOOSER = {
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "frame-ancestors": [NONE],
}


class CastorAdmin(UnfoldAdminSite):  # type: ignore[misc]  # it ships no types
    """For superusers only, who sign in where all do: with rate limits and a second factor."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff alone is not enough."""
        return bool(request.user.is_active and getattr(request.user, "is_superuser", False))

    def admin_view(
        self, view: Callable[..., HttpResponseBase], cacheable: bool = False
    ) -> Callable[..., Any]:
        """Every page of the admin, under its own content policy."""
        return csp_replace(LOOSER)(super().admin_view(view, cacheable))  # type: ignore[no-any-return]

    @property
    def login(self) -> Callable[..., HttpResponseBase]:
        """allauth's page instead of Django's."""
        return secure_admin_login(super().login)  # type: ignore[no-any-return]
