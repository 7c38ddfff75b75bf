"""A second thought: what one answered, to look at, and to answer anew while the item is open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation import access, judgement, labelling
from annotation.models import Annotation, Annotator
from annotation.page.forms import answers_from, overrides_from
from annotation.page.in_short import instead_of_prompt
from annotation.page.questions import in_words
from annotation.page.refusals import Refusal, attempt
from annotation.page.sheets import Seat, response_ids, sheets
from annotation.page.wire import (
    Answer,
    BadBody,
    answered,
    as_uuid,
    at_work,
    is_json,
    read_object,
    reads_json,
    uuid_in,
)
from annotation.views import pages, revealing
from annotation.vocabulary import Standing
from datasets_app.protocols import protocol_named


@reads_json
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The labelling page with one's own answers; once the item is closed, the answers alone."""
    if request.method == "POST" and is_json(request):
        return answered(request, lambda: _take_json(request, slug, pk))
    annotator, campaign = access.at_work(request.user, slug)
    annotation = access.own_annotation(annotator, campaign, pk)
    if not access.is_open(annotation):
        return _closed(request, annotation)
    if request.method == "POST":
        return _take(request, annotator, annotation)
    return _shown(request, annotator, annotation, answers=_by_side(annotation))


def _take_json(request: HttpRequest, slug: str, pk: int) -> Answer:
    """From the page's script. Sent again, because the answer got lost, it is taken once."""
    annotator, campaign = at_work(request, slug)
    body = read_object(request)
    key = uuid_in(body, "key")
    annotation = access.own_answer(annotator, campaign, pk)
    done = attempt(
        lambda: labelling.revise(
            annotator,
            annotation,
            key=key,
            answers=body.get("answers"),
            overrides=body.get("overrides"),
            seconds=body.get("seconds"),
        )
    )
    if isinstance(done, Refusal):
        return JsonResponse(done.as_dict(), status=done.status)
    messages.success(request, _("Your new answers stand in place of the old ones."))
    return {"done": {"annotation": done.annotation_id, "standing": done.standing.value}}


def _take(request: HttpRequest, annotator: Annotator, annotation: Annotation) -> HttpResponse:
    step = protocol_named(annotation.protocol).step(annotation.step)
    answers, overrides = answers_from(request.POST, step), overrides_from(request.POST)
    try:
        key = as_uuid(request.POST.get("key"), "key")
    except BadBody as bad:
        return HttpResponse(str(bad), status=400)
    done = attempt(
        lambda: labelling.revise(
            annotator, annotation, key=key, answers=answers, overrides=overrides
        )
    )
    if isinstance(done, Refusal) and done.is_mendable:
        return _shown(request, annotator, annotation, answers=answers, refusal=done)
    if isinstance(done, Refusal):
        messages.error(request, done.message)
    else:
        messages.success(request, _("Your new answers stand in place of the old ones."))
    return redirect("label:page", slug=annotation.campaign.slug)


def _shown(
    request: HttpRequest, annotator: Annotator, annotation: Annotation, **more: Any
) -> HttpResponse:
    check = annotation.checked.pk if annotation.standing == Standing.CHECK else None
    seat = Seat(annotation.token, annotation.item_id, annotation.step, annotation.flipped, check)
    (sheet,) = sheets(annotation.campaign, annotator, [seat])
    reasons = overrides_from(request.POST) or annotation.overrides
    return pages.labelling(
        request,
        annotation.campaign,
        annotator,
        sheet,
        revises=annotation.pk,
        reasons=reasons,
        is_revealed=revealing.opened(request, annotator, annotation.campaign, sheet),
        **more,
    )


def _closed(request: HttpRequest, annotation: Annotation) -> HttpResponse:
    """Without the item itself: it may have been closed because nobody should see it."""
    protocol = protocol_named(annotation.protocol)
    step = protocol.step(annotation.step)
    context = {
        "annotation": annotation,
        "prompt": instead_of_prompt(protocol, annotation.item.prompt.text, is_open=False),
        "step": _(step.title),
        "said": in_words(protocol, step, _by_side(annotation)),
        "sides": protocol.responses,
    }
    return render(request, "label/closed.html", context)


def _by_side(annotation: Annotation) -> dict[str, Any]:
    return judgement.by_side(
        protocol_named(annotation.protocol),
        annotation.answers,
        responses=response_ids(annotation.item),
        flipped=annotation.flipped,
    )
