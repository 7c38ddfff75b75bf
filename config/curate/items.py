"""One item with its whole history, and the form to rule; the same ballot serves the disputes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation import adjudicating
from annotation.judgement import by_side
from annotation.models import Annotation, Annotator
from annotation.page import preferences
from annotation.page.questions import in_words
from config.curate import wording
from config.curate.ballots import BadRuling, Ballot, ballots, read_rulings
from config.curate.drawings import Drawing, Shape, drawings, shapes, shown_media
from config.curate.story import story
from config.requests import SignedIn
from datasets_app import access
from datasets_app.models import Dataset, Item, Response, Verdict
from datasets_app.partings import shared_lengths
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import ItemState, Role, Severity
from moderation.models import Screening


@require_safe
def item(request: SignedIn, slug: str, item_id: UUID) -> HttpResponse:
    """Prompt, responses, screenings, annotations, verdicts, history, and the form to rule."""
    found = access.item_for(request.user, slug, item_id, Role.CURATOR)
    protocol = protocol_named(found.dataset.protocol)
    context = _context(found, protocol)
    context |= {
        "tab": "items",
        "as_written": preferences.of_user(request.user).as_written,
        "screenings": screenings(found),
        "annotations": list(_given(found, protocol)),
        "chapters": story(found, protocol, context["ballots"]),
    }
    return render(request, "curate/item.html", context)


@require_safe
def disputes(request: SignedIn, slug: str) -> HttpResponse:
    """The oldest dispute with its ballots, and how many wait behind it."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    number = Item.objects.filter(dataset=dataset).disputed().count()
    context = {"dataset": dataset, "tab": "disputes", "number": number}
    first = _next_dispute(dataset, passed=request.GET.get("after", ""))
    if first is not None:
        context = _context(first, protocol_named(dataset.protocol)) | context
        context["as_written"] = preferences.of_user(request.user).as_written
    return render(request, "curate/disputes.html", context)


def _next_dispute(dataset: Dataset, *, passed: str) -> Item | None:
    """The dispute after the one that was passed over, else the first."""
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
        papers = _ballots(found, protocol_named(found.dataset.protocol))
        rulings = read_rulings(request.POST, papers)
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


def _ballots(found: Item, protocol: Protocol) -> list[Ballot]:
    verdicts = list(Verdict.objects.filter(item=found))
    return ballots(found, protocol, verdicts)


@dataclass(frozen=True, slots=True)
class Shown:
    """A response with its letter, the marks on its picture, and in a tree where it parts."""

    letter: str
    response: Response
    marks: list[Shape]
    halves: tuple[str, str] | None


def _drawings(found: Item, protocol: Protocol) -> list[Drawing]:
    if not any(question.is_kept_as_given for question in protocol.questions):
        return []
    verdicts = list(Verdict.objects.filter(item=found))
    who = Annotation.objects.filter(item=found).values_list("annotator__key", flat=True)
    known = {str(a.key): a.pseudonym for a in Annotator.objects.filter(key__in=list(who))}
    return drawings(found, protocol, verdicts, lambda key: known.get(key, key))


def _context(found: Item, protocol: Protocol) -> dict[str, Any]:
    papers = _ballots(found, protocol)
    drawn = _drawings(found, protocol)
    disputed = [paper for paper in papers if paper.dispute]
    return content_of(found, protocol, drawn) | {
        "dataset": found.dataset,
        "protocol": protocol,
        "drawings": drawn,
        "categories": _named(found.machine_categories or (), protocol),
        "ballots": papers,
        "judged": [paper for paper in papers if paper.verdict],
        "disputed": [p for p in disputed if not p.is_waiting],
        "following": [p for p in disputed if p.is_waiting],
        "may_rule": found.state in (ItemState.DISPUTED, ItemState.SETTLED),
    }


def content_of(found: Item, protocol: Protocol, drawn: Sequence[Drawing] = ()) -> dict[str, Any]:
    """What `curate/parts/content.html` shows of an item, with what was drawn on it."""
    shared = shared_lengths([found.pk])[found.pk] if protocol.reads_tree else 0
    return {
        "item": found,
        "responses": [
            Shown(
                letter,
                response,
                shapes(drawn, response=str(response.pk), picture=0),
                (response.text[:shared], response.text[shared:]) if shared else None,
            )
            for letter, response in zip("AB", (found.first, found.second), strict=True)
            if response is not None
        ],
        "shown": shown_media(found, drawn),
        # Severe words stay behind a door for a curator as well.
        "is_severe": found.machine_severity == Severity.SEVERE,
    }


def _named(keys: Sequence[str], protocol: Protocol) -> list[str]:
    return [wording.category(key, protocol.label_set) for key in keys]


@dataclass(frozen=True, slots=True)
class Screened:
    """What a machine said of the prompt (`about` "") or of response A or B."""

    about: str
    row: Screening
    categories: list[str]


def screenings(found: Item) -> list[Screened]:
    """What machines said of this item's prompt and responses, the oldest first."""
    shown = Q(response__isnull=True) | Q(response__in=(found.first_id, found.second_id))
    letters = {found.first_id: "A", found.second_id: "B"}
    return [
        Screened(
            letters.get(row.response_id, "") if row.response_id else "",
            row,
            [wording.category(key, row.label_set) for key in row.categories],
        )
        for row in Screening.objects.filter(shown, prompt=found.prompt_id).order_by("pk")
    ]


@dataclass(frozen=True, slots=True)
class Given:
    """One annotation as the page shows it: `said` are questions and answers in words."""

    row: Annotation
    step: str
    said: list[tuple[str, str]]


def _given(found: Item, protocol: Protocol) -> Iterator[Given]:
    rows = Annotation.objects.filter(item=found).select_related("annotator")
    order = [step.key for step in protocol.steps]
    for row in sorted(rows, key=lambda a: (_place(order, a.step), a.created_at)):
        yield Given(row, wording.step(protocol, row.step), _said(row, found, protocol))


def _place(order: Sequence[str], step: str) -> int:
    return order.index(step) if step in order else len(order)


def _said(row: Annotation, found: Item, protocol: Protocol) -> list[tuple[str, str]]:
    """The answers with A for the first response, however they stood when they were given."""
    names = [pk for pk in (found.first_id, found.second_id) if pk is not None]
    if row.step not in {step.key for step in protocol.steps}:
        return [(key, str(value)) for key, value in row.answers.items()]
    sided = by_side(protocol, row.answers, responses=names, flipped=False)
    return in_words(protocol, protocol.step(row.step), sided)
