"""The labelling page: shows what is leased, takes the answers, brings the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation import (
    access,
    assigning,
    campaigns,
    drafts,
    entries,
    holding,
    labelling,
    leaving,
)
from annotation.assigning import Assignment
from annotation.models import Annotator, Campaign
from annotation.page import fates, playing
from annotation.page.forms import answers_from, overrides_from
from annotation.page.refusals import Refusal, attempt
from annotation.page.rendering import payload
from annotation.page.sheets import Seat, sheets
from annotation.page.wire import (
    BadBody,
    answered,
    as_uuid,
    at_work,
    is_json,
    read_object,
    reads_json,
    takes_json,
    uuid_in,
)
from annotation.views import pages, revealing, script
from annotation.vocabulary import Standing
from annotation.wellbeing import exposures
from datasets_app.protocols import protocol_named

# The one shown and the one ahead: the page fetches the next while its person works.
WITH_AHEAD = 2


@reads_json
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The labelling page; a POST is its form, or the same from its script."""
    if request.method == "POST" and is_json(request):
        return answered(request, lambda: _submit_json(request, slug))
    if request.method == "POST":
        return _submit_form(request, slug)
    try:
        annotator, campaign = access.at_work(request.user, slug)
    except Http404:
        if access.has_left(request.user, slug):
            return redirect("label:home")  # where he is told so
        raise
    if entries.answers_left(annotator) == 0:
        return pages.over(request, campaign, annotator)
    try:
        held = assigning.leases(annotator, campaign, want=1)
    except assigning.NoEntry:
        return pages.nothing_to_do(request, campaign, annotator, why="closed")
    except assigning.Busy:
        return pages.nothing_to_do(request, campaign, annotator, why="busy")
    except assigning.Resting as rest:
        return pages.resting(request, campaign, annotator, rest)
    if not held:
        return pages.nothing_to_do(request, campaign, annotator, why="done")
    return _shown(request, annotator, campaign, held[0])


def _shown(
    request: HttpRequest, annotator: Annotator, campaign: Campaign, held: Assignment
) -> HttpResponse:
    (sheet,) = sheets(campaign, annotator, [_seat(held)])
    is_revealed = revealing.opened(request, annotator, campaign, sheet)
    draft = drafts.found(annotator, [held]).get(held.token)
    return pages.labelling(
        request,
        campaign,
        annotator,
        sheet,
        answers=draft.answers if draft else {},
        draft=draft,
        is_revealed=is_revealed,
    )


def _seat(held: Assignment) -> Seat:
    return Seat(held.token, held.item_id, held.step, held.flipped, held.check)


def _who_submits(
    request: HttpRequest, slug: str, token: object
) -> tuple[Annotator, Campaign, bool]:
    """Whose answers these are, and whether he still annotates there.

    What somebody was given is taken from him, as late, after he left: whatever he still held goes
    back to others first. Who came in again meanwhile is inside. Raises AnotherPerson and Http404.
    """
    try:
        return (*at_work(request, slug), True)
    except Http404:
        try:
            given = as_uuid(token, "token")
        except BadBody:
            raise Http404 from None
        annotator, campaign = access.once_at_work(request.user, slug, given)
        return annotator, campaign, not leaving.take_back_outside(annotator, campaign)


def _submit_form(request: HttpRequest, slug: str) -> HttpResponse:
    """The form without script: to the next item, or the same page with what is wrong."""
    annotator, campaign, is_inside = _who_submits(request, slug, request.POST.get("token"))
    protocol = protocol_named(campaign.protocol)
    try:
        token, key = (as_uuid(request.POST.get(name), name) for name in ("token", "key"))
        step = protocol.step(request.POST.get("step", ""))
    except (BadBody, KeyError):
        return HttpResponse(_("This form was not made by this page."), status=400)
    answers, overrides = answers_from(request.POST, step), overrides_from(request.POST)

    @transaction.atomic  # one commit for what counts as played and what is answered
    def submit() -> labelling.Submitted:
        if playing.asked_in(protocol):
            playing.take_time(annotator, token, request.POST.get("view"))
        return labelling.submit(
            annotator, token=token, key=key, answers=answers, overrides=overrides
        )

    done = attempt(submit)
    if isinstance(done, Refusal) and done.is_mendable and is_inside:
        return _again(request, annotator, campaign, token, done, answers=answers)
    if isinstance(done, Refusal):
        messages.error(request, done.message)
    elif done.standing is Standing.LATE and (not is_inside or campaigns.is_open(campaign)):
        messages.warning(request, script.late_notice())  # the page of a closed one says so itself
    return redirect("label:page", slug=campaign.slug) if is_inside else redirect("label:home")


def _again(
    request: HttpRequest,
    annotator: Annotator,
    campaign: Campaign,
    token: UUID,
    refusal: Refusal,
    *,
    answers: dict[str, Any],
) -> HttpResponse:
    """The same sheet with what was answered and what is wrong with it."""
    place = access.own_lease(annotator, campaign, token)
    (sheet,) = sheets(campaign, annotator, [Seat.at(place)])
    # A page that is shown again has been there since it was shown first.
    sheet = replace(sheet, view=request.POST.get("view", "") if sheet.view else "")
    reasons = overrides_from(request.POST)
    return pages.labelling(
        request,
        campaign,
        annotator,
        sheet,
        answers=answers,
        refusal=refusal,
        reasons=reasons,
        is_revealed=revealing.opened(request, annotator, campaign, sheet),
    )


def _submit_json(request: HttpRequest, slug: str) -> HttpResponse:
    """Submit and next in one round trip."""
    body = read_object(request)
    annotator, campaign, is_inside = _who_submits(request, slug, body.get("token"))
    token, key = uuid_in(body, "token"), uuid_in(body, "key")

    def submit() -> labelling.Submitted:
        if playing.asked_in(protocol_named(campaign.protocol)):
            playing.take(annotator, token, body.get("view"), body.get("played"))
        return labelling.submit(
            annotator,
            token=token,
            key=key,
            answers=body.get("answers"),
            overrides=body.get("overrides"),
            seconds=body.get("seconds"),
        )

    with transaction.atomic():  # one commit for what is given and what is got
        done = attempt(submit)
        if isinstance(done, Refusal):
            return JsonResponse(done.as_dict(), status=done.status)
        held = _next(annotator, campaign, body) if is_inside else _OUTSIDE
    said = {"annotation": done.annotation_id, "standing": done.standing.value}
    return JsonResponse({"done": said, **_ahead(annotator, campaign, body, held)})


def _next(
    annotator: Annotator, campaign: Campaign, body: dict[str, Any]
) -> list[Assignment] | dict[str, Any]:
    """What is held after a submit; nothing for a page that shows no items (`only`)."""
    return {} if body.get("only") is True else _held(annotator, campaign, is_locked=True)


@takes_json
def ahead(request: HttpRequest, slug: str, *, body: dict[str, Any]) -> dict[str, Any]:
    """What this person holds beyond what the page has, topped up so that it never waits."""
    annotator, campaign = at_work(request, slug)
    return _ahead(annotator, campaign, body, _held(annotator, campaign))


# Nothing of what is held may be gone on with: the script asks for the page, which says why.
_PAGE_SAYS_WHY: dict[str, Any] = {"ahead": [], "held": [], "is_resting": True}
# What somebody is told who no longer annotates there.
_OUTSIDE: dict[str, Any] = {"ahead": [], "held": [], "is_outside": True}


def _held(
    annotator: Annotator, campaign: Campaign, *, is_locked: bool = False
) -> list[Assignment] | dict[str, Any]:
    """What this person holds; in words for the script when there is nothing to be had."""
    left = entries.answers_left(annotator)
    if left == 0:
        return {"ahead": [], "held": []}  # the script asks for the page, which says so
    want = WITH_AHEAD if left is None else min(left, WITH_AHEAD)
    try:
        return assigning.leases(annotator, campaign, want=want, is_locked=is_locked)
    except assigning.NoEntry:
        return _PAGE_SAYS_WHY | {"is_closed": True}
    except assigning.Busy:
        return {"ahead": [], "is_busy": True}
    except assigning.Resting:
        return _PAGE_SAYS_WHY


def _ahead(
    annotator: Annotator,
    campaign: Campaign,
    body: dict[str, Any],
    held: list[Assignment] | dict[str, Any],
) -> dict[str, Any]:
    if isinstance(held, dict):
        return held
    holding = body.get("holding")
    known = {str(token) for token in holding} if isinstance(holding, list) else set()
    fresh = [one for one in held if str(one.token) not in known]
    kept = drafts.found(annotator, fresh)
    return {
        "ahead": [
            payload(sheet, script.kept_of(sheet, kept.get(sheet.token)))
            for sheet in sheets(campaign, annotator, [_seat(one) for one in fresh])
        ],
        "held": [str(one.token) for one in held],
    }


@takes_json
def draft(request: HttpRequest, slug: str, *, body: dict[str, Any]) -> dict[str, Any]:
    """Keep what the page holds, and the item a while longer.

    Where its lease was over and the same was given again since: what was kept, for that.
    """
    annotator, _campaign = at_work(request, slug)
    token, page = uuid_in(body, "token"), uuid_in(body, "page")
    try:
        is_kept = drafts.save(
            annotator,
            token,
            page=page,
            revision=_whole(body, "revision"),
            based_on=_whole(body, "based_on"),
            heir_of=None if body.get("heir_of") is None else uuid_in(body, "heir_of"),
            answers=body.get("answers"),
            reasons=body.get("reasons"),
        )
    except drafts.BadDraft as bad:
        raise BadBody(_("These are no answers of this page.")) from bad
    other = None if is_kept else drafts.of_another_page(annotator, token, page)
    is_held = holding.extend(annotator, token) is not None
    # Also where this was kept before: the page that kept it may have been left just now.
    again = None if is_held or other else drafts.given_again(annotator, token)
    return {
        "is_kept": is_kept,
        "is_held": is_held,
        "elsewhere": other and script.kept(other),
        "again": again and {"token": str(again[0]), **script.kept(again[1])},
    }


def _whole(body: dict[str, Any], name: str) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadBody(_("“%s” is no whole number.") % name)
    return value


@takes_json
def extend(request: HttpRequest, slug: str, *, body: dict[str, Any]) -> dict[str, Any]:
    """Keep items for another lease, because their page is in use; which of them are still held."""
    annotator, _campaign = at_work(request, slug)
    held = [token for token in _tokens(body) if holding.extend(annotator, token) is not None]
    return {"held": [str(token) for token in held]}


@takes_json
def still_held(request: HttpRequest, slug: str, *, body: dict[str, Any]) -> dict[str, Any]:
    """What the page has and is still its person's, and whether that is behind a door by now; why
    the rest is gone. Asked every few seconds, so that nothing comes into sight that must not.

    With `revises`, the number of an answer of one's own, the same of what is answered anew.
    """
    annotator, campaign = at_work(request, slug)
    if "revises" in body:
        answer = access.own_answer(annotator, campaign, _whole(body, "revises"))
        found = fates.fate_of_answered(answer)
    else:
        found = fates.fates(annotator, campaign, _tokens(body))
    return {
        "held": {str(token): is_covered for token, is_covered in found.held.items()},
        "gone": {str(token): why.value for token, why in found.gone.items()},
    }


@takes_json
def played(
    request: HttpRequest, slug: str, *, body: dict[str, Any]
) -> dict[str, Any] | HttpResponse:
    """Take a report of what was played; how much of each that is."""
    annotator, _campaign = at_work(request, slug)
    shares = attempt(
        lambda: playing.report(
            annotator, playing.read(annotator, body.get("view")), body.get("played")
        )
    )
    if isinstance(shares, Refusal):
        return JsonResponse(shares.as_dict(), status=shares.status)
    return {"shares": shares}


@takes_json
def leave(request: HttpRequest, slug: str, *, body: dict[str, Any]) -> dict[str, Any]:
    """The page was left: others get its items soon, unless somebody comes back to them."""
    annotator, _campaign = at_work(request, slug)
    return {"left": sum(holding.leave(annotator, token) for token in _tokens(body))}


@takes_json
def _release(request: HttpRequest, slug: str, *, body: dict[str, Any]) -> dict[str, Any]:
    annotator, campaign = at_work(request, slug)
    return {"released": _given_back(annotator, campaign, _tokens(body))}


@reads_json
@require_POST
def release(request: HttpRequest, slug: str) -> HttpResponse:
    """Give items back at once: somebody wanted everything gone from his screen.

    Without script it is the form's item, and then the first page.
    """
    if is_json(request):
        return _release(request, slug)
    annotator, campaign = access.at_work(request.user, slug)
    try:
        tokens = [as_uuid(request.POST.get("token"), "token")]
    except BadBody:
        return HttpResponse(_("This form was not made by this page."), status=400)
    if _given_back(annotator, campaign, tokens):
        messages.success(
            request, _("It is given back. Nobody is told, and nothing is held against you.")
        )
    return redirect("label:home")


def _given_back(annotator: Annotator, campaign: Campaign, tokens: list[UUID]) -> int:
    for token in tokens:
        exposures.cover(annotator, campaign, token)
    return sum(holding.release(annotator, token) for token in tokens)


def _tokens(body: dict[str, Any]) -> list[UUID]:
    """At most as many as a page holds. Raises BadBody."""
    tokens = body.get("tokens")
    if not isinstance(tokens, list) or len(tokens) > WITH_AHEAD + 1:
        raise BadBody(_("“%s” is no list of what this page holds.") % "tokens")
    return [as_uuid(token, "tokens") for token in tokens]
