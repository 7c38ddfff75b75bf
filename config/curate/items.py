"""One item with its whole history, and the form to rule; the same ballot serves the disputes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation import adjudicating
from annotation.models import Annotation, Annotator
from config.curate.ballots import BadRuling, Ballot, ballots, read_rulings
from config.requests import SignedIn
from datasets_app import access
from datasets_app.models import Dataset, Event, Item, Verdict
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState, Role
from moderation.models import Screening


@require_safe
def item(request: SignedIn, slug: str, item_id: UUID) -> HttpResponse:
    """Prompt, responses, screenings, annotations, verdicts, history, and the form to rule."""
    found = access.item_for(request.user, slug, item_id, Role.CURATOR)
    return render(request, "curate/item.html", _context(found) | {"tab": "items"})


@require_safe
def disputes(request: SignedIn, slug: str) -> HttpResponse:
    """The oldest dispute with its ballots, and how many wait behind it."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    waiting = Item.objects.filter(dataset=dataset).disputed().order_by("pk")
    first = _whole(waiting.first(), passed=request.GET.get("after", ""), dataset=dataset)
    context = {"dataset": dataset, "tab": "disputes", "number": waiting.count()}
    return render(request, "curate/disputes.html", (_context(first) if first else {}) | context)


def _whole(first: Item | None, *, passed: str, dataset: Dataset) -> Item | None:
    """The dispute after the one that was passed over, else the first; with what a page shows."""
    if first is None:
        return None
    queue = Item.objects.filter(dataset=dataset).disputed().order_by("pk")
    queue = queue.select_related("dataset", "prompt", "first__media", "second__media")
    try:
        return queue.filter(pk__gt=UUID(passed)).first() or queue.first()
    except ValueError:
        return queue.first()


@require_POST
def rule(request: SignedIn, slug: str, item_id: UUID) -> HttpResponse:
    """Take the rulings of the form; back to the disputes if it came from there."""
    found = access.item_for(request.user, slug, item_id, Role.CURATOR)
    from_disputes = request.POST.get("from") == "disputes"
    try:
        rulings = read_rulings(request.POST, _ballots(found))
        adjudicating.rule(
            found, rulings, by=request.user, reason=request.POST.get("reason", "").strip()
        )
    except (BadRuling, adjudicating.RulingRefused) as refusal:
        messages.error(request, str(refusal))
        return redirect("curate:item", slug=slug, item_id=item_id)
    messages.success(request, _("Ruled: %(item)s.") % {"item": found.external_id})
    return (
        redirect("curate:disputes", slug=slug)
        if from_disputes
        else redirect("curate:item", slug=slug, item_id=item_id)
    )


def _ballots(found: Item) -> list[Ballot]:
    verdicts = list(Verdict.objects.filter(item=found))
    return ballots(found, protocol_named(found.dataset.protocol), verdicts, _pseudonyms(verdicts))


def _pseudonyms(verdicts: Sequence[Verdict]) -> dict[str, str]:
    keys = {str(vote[0]) for verdict in verdicts for vote in verdict.votes if not vote[2]}
    return {str(a.key): a.pseudonym for a in Annotator.objects.filter(key__in=keys)}


def _context(found: Item) -> dict[str, Any]:
    papers = _ballots(found)
    return {
        "dataset": found.dataset,
        "item": found,
        "protocol": protocol_named(found.dataset.protocol),
        "responses": [("A", found.first)] + ([("B", found.second)] if found.second else []),
        "ballots": papers,
        "disputed": [paper for paper in papers if paper.dispute],
        "has_verdicts": any(paper.verdict for paper in papers),
        "may_rule": found.state in (ItemState.DISPUTED, ItemState.SETTLED),
        "screenings": _screenings(found),
        "annotations": [(a, said(a.answers, found)) for a in _annotations(found)],
        "events": _history(found),
    }


def _screenings(found: Item) -> QuerySet[Screening]:
    shown = Q(response__isnull=True) | Q(response__in=(found.first_id, found.second_id))
    return Screening.objects.filter(shown, prompt=found.prompt_id).order_by("pk")


def _annotations(found: Item) -> QuerySet[Annotation]:
    return (
        Annotation.objects.filter(item=found)
        .select_related("annotator")
        .order_by("step", "created_at")
    )


def said(answers: Mapping[str, Any], found: Item) -> str:
    """Answers as one line of words: responses by letter, lists by commas."""
    letters = {str(found.first_id): "A", str(found.second_id): "B"}
    return " · ".join(f"{key}: {_worded(value, letters)}" for key, value in answers.items())


def _worded(value: Any, letters: Mapping[str, str]) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return " ".join(f"{letters.get(k, k)} {_worded(v, letters)}" for k, v in value.items())
        case list():
            return ", ".join(str(part) for part in value) or "none"
        case _:
            return letters.get(str(value), str(value))


@dataclass(frozen=True, slots=True)
class Moment:
    """One event of the history as the page tells it; annotators go by their pseudonyms."""

    at: datetime
    who: str
    verb: str
    before: str
    after: str
    reason: str


def _history(found: Item) -> list[Moment]:
    events = list(Event.objects.filter(item=found.pk).select_related("actor").order_by("id"))
    actors = {event.actor_id for event in events if event.actor_id}
    masks = {a.user_id: a.pseudonym for a in Annotator.objects.filter(user__in=actors)}
    return [Moment(e.at, _name(e, masks), e.verb, e.before, e.after, e.reason) for e in events]


def _name(event: Event, masks: Mapping[int, str]) -> str:
    if event.actor_id is None:
        return "Castor"
    # An actor may have been erased: the log outlives the person.
    username = event.actor.get_username() if event.actor else f"user {event.actor_id}"
    return masks.get(event.actor_id, username)
