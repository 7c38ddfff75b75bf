"""The page of an entry: people of an outside workforce come in without an account."""

from __future__ import annotations

from datetime import timedelta

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation import access, entries
from annotation.models import Annotator, Entry
from config.participants import SESSION_KEY
from datasets_app.languages import name_of
from datasets_app.protocols import protocol_named

# After the end of the entry a person may still hand in what is on the screen, and see the code.
GRACE = timedelta(days=1)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """What the work is; a POST makes the visitor an annotator and signs this browser in."""
    try:
        entry = entries.find(token)
        participant = entries.participant_of(entry, request.GET)
    except entries.EntryClosed:
        return _refused(request, "closed", 404)
    except entries.BadParticipant:
        return _refused(request, "incomplete", 400)
    if request.user.is_authenticated:
        if _is_inside(request, entry, participant):
            return redirect("label:page", slug=entry.campaign.slug)
        if not request.session.get(SESSION_KEY):
            return _refused(request, "signed_in", 409)
        if entries.is_another(request.user.pk, entry, participant):
            return _refused(request, "another", 409)
    if request.method == "POST":
        return _enter(request, entry, participant)
    protocol = protocol_named(entry.campaign.protocol)
    context = {
        "entry": entry,
        "protocol": protocol,
        "language": name_of(entry.campaign.dataset.language),
        "shown": [protocol.prompt_modality, protocol.modality],
    }
    return render(request, "enter.html", context)


def _is_inside(request: HttpRequest, entry: Entry, participant: str) -> bool:
    """Whether this browser is signed in as this very person."""
    return Annotator.objects.filter(
        user=request.user.pk, entry=entry, participant=participant
    ).exists()


def _works_here(request: HttpRequest, entry: Entry, participant: str) -> bool:
    """Whether this browser is signed in as who came into the campaign under this id, and is let in
    there still.
    """
    own = Annotator.objects.filter(
        user=request.user.pk, entry__campaign=entry.campaign_id, participant=participant
    )
    return own.exists() and access.campaigns_of(request.user).filter(pk=entry.campaign_id).exists()


def _enter(request: HttpRequest, entry: Entry, participant: str) -> HttpResponse:
    if not ratelimit.consume(request, action="enter", key=f"{entry.pk}:{participant}"):
        return _refused(request, "too_often", 429)
    try:
        annotator = entries.enter(entry, participant)
    except entries.EntryClosed:
        return _refused(request, "closed", 404)
    except entries.EntryFull:
        return _refused(request, "full", 409)
    except entries.InUse:
        return _refused(request, "in_use", 409)
    except entries.TookPart:
        if _works_here(request, entry, participant):
            return _refused(request, "took_part_here", 409, work=entry.campaign.slug)
        return _refused(request, "took_part", 409)
    login(request, annotator.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[SESSION_KEY] = annotator.pseudonym
    request.session.set_expiry(entry.expires_at + GRACE)
    return redirect("label:page", slug=entry.campaign.slug)


def _refused(request: HttpRequest, why: str, status: int, *, work: str = "") -> HttpResponse:
    """Why nobody comes in; with the way to the campaign `work`, for who is at work in it."""
    title, text = _refusals()[why]
    context = {"title": title, "text": text, "work": work}
    return render(request, "enter_refused.html", context, status=status)


def _refusals() -> dict[str, tuple[str, str]]:
    return {
        "closed": (
            _("This study is closed here"),
            _("The link has run out, was closed, or was never made. Return the study to whoever "
              "offered it to you, and tell them."),
        ),
        "incomplete": (
            _("This link is not whole"),
            _("It has to carry the number that your provider knows you by. Open it from the page "
              "of the study there; do not type it."),
        ),
        "signed_in": (
            _("You are signed in with an account"),
            _("This link is for people without one. Open it in a private window to see what they "
              "see."),
        ),
        "another": (
            _("This browser is at work under another number"),
            _("One person takes part once. Go on under the number with which you began. Somebody "
              "else at this computer takes another browser."),
        ),
        "too_often": (
            _("Too many at once"),
            _("Wait a few minutes, then open the link again. Nothing is lost."),
        ),
        "full": (
            _("All places are taken"),
            _("So many people as were asked for are at work. Return the study to whoever offered "
              "it to you."),
        ),
        "in_use": (
            _("This number is at work in another browser"),
            _("Go on in the browser in which you began. If you cannot, write to whoever offered "
              "you the study: they can let you in again, and nothing that you did is lost."),
        ),
        "took_part": (
            _("You already took part in this work"),
            _("This number came in by another study of the same work: your answers and your "
              "completion code are there. Go on there, in the browser in which you began, and "
              "return this study to whoever offered it to you."),
        ),
        "took_part_here": (
            _("You already took part in this work"),
            _("You came in by another study of the same work, in this browser: your answers and "
              "your completion code are there. Go on there, and return this study to whoever "
              "offered it to you."),
        ),
    }  # fmt: skip
