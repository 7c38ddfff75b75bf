"""What the annotator's pages are made of: templates with all that they and their script need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from annotation import access, assigning, completing, entries, tally
from annotation.completing import Ending
from annotation.models import Annotator, Campaign, Draft
from annotation.page import playing, preferences, rendering
from annotation.page.forms import ReportForm, SkipForm
from annotation.page.own_keys import CHANGEABLE, cap_of, keys_with
from annotation.page.preferences import Preferences
from annotation.page.questions import without_originals
from annotation.page.refusals import Refusal
from annotation.page.sheets import Sheet
from annotation.quality import conduct, learning
from annotation.vocabulary import RestCause
from annotation.wellbeing import exposures, pausing, wishes
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Question
from datasets_app.vocabulary import Modality, QuestionKind

# What the page's script is made of, named so that the browser fetches all of it at once.
MODULES = (
    "annotation/js/answers.js",
    "annotation/js/away.js",
    "annotation/js/clock.js",
    "annotation/js/desk.js",
    "annotation/js/drafts.js",
    "annotation/js/exposure.js",
    "annotation/js/going.js",
    "annotation/js/keyboard.js",
    "annotation/js/labelling.js",
    "annotation/js/looks.js",
    "annotation/js/outbox.js",
    "annotation/js/page.js",
    "annotation/js/rulebar.js",
    "annotation/js/sending.js",
    "annotation/js/sheets.js",
    "annotation/js/store.js",
    "annotation/js/ways.js",
    "annotation/js/wire.js",
    "annotation/js/words.js",
    "js/hold.js",
    "js/rules.js",
    "js/status.js",
    "js/veil.js",
)
# What pages need besides of people with keys of their own.
OWN_KEYS = "annotation/js/caps.js"
# What is fetched when its person asks for it.
ON_DEMAND = (
    "annotation/js/differences.js",
    "annotation/js/elsewhere.js",
    "annotation/js/gone.js",
    "annotation/js/signing_in.js",
    "annotation/js/unsent.js",
)
# What looks after unsent answers where one signs out: on every page.
LEAVING = "annotation/js/leaving.js"
KEYS_PAGE = "annotation/js/own_keys.js"
# What pages need besides that show pictures, films or sounds; each announces itself to `sheets.js`.
PLAYERS = {
    Modality.IMAGE: ("annotation/js/zoom.js", "annotation/js/pictures.js"),
    Modality.VIDEO: ("annotation/js/transport.js",),
    Modality.AUDIO: (
        "annotation/js/transport.js",
        "annotation/js/waveform.js",
        "annotation/js/sounds.js",
    ),
}
PLAYING = "annotation/js/playing.js"

# What only a protocol with such a question needs besides; the last of each announces itself.
DRAWN_MODULES = {
    QuestionKind.MARKS: (
        "annotation/js/given.js",
        "annotation/js/layer.js",
        "annotation/js/mark.js",
        "annotation/js/shapes.js",
        "annotation/js/marks.js",
    ),
    QuestionKind.SPANS: ("annotation/js/given.js", "annotation/js/spans.js"),
}


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
    anew; None for an item that is leased. `trial` says which item of how many of a qualification
    it is ("number", "all"). After a refusal the status is its own, and `reasons` are those given
    so far, by rule.
    """
    protocol = protocol_named(campaign.protocol)
    chosen = preferences.of(annotator)
    players = [*_players(protocol), *([OWN_KEYS] if chosen.keys else [])]
    parts = rendering.parts_of(sheet, is_revealed=is_revealed)
    if sheet.cover and not is_revealed:
        answers = without_originals(sheet.step, answers)
    if revises:
        parts["playing"] = SafeString()  # it was played when it was answered first
    last = access.own_annotations(annotator).filter(campaign=campaign).first()
    today = tally.done_today(annotator, campaign)
    drawn = _drawn_modules(protocol)
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
        "modules": [*MODULES, *players, *drawn],
        "players": players,
        "shows_pictures": Modality.IMAGE in _shown_modalities(protocol),
        "drawn_modules": drawn,
        "keys": keys_with(chosen.keys),
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
        "data": _data(request, campaign, annotator, protocol, sheet, revises)
        | _keyboard(chosen)
        | {
            "is_revealed": is_revealed,
            "answers": answers,
            "draft": kept(draft) | {"answers": answers} if draft else None,
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


def kept(draft: Draft) -> dict[str, Any]:
    """A draft for the page's script."""
    return {
        "answers": draft.answers,
        "reasons": draft.reasons,
        "revision": draft.revision,
        "page": str(draft.page),
    }


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
    context = {
        "campaign": campaign,
        "why": why,
        "state": learning.state_of(annotator, campaign),
        "told": conduct.told(annotator, campaign),
        "today": tally.done_today(annotator, campaign),
        "last": last.pk if last else None,
        "annotator": annotator,
        "spared": assigning.spared(annotator, campaign) if why == "done" else None,
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
        "rest": rest,
        "is_pause": is_pause,
        "account": account,
        "today": tally.done_today(annotator, campaign),
        "gauge": exposures.gauge(annotator, campaign),
    }
    return render(request, "label/resting.html", context)


def late_notice() -> str:
    """What somebody is told whose answers came when the item was no longer his."""
    return _(
        "Your last answers came too late to count: the places were filled, or you had answered the "
        "item elsewhere. They are kept."
    )


def _keyboard(chosen: Preferences) -> dict[str, Any]:
    """Which key does what, for the script; `caps`: what a changed one was, and is now."""
    return {
        "keys": [
            {"press": key.press, "act": key.act, "held": key.held} for key in keys_with(chosen.keys)
        ],
        "caps": {
            CHANGEABLE[act].shown: cap_of(press)
            for act, press in chosen.keys.items()
            if act in CHANGEABLE
        },
        "is_keyless": chosen.is_keyless,
    }


def _players(protocol: Protocol) -> list[str]:
    players = [name for each in _shown_modalities(protocol) for name in PLAYERS.get(each, ())]
    return list(dict.fromkeys([*players, PLAYING] if playing.asked_in(protocol) else players))


def _shown_modalities(protocol: Protocol) -> tuple[Modality, Modality]:
    return protocol.modality, protocol.prompt_modality


def _blanks(protocol: Protocol) -> dict[str, str]:
    return {step.key: rendering.blank_sheet(protocol, step) for step in protocol.steps}


def _drawn_modules(protocol: Protocol) -> tuple[str, ...]:
    kinds = {question.kind for question in protocol.questions}
    wanted = (modules for kind, modules in DRAWN_MODULES.items() if kind in kinds)
    return tuple(dict.fromkeys(module for modules in wanted for module in modules))


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


def _data(
    request: HttpRequest,
    campaign: Campaign,
    annotator: Annotator,
    protocol: Protocol,
    sheet: Sheet,
    revises: int | None,
) -> dict[str, Any]:
    """What the page's script works with."""
    names = (
        *("page", "ahead", "draft", "extend", "leave", "release"),
        *("reveal", "pulse", "played", "skip", "report"),
    )
    return {
        "annotator": str(annotator.key),
        # Who has a password is asked for it in place when the session is over.
        "person": _name_with_password(request.user),
        "campaign": campaign.slug,
        "csrf": get_token(request),
        "urls": {name: reverse(f"label:{name}", args=(campaign.slug,)) for name in names}
        | {
            # The script puts the number in.
            "revise": reverse("label:revise", args=(campaign.slug, 0)),
            "login": reverse("account_login"),
        },
        "lease": campaign.lease_minutes * 60,
        "rules": [
            {
                "key": rule.key,
                "scope": rule.scope.value,
                "broken_when": rule.broken_when,
                "message": _(rule.message),
                "weight": rule.weight.value,
            }
            for rule in protocol.rules
        ],
        "steps": {
            step.key: {
                "heading": rendering.heading(protocol, step),
                "ask": _(step.ask),
                "questions": [_question(question) for question in step.questions],
            }
            for step in protocol.steps
        },
        "sides": ["a", "b"][: protocol.responses],
        "revises": revises,
        "sheet": {
            "token": str(sheet.token),
            "step": sheet.step.key,
            "earlier": sheet.earlier,
        },
        "words": _words(),
    }


def _name_with_password(user: User | AnonymousUser) -> str | None:
    has_one = user.is_authenticated and user.has_usable_password()
    return user.get_username() if has_one else None


def _question(question: Question) -> dict[str, Any]:
    return {
        "key": question.key,
        "kind": question.kind.value,
        "of": question.of.value,
        "wording": _(question.wording),
        "when": question.when,
        "implied": question.implied,
        "required": question.required,
        "at_least": question.at_least,
        "at_most": question.at_most,
        "strength": question.strength,
    }


def _words() -> dict[str, str]:
    """What the script says, in the language of the page; names in braces are filled in there."""
    return {
        "missing": _("Still to answer: {what}"),
        "reason": _("Say why, under the warning, or change an answer."),
        "too_many": _("“{what}” takes at most {most}."),
        "saved": _("saved {time}"),
        "saved_here": _("kept on this computer {time}"),
        "unsaved": _("not saved: keep this page open"),
        "elsewhere": _(
            "This item was changed in another tab or browser, too. Neither is saved over the other."
        ),
        "keep_this": _("Keep what is here"),
        "show_other": _("Show the other"),
        "offline": _("There is no connection now. Everything stays here; try again in a moment."),
        "outside": _("You no longer take part here. What you had answered is kept."),
        "another": _(
            "Somebody else is signed in in this browser now. Your answers are kept here for you, "
            "and go out when you sign in again."
        ),
        "foreign": _(
            "Something between this computer and Castor turns your answers away ({status}). They "
            "are kept here, and tried again."
        ),
        "not_now": _("Not now"),
        "session_over": _("Your session is over. Nothing is lost: type your password to go on."),
        "sending": _("sending …"),
        "waiting": _("{count} waiting to be sent; they are kept here and go out by themselves"),
        "next": _("Next: {step}."),
        "late": late_notice(),
        "not_taken": _("Your answers to the one before were not taken: {message}"),
        "go_back": _("Go to it"),
        "gone": _("The one before could not be taken: {message}"),
        "signed_out": _(
            "You are signed out. Your answers are kept here. Sign in again in another tab, then "
            "they go out by themselves."
        ),
        "sign_in": _("Sign in"),
        "lost": _(
            "Your time on this item is over. Submit all the same: if a place is still free, your "
            "answers count."
        ),
        "today": _("{count} today"),
        "over": _(
            "That is enough for today: nothing more is shown. What you answered may still be "
            "submitted; everything else goes back."
        ),
        "not_shown": _("It cannot be shown now: the server is not reached. Try again in a moment."),
        "not_yours": _("It cannot be shown: you no longer have this item."),
        "exposure": _("Exposure today: {level} of 5"),
        "play_first": _("Play at least {share} percent of each first: {what}"),
        "differ": _("Only in A: {a}. Only in B: {b}."),
        "same": _("A and B are the same, word by word."),
        "compare_covered": _("What is covered is not compared: reveal both first."),
        "only_here": _("[only here:"),
        "end_only_here": _("end]"),
    }
