"""What the labelling page tells its script: addresses, rules, questions, keys, words."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from annotation.judgement import notes, words
from annotation.labelling.sheet import LONGEST_REASON
from annotation.models import Annotator, Campaign, Draft
from annotation.page import rendering
from annotation.page.keys import KEYS
from annotation.page.own_keys import keys_with
from annotation.page.preferences import Preferences
from annotation.page.questions import without_originals
from annotation.page.sheets import Sheet
from datasets_app.protocols.base import Protocol, Question


def data(
    request: HttpRequest,
    campaign: Campaign,
    annotator: Annotator,
    protocol: Protocol,
    sheet: Sheet,
    revises: int | None,
) -> dict[str, Any]:
    """What the page's script works with."""
    names = (
        *("page", "ahead", "held", "draft", "extend", "leave", "release"),
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
            "home": reverse("label:home"),
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
        "longest": {"text": words.LONGEST, "note": notes.LONGEST, "reason": LONGEST_REASON},
        "words": _words(),
    }


def keyboard(chosen: Preferences) -> dict[str, Any]:
    """Which key does what, for the script; `caps`: what a changed one was, and is now, if any."""
    own = keys_with(chosen.keys)
    return {
        "keys": [{"press": key.press, "act": key.act, "held": key.held} for key in own],
        "caps": {
            key.shown: mine.shown
            for key, mine in zip(KEYS, own, strict=True)
            if mine.shown != key.shown
        },
        "is_keyless": chosen.is_keyless,
    }


def kept(draft: Draft) -> dict[str, Any]:
    """A draft for the page's script."""
    return {
        "answers": draft.answers,
        "reasons": draft.reasons,
        "revision": draft.revision,
        "page": str(draft.page),
    }


def kept_of(sheet: Sheet, draft: Draft | None) -> dict[str, Any] | None:
    """The same of what is held ahead: nothing of a covered text that was not written by hand."""
    if draft is None:
        return None
    answers = without_originals(sheet.step, draft.answers) if sheet.cover else draft.answers
    return kept(draft) | {"answers": answers}


def late_notice() -> str:
    """What somebody is told whose answers came when the item was no longer his."""
    return _(
        "Your last answers came too late to count: the places were filled, or you had answered the "
        "item elsewhere. They are kept."
    )


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
        "comma": pgettext("between words", ", "),
        "missing_more": _("Still to answer: {what}, and {count} more"),
        "reason": _("Say why, under the warning, or change an answer."),
        "too_many": _("“{what}” takes at most {most}."),
        "text_too_long": _("The text has more than %d characters.") % words.LONGEST,
        "note_too_long": _("The note to %(what)s has more than %(most)d characters.")
        % {"what": "{what}", "most": notes.LONGEST},
        "marks": _("mark %d").replace("%d", "{number}"),
        "spans": _("span %d").replace("%d", "{number}"),
        "not_loaded": _(
            "A part of this page could not be loaded. Load the page anew; what you answered is "
            "kept."
        ),
        "load_anew": _("Load it anew"),
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
        "waiting_one": _("1 answer waits to be sent; it is kept here and goes out by itself"),
        "waiting": _(
            "{count} answers wait to be sent; they are kept here and go out by themselves"
        ),
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
        "time": _(
            "Your time on this item is over. Submit all the same: if a place is still free, your "
            "answers count."
        ),
        "back": _(
            "This item was given back elsewhere. Submit all the same: if a place is still free, "
            "your answers count."
        ),
        "done": _(
            "You have answered this item on another page. What you submit here is kept, but does "
            "not count."
        ),
        "taken": _("This item was taken away from everybody: it was reported or withdrawn."),
        "wish": _("This item went back, because of what you said you want."),
        "went_back": _(
            "This item was given back: in another tab, or because you work in another campaign now."
        ),
        "goes_along": _("What you answered goes along when you go on: it is kept."),
        "go_on": _("Go on"),
        "found": _("Something grave was found of this item meanwhile: it is covered now."),
        "no_longer_shown": _(
            "Something grave was found of this item, and it is not yours any more: it is not shown "
            "again."
        ),
        "nothing_sent": _(
            "The item about which you were saying something is here no longer: nothing was sent."
        ),
        "closed_here": _(
            "This work was closed meanwhile. What you have begun here may still be submitted: "
            "it is kept, but comes too late to count."
        ),
        "no_more": _(
            "No more is given for now. What you have begun here may still be submitted; then the "
            "page says why."
        ),
        "moment": _("One moment …"),
        "no_connection": _(
            "There is no connection. The next item comes by itself as soon as there is one."
        ),
        "to_start": _("To the start page"),
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
