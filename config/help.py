"""The page that says where to get help, open to everybody."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
@login_not_required
def help_page(request: HttpRequest) -> HttpResponse:
    """What to do when something one has seen does not let go, and whom to turn to here."""
    return render(request, "help.html", {"contact": settings.CASTOR_HELP_CONTACT})
