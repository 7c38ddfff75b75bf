"""Where an annotator comes in: what there is to do, what was done last."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotation import access, tally
from annotation.models import Annotation, Annotator, Campaign
from annotation.quality import conduct, learning
from annotation.vocabulary import CampaignState
from annotation.wellbeing import covers, eligibility, foreboding, wishes
from annotation.wellbeing.exposures import Gauge
from annotation.wellbeing.wish_form import WishForm
from datasets_app.protocols import protocol_named

LATEST = 20


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The campaigns that are open to this person, what he answered last, and what he wants."""
    return shown(request)


def shown(request: HttpRequest, *, form: WishForm | None = None, status: int = 200) -> HttpResponse:
    """The same, with a form of wishes that was refused."""
    annotator = access.annotator_of(request.user)
    campaigns = access.campaigns_of(request.user).filter(state=CampaignState.OPEN).order_by("name")
    latest = list(access.own_annotations(annotator)[:LATEST])
    covered = covers.covered([annotation.item_id for annotation in latest])
    context = {
        "cards": [_card(annotator, campaign) for campaign in campaigns],
        "latest": [_row(one, is_covered=one.item_id in covered) for one in latest],
        "annotator": annotator,
        "form": form or WishForm.of(wishes.of(annotator)),
        # Open where something in it is to be mended.
        "is_refused": form is not None,
    }
    return render(request, "label/home.html", context, status=status)


def _card(annotator: Annotator, campaign: Campaign) -> dict[str, Any]:
    left = tally.left(annotator, campaign)
    done = tally.done(annotator, campaign)
    terms = eligibility.terms_of(annotator, campaign)
    return {
        "foreboding": foreboding.of(campaign),
        "gauge": Gauge(terms.spent, terms.exposure),
        "rest": terms.rest,
        "is_barred": bool(terms.barred) and not terms.steps and not terms.is_full,
        "campaign": campaign,
        "protocol": protocol_named(campaign.protocol),
        "today": tally.done_today(annotator, campaign),
        "done": done,
        "left": left,
        "state": learning.state_of(annotator, campaign),
        "to_qualify_for": learning.to_qualify_for(annotator, campaign),
        "told": conduct.told(annotator, campaign),
        "is_more": left >= (tally.ROUNDED if campaign.is_checked else tally.MOST_LEFT),
    }


def _row(annotation: Annotation, *, is_covered: bool) -> dict[str, Any]:
    protocol = protocol_named(annotation.protocol)
    is_open = access.is_open(annotation)
    return {
        "annotation": annotation,
        "step": _(protocol.step(annotation.step).title),
        # What is closed may be closed because nobody should see it.
        "asked": annotation.item.prompt.text if is_open and not is_covered else "",
        "is_open": is_open,
    }


@require_safe
@never_cache
def pulse(request: HttpRequest, slug: str) -> JsonResponse:
    """Who is signed in, and a fresh form token: asked by the page after a refusal."""
    annotator, _campaign = access.at_work(request.user, slug)
    return JsonResponse({"csrf": get_token(request), "annotator": str(annotator.key)})
