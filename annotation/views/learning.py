"""Before work begins: the guideline, section by section, and the qualification."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation import access, assigning, eligibility, guidelines, judgement, labelling
from annotation.models import Annotator, Campaign, Check
from annotation.page import playing
from annotation.page.forms import answers_from, overrides_from
from annotation.page.questions import fields_of, in_words
from annotation.page.refusals import Refusal, attempt
from annotation.page.sheets import Seat, response_ids, sheets
from annotation.page.wire import BadBody, as_uuid
from annotation.quality import conduct, learning, qualifying
from annotation.views import pages, revealing
from annotation.vocabulary import CampaignState, CheckState, ConsequenceKind, RestCause
from annotation.wellbeing import wishes
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol


@require_safe
def guideline(request: HttpRequest, slug: str) -> HttpResponse:
    """The guideline: section by section until it was read, then as a whole; with the rules."""
    annotator, campaign = access.at_work(request.user, slug)
    protocol = protocol_named(campaign.protocol)
    sections = learning.sections(campaign.guideline)
    has_read = learning.has_read(annotator, campaign)
    if not has_read and "version" in request.GET and not _is_present(request.GET, campaign):
        return _anew(request, slug)  # the section before this one was of another
    number = 0 if has_read else _number(request.GET.get("section"), len(sections))
    shown = campaign.guideline if has_read else sections[number - 1]
    told = conduct.told(annotator, campaign)
    context = {
        "campaign": campaign,
        "protocol": protocol,
        "html": guidelines.html_of(shown),
        "number": number,
        "all": len(sections),
        "is_last": number == len(sections),
        "has_read": has_read,
        "rules": campaign.conduct_rules.order_by("-below") if campaign.is_checked else (),
        "told": told,
        "is_warned": any(one.kind == ConsequenceKind.WARN for one in told),
        "is_chained": any(step.after for step in protocol.steps),
        "steps": [_step(protocol, key) for key in (step.key for step in protocol.steps)],
    }
    return render(request, "label/guideline.html", context)


def _number(asked: str | None, last: int) -> int:
    """A section's number, the first for what is none."""
    return min(int(asked), last) if asked and asked.isdecimal() and int(asked) >= 1 else 1


def _step(protocol: Protocol, key: str) -> dict[str, Any]:
    step = protocol.step(key)
    fields = [*fields_of(protocol, step), *fields_of(protocol, step, "a")]
    return {"title": _(step.title), "ask": _(step.ask), "fields": fields}


@require_POST
def read(request: HttpRequest, slug: str) -> HttpResponse:
    """The guideline was read to its end, and what stands was taken note of.

    The form says in which version: another one that holds by now is to be read first.
    """
    annotator, campaign = access.at_work(request.user, slug)
    if not _is_present(request.POST, campaign) or not learning.read_to_the_end(
        annotator, campaign, version=campaign.guideline_version
    ):
        return _anew(request, slug)
    if learning.state_of(annotator, campaign) == learning.QUALIFY:
        return redirect("label:qualify", slug=slug)
    return redirect("label:page", slug=slug)


def _is_present(said: QueryDict, campaign: Campaign) -> bool:
    """Whether the version that was shown is the one that the campaign has now."""
    return said.get("version") == str(campaign.guideline_version)


def _anew(request: HttpRequest, slug: str) -> HttpResponse:
    messages.info(request, _("The guideline has changed: please read the new one."))
    return redirect("label:guideline", slug=slug)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def qualify(request: HttpRequest, slug: str) -> HttpResponse:
    """The next item of an attempt that is open; else what was reached, and a button to begin.

    Nothing of it is shown while the person rests, or the campaign is closed, as nothing of work is.
    """
    annotator, campaign = access.at_work(request.user, slug)
    if request.method == "POST" and "begin" not in request.POST:
        return _take(request, annotator, campaign)
    if campaign.state == CampaignState.CLOSED:
        return pages.nothing_to_do(request, campaign, annotator, why="closed")
    if request.method == "POST":
        qualifying.begin(annotator, campaign)
        return redirect("label:qualify", slug=slug)
    terms = eligibility.terms_of(annotator, campaign)
    if terms.rest is RestCause.EXPOSURE:
        rest = assigning.Resting(terms.rest, terms.tomorrow)
        return pages.resting(request, campaign, annotator, rest)
    left = qualifying.waiting(annotator, campaign)
    check = qualifying.next_of(annotator, campaign, left)
    if check is not None:
        return _shown(request, annotator, campaign, check)
    if left and terms.cooling_until is not None:
        rest = assigning.Resting(RestCause.COOLING, terms.cooling_until)
        return pages.resting(request, campaign, annotator, rest)
    return _reached(request, annotator, campaign, is_open=bool(left))


def _reached(
    request: HttpRequest, annotator: Annotator, campaign: Campaign, *, is_open: bool
) -> HttpResponse:
    """What the latest attempt came to; `is_open` says that some of it waits, but not for now."""
    accuracies = qualifying.accuracies(qualifying.trials(annotator, campaign))
    context = {
        "campaign": campaign,
        "annotator": annotator,
        "reached": [
            (guidelines.group_name(group), accuracy, accuracy >= campaign.pass_mark)
            for group, accuracy in accuracies.items()
        ],
        "is_offered": bool(learning.offered(campaign)),
        "is_open": is_open,
        "is_kept": is_open or not qualifying.is_for(annotator, campaign),
        "wanted": [
            guidelines.group_name(group) for group in learning.to_qualify_for(annotator, campaign)
        ],
        "items": qualifying.ITEMS,
    }
    return render(request, "label/qualify.html", context)


def _take(request: HttpRequest, annotator: Annotator, campaign: Campaign) -> HttpResponse:
    protocol = protocol_named(campaign.protocol)
    try:
        token, key = (as_uuid(request.POST.get(name), name) for name in ("token", "key"))
    except BadBody:
        return HttpResponse(_("This form was not made by this page."), status=400)
    found = qualifying.trial_under(annotator, campaign, token)
    if found is None:  # of an attempt that is over
        return redirect("label:qualify", slug=campaign.slug)
    step = protocol.step(found.step)
    answers, overrides = answers_from(request.POST, step), overrides_from(request.POST)

    def submit() -> labelling.Submitted:
        if playing.asked_in(protocol):
            playing.take_time(annotator, found.token, request.POST.get("view"))
        return labelling.submit(
            annotator, token=found.token, key=key, answers=answers, overrides=overrides
        )

    with transaction.atomic():
        done = attempt(submit)
    if isinstance(done, Refusal) and done.is_mendable and _waits(annotator, campaign, found):
        return _shown(
            request, annotator, campaign, found, answers=answers, refusal=done, reasons=overrides
        )
    found.refresh_from_db()
    if found.state != CheckState.ANSWERED:  # skipped or given back elsewhere: it is out of sight
        return redirect("label:qualify", slug=campaign.slug)
    return redirect("label:expected", slug=campaign.slug, token=found.token)


def _waits(annotator: Annotator, campaign: Campaign, check: Check) -> bool:
    return any(one.pk == check.pk for one in qualifying.waiting(annotator, campaign))


def _shown(
    request: HttpRequest,
    annotator: Annotator,
    campaign: Campaign,
    check: Check,
    **more: Any,
) -> HttpResponse:
    (sheet,) = sheets(campaign, annotator, [Seat.at(check)])
    if sheet.view and "view" in request.POST:
        # A page that is shown again has been there since it was shown first.
        sheet = replace(sheet, view=request.POST["view"])
    checks = qualifying.trials(annotator, campaign)
    trial = {"number": checks.index(check) + 1, "all": len(checks)}
    more.setdefault("answers", {})
    return pages.labelling(
        request,
        campaign,
        annotator,
        sheet,
        revises=check.pk,
        trial=trial,
        is_revealed=revealing.opened(request, annotator, campaign, sheet),
        **more,
    )


@never_cache
@require_safe
def expected(request: HttpRequest, slug: str, token: UUID) -> HttpResponse:
    """After an answer of the qualification: what was given, what was expected, and why."""
    annotator, campaign = access.at_work(request.user, slug)
    checks = qualifying.trials(annotator, campaign)
    check = next((one for one in checks if one.token == token and one.annotation), None)
    if check is None or check.gold is None or check.annotation is None:
        raise Http404
    protocol = protocol_named(campaign.protocol)
    step = protocol.step(check.step)
    seating: dict[str, Any] = {"responses": response_ids(check.item), "flipped": check.flipped}
    given = in_words(
        protocol, step, judgement.by_side(protocol, check.annotation.answers, **seating)
    )
    wanted = in_words(protocol, step, judgement.by_side(protocol, check.gold.expected, **seating))
    seat = Seat(check.token, check.item_id, check.step, check.flipped, check.pk)
    (sheet,) = sheets(campaign, annotator, [seat])
    # What was behind a door is not brought out again to be learned from, nor what is not for him.
    is_legible = not sheet.is_covered and qualifying.may_read(annotator, campaign, check.item_id)
    context = {
        "campaign": campaign,
        "sheet": sheet if is_legible else None,
        "look": wishes.look(wishes.of(annotator)),
        "is_covered": sheet.is_covered,
        "rows": [
            (question, said, right, said == right)
            for (question, said), (_same, right) in zip(given, wanted, strict=True)
        ],
        "sides": protocol.responses,
        "explanation": check.gold.explanation,
        "number": checks.index(check) + 1,
        "all": len(checks),
        "is_last": not any(one.state == CheckState.LEASED for one in checks),
    }
    return render(request, "label/expected.html", context)
