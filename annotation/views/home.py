"""Where an annotator comes in: what there is to do, what was done last."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotation import access, completing, eligibility, entries, judgement, openness, tally
from annotation.completing import Ending
from annotation.models import Annotation, Annotator, Campaign
from annotation.page.in_short import in_short, instead_of_prompt
from annotation.page.sheets import response_ids
from annotation.quality import conduct, learning
from annotation.vocabulary import CampaignState, Standing
from annotation.wellbeing import consent, covers, foreboding, wishes
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
    campaigns = access.campaigns_of(request.user).order_by("name")
    if annotator.entry_id is None:  # who came by an entry finds the way back to the code
        campaigns = campaigns.filter(state=CampaignState.OPEN)
    latest = list(access.own_annotations(annotator)[:LATEST])
    is_open = openness.open_among(latest)
    # Both are asked in any case: nobody is to tell a check by how long the page takes.
    checks = [one for one in latest if one.standing == Standing.CHECK]
    items = [one for one in latest if one.standing != Standing.CHECK]
    covered = {
        *((one, True) for one in covers.covered([c.item_id for c in checks], in_checks=True)),
        *((one, False) for one in covers.covered([i.item_id for i in items])),
    }
    own = wishes.of(annotator)
    context = {
        "cards": [_card(annotator, campaign) for campaign in campaigns],
        "left": access.campaigns_left_by(annotator).order_by("name"),
        "latest": [
            _row(
                one,
                is_open=one.pk in is_open,
                is_covered=(one.item_id, one.standing == Standing.CHECK) in covered,
            )
            for one in latest
        ],
        "annotator": annotator,
        "asked": consent.asked(own, campaigns),
        "form": form or WishForm.of(own, languages=wishes.languages_for(annotator)),
        # Open where it was asked for, and where something in it is to be mended.
        "is_unfolded": form is not None or "wishes" in request.GET,
    }
    return render(request, "label/home.html", context, status=status)


def _card(annotator: Annotator, campaign: Campaign) -> dict[str, Any]:
    terms = eligibility.terms_of(annotator, campaign)
    is_over, is_complete = _ending(annotator, campaign)
    return {
        "is_over": is_over,
        "is_complete": is_complete,
        "foreboding": foreboding.of(campaign),
        "gauge": Gauge(terms.spent, terms.exposure),
        "rest": terms.rest,
        "answers_left": terms.answers_left,
        # What is left counts what may come now; the rest comes back by itself.
        "is_mild_only": tally.is_kept_back(annotator, campaign, terms),
        "is_withheld": bool(terms.withheld),
        "is_barred": bool(terms.barred) and not terms.steps and not terms.is_full,
        "campaign": campaign,
        "protocol": protocol_named(campaign.protocol),
        "today": tally.done_today(annotator, campaign),
        "done": tally.done(annotator, campaign),
        "left": tally.left(annotator, campaign),
        "state": learning.state_of(annotator, campaign),
        "to_qualify_for": learning.to_qualify_for(annotator, campaign),
        "told": conduct.told(annotator, campaign),
    }


def _ending(annotator: Annotator, campaign: Campaign) -> tuple[bool, bool]:
    """Whether it is over for somebody who came by an entry, and the completion code earned."""
    entry = annotator.entry
    if entry is None:
        return False, False
    is_over = campaign.state == CampaignState.CLOSED or entries.answers_left(annotator) == 0
    return is_over, is_over and completing.unfinished(annotator, entry, Ending.CLOSED) is None


def _row(annotation: Annotation, *, is_open: bool, is_covered: bool) -> dict[str, Any]:
    protocol = protocol_named(annotation.protocol)
    step = protocol.step(annotation.step)
    item, text = annotation.item, annotation.item.prompt.text
    answers = judgement.by_side(
        protocol, annotation.answers, responses=response_ids(item), flipped=annotation.flipped
    )
    return {
        "annotation": annotation,
        "step": _(step.title),
        # What is closed may be closed because nobody should see it.
        "asked": text if is_open and not is_covered else "",
        "instead": instead_of_prompt(protocol, text, is_open=is_open, is_covered=is_covered),
        "said": in_short(protocol, step, answers),
        "is_open": is_open,
    }


@require_safe
@never_cache
def pulse(request: HttpRequest, slug: str) -> JsonResponse:
    """Who is signed in, and a fresh form token: asked by the page after a refusal."""
    annotator, _campaign = access.at_work(request.user, slug)
    return JsonResponse({"csrf": get_token(request), "annotator": str(annotator.key)})
