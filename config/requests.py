"""The type of a request behind the sign-in: its user is a person, never anonymous."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest


class SignedIn(HttpRequest):
    """What a view receives: LoginRequiredMiddleware has turned everybody else away."""

    user: User
