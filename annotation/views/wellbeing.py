"""What is in sight and for how long, breaks, what a person wants to be spared or says yes to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation import access, tally
from annotation.page.wire import BadBody, at_work, takes_json, uuid_in
from annotation.quality import qualifying
from annotation.themes import KINDS
from annotation.views import home, revealing
from annotation.wellbeing import exposures, pausing, wishes
from annotation.wellbeing.wish_form import WishForm


@takes_json
def reveal(
    request: HttpRequest, slug: str, *, body: dict[str, Any]
) -> dict[str, Any] | HttpResponse:
    """What is covered is to come into sight, is still there, or was covered; today's exposure.

    With `parts`, what belongs behind the doors comes along, unless the budget is used up.
    """
    annotator, campaign = at_work(request, slug)
    token, is_shown, parts = uuid_in(body, "token"), body.get("shown"), body.get("parts", False)
    if not isinstance(is_shown, bool) or not isinstance(parts, bool):
        raise BadBody(_("“%s” is neither true nor false.") % "shown, parts")
    act = exposures.reveal if is_shown else exposures.cover
    try:
        gauge = act(annotator, campaign, token)
    except exposures.NotHeld:
        return JsonResponse({"message": _("You do not have this item.")}, status=404)
    said: dict[str, Any] = {"is_over": gauge.is_over, "level": gauge.level}
    if is_shown and parts and not gauge.is_over:
        said["parts"] = revealing.behind_doors(annotator, campaign, token)
    return said


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: HttpRequest, slug: str) -> HttpResponse:
    """A break: what is held ahead goes back; the item shown waits, with its draft."""
    annotator, campaign = access.at_work(request.user, slug)
    if request.method == "POST":
        pausing.pause(annotator, campaign)
        return redirect("label:pause", slug=slug)
    context = {
        "campaign": campaign,
        "annotator": annotator,
        "today": tally.done_today(annotator, campaign),
        "gauge": exposures.gauge(annotator, campaign),
    }
    return render(request, "label/pause.html", context)


@require_POST
def wish(request: HttpRequest) -> HttpResponse:
    """Keep what this person wants; with a line for what cannot be, on the page it came from."""
    annotator = access.annotator_of(request.user)
    form = WishForm(request.POST, languages=wishes.languages_for(annotator))
    if not form.is_valid():
        return home.shown(request, form=form, status=400)
    with transaction.atomic():
        wishes.wish(annotator, form.said())
        qualifying.spare(annotator)
    messages.success(request, _("Kept. It holds from the next item on."))
    return redirect("label:home")


@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Keep what this person says yes to: to what is ticked, and to nothing else that is asked."""
    annotator = access.annotator_of(request.user)
    said = set(request.POST.getlist("wanted"))
    if not said <= KINDS.keys():
        return HttpResponse(_("This form was not made by this page."), status=400)
    with transaction.atomic():
        wishes.wish(annotator, {"wanted": [kind for kind in KINDS if kind in said]})
        qualifying.spare(annotator)
    messages.success(request, _("Kept. It holds from the next item on."))
    return redirect("label:home")
