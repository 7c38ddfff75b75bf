"""What the annotator's pages are made of: templates with all that they need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from annotation import access, assigning, completing, entries, holding, tally
from annotation.completing import Ending
from annotation.models import Annotator, Campaign, Draft
from annotation.page import modules, preferences, rendering
from annotation.page.forms import ReportForm, SkipForm
from annotation.page.keys import useful
from annotation.page.own_keys import keys_with
from annotation.page.questions import without_originals
from annotation.page.refusals import Refusal
from annotation.page.sheets import Sheet
from annotation.quality import conduct, learning
from annotation.views import script
from annotation.vocabulary import RestCause, Spared
from annotation.wellbeing import consent, exposures, pausing, wishes
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import Modality


def labelling(
    request: HttpRequest,
    campaign: Campaign,
    annotator: Annotator,
    sheet: Sheet,
    *,
    answers: Mapping[str, Any],
    draft: Draft | None = None,
    refusal: Refusal | None = None,
    reasons: Mapping[str, str] | None = None,
    revises: int | None = None,
    trial: Mapping[str, int] | None = None,
    is_revealed: bool = False,
) -> HttpResponse:
    """The page with one sheet, filled with `answers` by side.

    `draft` is where they come from, if anywhere. `is_revealed` says that a reveal of what is
    covered was opened: only then is it in the page. `revises` is the annotation that is answered
    anew, or the check of a qualification; None for an item that is leased. `trial` says which item
    of how many of a qualification it is ("number", "all"). After a refusal the status is its own,
    and `reasons` are those given so far, by rule.
    """
    protocol = protocol_named(campaign.protocol)
    chosen = preferences.of(annotator)
    players = [*modules.players(protocol), *([modules.OWN_KEYS] if chosen.keys else [])]
    parts = rendering.parts_of(sheet, is_revealed=is_revealed)
    if sheet.cover and not is_revealed:
        answers = without_originals(sheet.step, answers)
    if revises and trial is None:
        parts["playing"] = SafeString()  # it was played when it was answered first
    last = access.own_annotations(annotator).filter(campaign=campaign).first()
    today = tally.done_today(annotator, campaign)
    drawn = modules.drawn(protocol)
    own = wishes.of(annotator)
    worked, reminder = pausing.worked_seconds(annotator), wishes.reminder(own, campaign)
    context = {
        "wishes": own,
        "look": wishes.look(own),
        "gauge": exposures.gauge(annotator, campaign),
        "is_due_a_break": reminder is not None and worked >= reminder,
        "campaign": campaign,
        "protocol": protocol,
        "sheet": sheet,
        "sheet_html": rendering.sheet_html(protocol, sheet.step, parts, answers),
        "heading": rendering.heading(protocol, sheet.step),
        "ask": _(sheet.step.ask),
        "blanks": {} if revises else _blanks(protocol),
        "helps": rendering.helps(protocol),
        "key": uuid4(),
        "modules": [*modules.MODULES, *players, *drawn],
        "players": players,
        "shows_pictures": Modality.IMAGE in modules.shown_modalities(protocol),
        "drawn_modules": drawn,
        "keys": useful(keys_with(chosen.keys), protocol),
        "chosen": chosen,
        "today": today,
        "last": last.pk if last and last.pk != revises else None,
        "skip_form": SkipForm(initial={"token": sheet.token}),
        "report_form": ReportForm(initial={"token": sheet.token}),
        "refusal": refusal,
        "notices": _notices(refusal, reasons or {}),
        # Blanks of the same, for the script.
        "block_notice": {"weight": "block"},
        "warn_notice": {"weight": "warn"},
        "revises": revises,
        "trial": trial,
        "data": script.data(request, campaign, annotator, protocol, sheet, revises)
        | script.keyboard(chosen)
        | {
            "is_revealed": is_revealed,
            "answers": answers,
            "draft": script.kept(draft) | {"answers": answers} if draft else None,
            "reasons": reasons or {},
            "is_trial": trial is not None,
            "last": last.pk if last else None,
            "today": today,
            "worked": worked,
            "reminder": reminder,
            "beat": exposures.BEAT_SECONDS,
        },
    }
    return render(request, "label/page.html", context, status=refusal.status if refusal else 200)


def nothing_to_do(
    request: HttpRequest, campaign: Campaign, annotator: Annotator, *, why: str
) -> HttpResponse:
    """The page when there is nothing to show: `why` is "done", "busy" or "closed"."""
    account = None
    if annotator.entry is not None and why != "busy":
        is_over = why == "closed"
        ending = Ending.CLOSED if is_over else completing.ending_of_nothing(annotator, campaign)
        account = completing.unfinished(annotator, annotator.entry, ending)
        if account is None:
            return finished(request, campaign, annotator)
    last = access.own_annotations(annotator).filter(campaign=campaign).first()
    spared = assigning.spared(annotator, campaign) if why == "done" else None
    is_held, own = spared is Spared.HELD, wishes.of(annotator)
    context = {
        "campaign": campaign,
        "why": why,
        "is_late": tally.was_last_late(annotator, campaign),
        "state": learning.state_of(annotator, campaign),
        "told": conduct.told(annotator, campaign),
        "today": tally.done_today(annotator, campaign),
        "last": last.pk if last else None,
        "annotator": annotator,
        "spared": spared,
        "withheld": consent.withheld(own, campaign) if spared is Spared.CONSENT else [],
        "held_in": holding.where_severe(annotator, campaign) if is_held else None,
        "account": account,
    }
    response = render(request, "label/nothing.html", context)
    if why == "busy":
        response.headers["Refresh"] = "2"  # others are just taking slots: it takes a moment
    return response


def over(request: HttpRequest, campaign: Campaign, annotator: Annotator) -> HttpResponse:
    """The page of who came by an entry that asks for no more: enough was given, or it is over."""
    return nothing_to_do(request, campaign, annotator, why="closed")


def finished(request: HttpRequest, campaign: Campaign, annotator: Annotator) -> HttpResponse:
    """The last page of who came by an entry: the completion code, and the way back."""
    given = entries.given(annotator)
    context = {"campaign": campaign, "entry": annotator.entry, "given": given}
    return render(request, "label/finished.html", context)


def resting(
    request: HttpRequest, campaign: Campaign, annotator: Annotator, rest: assigning.Resting
) -> HttpResponse:
    """The page when nothing is given until a time: the day's work is done, or a pause is due."""
    is_pause = rest.cause is RestCause.COOLING
    account = None
    if annotator.entry is not None and not is_pause:
        ending = completing.ending_of_day(annotator, campaign, rest.cause)
        account = completing.unfinished(annotator, annotator.entry, ending, until=rest.until)
        if account is None:
            return finished(request, campaign, annotator)
    context = {
        "campaign": campaign,
        "annotator": annotator,
        "rest": rest,
        "is_pause": is_pause,
        "account": account,
        "today": tally.done_today(annotator),  # as the day's limits count
        "gauge": exposures.gauge(annotator, campaign),
    }
    return render(request, "label/resting.html", context)


def _blanks(protocol: Protocol) -> dict[str, str]:
    return {step.key: rendering.blank_sheet(protocol, step) for step in protocol.steps}


def _notices(refusal: Refusal | None, reasons: Mapping[str, str]) -> list[dict[str, str]]:
    objections = refusal.objections if refusal else ()
    return [
        {
            "rule": o.rule,
            "message": o.message,
            "weight": o.weight,
            "reason": reasons.get(o.rule, ""),
        }
        for o in objections
    ]
