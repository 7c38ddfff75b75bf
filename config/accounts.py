"""Who may make an account: whoever holds an invitation that is still good."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from config import languages
from datasets_app.models import Invitation

# The page of an invitation puts the digest of its token here, for the pages that follow.
SESSION_KEY = "invitation"


def is_invited(request: HttpRequest) -> bool:
    """Whether this browser came by an invitation that is neither expired, used up nor revoked."""
    digest = request.session.get(SESSION_KEY)
    return bool(digest) and (
        Invitation.objects.filter(
            token_digest=digest, uses_left__gt=0, revoked_at=None, expires_at__gt=Now()
        ).exists()
    )


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Signing up with a password, in and out."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """By invitation."""
        return is_invited(request)

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponseBase:
        """Whoever signs in reads on in the language of their own choice."""
        response: HttpResponseBase = super().post_login(request, user, **how)
        languages.bring_along(response, user)
        return response

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """To the sign-in, which tells labelling pages that are still open that somebody left."""
        return f"{reverse('account_login')}?left=yes"


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Signing up by a provider, which says who somebody is, not that they are welcome."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """By invitation."""
        return is_invited(request)
