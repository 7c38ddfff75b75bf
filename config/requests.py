"""Requests behind the sign-in: whose they are, and the reason that a form gives."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest


class SignedIn(HttpRequest):
    """What a view receives: LoginRequiredMiddleware has turned everybody else away."""

    user: User


def reason_in(request: HttpRequest) -> str:
    """Why somebody does what the form does, as far as it is kept; "" for no reason."""
    return request.POST.get("reason", "").strip()[:2000]
