"""The first page, and the page of an invitation."""

from __future__ import annotations

import hashlib

from allauth.account.views import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from config.accounts import SESSION_KEY
from config.navigation import open_doors
from config.requests import SignedIn
from datasets_app import invitations
from datasets_app.languages import name_of
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import Role

FIRST_PAGE = {
    Role.ANNOTATOR: "label:home",
    Role.CURATOR: "curate:datasets",
    Role.MODERATOR: "moderate:datasets",
}


@require_safe
def home(request: SignedIn) -> HttpResponse:
    """To the first door that the person's roles open; a page that says so when none does."""
    doors = open_doors(request)
    if doors:
        return redirect(doors[0].address)
    return render(request, "no_door.html")


def sign_out(request: HttpRequest) -> HttpResponseBase:
    """Sign out; on a shared computer nothing of what was typed stays in the browser.

    The page says whether that may be: what is not sent yet, and is nowhere else, is kept. Without
    its script nothing was put there.
    """
    response: HttpResponseBase = logout(request)
    if request.method == "POST" and "all_sent" in request.POST:
        response["Clear-Site-Data"] = '"storage"'
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the link gives; who is signed in takes it, who is not may sign in or up first."""
    try:
        found = invitations.find(token)
        if request.method == "POST" and isinstance(request.user, User):
            return _accepted(request, token, request.user)
    except invitations.LetGo:
        return render(request, "invitation_let_go.html", status=403)
    except invitations.InvitationRefused:
        return render(request, "invitation_gone.html", status=404)
    # Remembered by its digest: opens the sign-up form to this browser.
    request.session[SESSION_KEY] = hashlib.sha256(token.encode()).hexdigest()
    protocol = protocol_named(found.dataset.protocol)
    context = {
        "invitation": found,
        "token": token,
        "language": name_of(found.dataset.language),
        "shown": [protocol.prompt_modality, protocol.modality],
    }
    return render(request, "invitation.html", context)


def _accepted(request: HttpRequest, token: str, user: User) -> HttpResponse:
    membership = invitations.accept(token, user=user)
    request.session.pop(SESSION_KEY, None)
    return redirect(FIRST_PAGE[Role(membership.role)])
