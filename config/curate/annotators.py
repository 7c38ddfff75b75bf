"""Annotators: what is measured of each, what stands against them, and how their work ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation import campaigns, guidelines, leaving, reporting
from annotation.models import Annotator, Campaign, Consequence, Measure, Progress
from annotation.page.questions import SAFE_OR_NOT
from annotation.quality import conduct, grading
from config.curate import wording
from config.requests import SignedIn, reason_in
from datasets_app import access
from datasets_app.models import Dataset, Membership
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import QuestionKind, Role, Severity


@dataclass(frozen=True, slots=True)
class Record:
    """One person's figures in one group of questions, as shares from 0 to 1; None of nothing."""

    annotator: Annotator
    group: str
    row: Measure

    @property
    def gold(self) -> float | None:
        return _share(self.row.gold - self.row.gold_faults, self.row.gold)

    @property
    def agreement(self) -> float | None:
        return _share(self.row.agreed, self.row.compared)

    @property
    def seconds(self) -> float | None:
        return self.row.seconds if self.row.timed else None

    @property
    def left(self) -> float | None:
        return _share(self.row.left, self.row.sided)

    @property
    def runs(self) -> float | None:
        return _share(self.row.runs, self.row.chained)

    @property
    def same(self) -> float | None:
        return _share(self.row.same, self.row.repeated)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def records(dataset: Dataset, annotator: Annotator | None = None) -> list[Record]:
    """The figures of everybody who works in the dataset's campaign, or of one; by pseudonym."""
    campaign = campaigns.latest(dataset)
    if campaign is None:
        return []
    found = Measure.objects.filter(campaign=campaign).select_related("annotator")
    if annotator is not None:
        found = found.filter(annotator=annotator)
    order = grading.groups_of(protocol_named(campaign.protocol))
    rows = [Record(one.annotator, guidelines.group_name(one.group), one) for one in found]
    return sorted(
        rows,
        key=lambda r: (
            r.annotator.pseudonym,
            order.index(r.row.group) if r.row.group in order else len(order),
        ),
    )


@require_safe
def annotator(request: SignedIn, slug: str, key: UUID) -> HttpResponse:
    """One person's record, what stands against the person, and what setting aside would do."""
    dataset, campaign, person = _found(request, slug, key)
    rows = records(dataset, person)
    protocol = protocol_named(campaign.protocol)
    past = Consequence.objects.filter(annotator=person, campaign=campaign).order_by("-pk")
    context = {
        "dataset": dataset,
        "tab": "people",
        "person": person,
        "records": rows,
        "confusions": [table for row in rows for table in confusions(row.row, protocol)],
        "categories": [table for row in rows for table in categories(row.row, protocol)],
        "consequences": [(one, one.group_in_words) for one in past[:20]],
        "effect": leaving.effect_of_setting_aside(person, campaign),
        "reports": reporting.reports_of(person, campaign),
        "is_member": Membership.objects.filter(
            user=person.user_id, dataset=dataset, role=Role.ANNOTATOR
        ).exists(),
        # Whoever came by an entry has no home page to be told on, nor a way in again.
        "may_be_ended": person.entry_id is None,
        "is_chained": any(step.after for step in protocol.steps),
    }
    return render(request, "curate/annotator.html", context)


def confusions(row: Measure, protocol: Protocol) -> list[dict[str, Any]]:
    """A table for each question: what the verdict says, and how often this person said what."""
    tables = []
    naming = _naming(protocol)
    for key, counts in row.confusion.items():
        if key in naming:
            continue
        named = _words_of(protocol, key)
        said = sorted({name for cells in counts.values() for name in cells} | set(counts))
        tables.append(
            {
                "question": wording.question(protocol, key),
                "columns": [named.get(name, name) for name in said],
                "rows": [
                    (named.get(verdict, verdict), _shares([cells.get(name, 0) for name in said]))
                    for verdict, cells in sorted(counts.items())
                ],
            }
        )
    return tables


def categories(row: Measure, protocol: Protocol) -> list[dict[str, Any]]:
    """A table for each question that names categories: of each one, how often who named it.

    What was named by both, the verdict alone or this person alone; then by neither. The category
    that was named most comes first.
    """
    return [
        {
            "question": wording.question(protocol, key),
            "rows": [
                (
                    wording.category(name, protocol.label_set),
                    _shares([cells["both"], cells["verdict"], cells["person"]]),
                    cells["neither"],
                )
                for name, cells in sorted(counts.items(), key=lambda one: one[1]["neither"])
            ],
        }
        for key, counts in row.confusion.items()
        if key in _naming(protocol) and counts
    ]


def _naming(protocol: Protocol) -> set[str]:
    """The keys of the questions that name categories."""
    return {q.key for q in protocol.questions if q.kind is QuestionKind.CATEGORIES}


def _shares(counts: list[int]) -> list[tuple[int, int]]:
    """Each number with its share of the row, in ninths, for the heat of its cell."""
    total = sum(counts) or 1
    return [(count, 0 if count == 0 else max(1, round(9 * count / total))) for count in counts]


def _words_of(protocol: Protocol, key: str) -> dict[str, str]:
    """What is counted of a question → its words: the protocol's own, as annotators read them."""
    question = next((one for one in protocol.questions if one.key == key), None)
    kind = question.kind if question else None
    flag = (question.flag if question else None) or SAFE_OR_NOT
    words = {
        "first": _("the first"),
        "second": _("the second"),
        "tie": _("equal"),
        "both_unacceptable": _("both unacceptable"),
        "cannot_judge": _("cannot judge"),
    }
    if kind is QuestionKind.FLAG:
        words |= {"yes": _(flag.yes), "no": _(flag.no)}
    if kind is QuestionKind.SEVERITY:
        words |= {str(one.value): str(one.label) for one in Severity}
    return words


@require_POST
def lift(request: SignedIn, slug: str, key: UUID) -> HttpResponse:
    """End what stands against a person."""
    _dataset, campaign, person = _found(request, slug, key)
    reason = reason_in(request)
    if conduct.lift(person, campaign, by=request.user, reason=reason):
        messages.success(request, _("Lifted: %s may go on.") % person.pseudonym)
    return redirect("curate:annotator", slug=slug, key=key)


@require_POST
def end_work(request: SignedIn, slug: str, key: UUID) -> HttpResponse:
    """Let a person go whose votes go on counting."""
    _dataset, campaign, person = _found(request, slug, key)
    if person.entry_id is not None:
        raise Http404
    reason = reason_in(request)
    if not reason:
        messages.error(request, _("Say why: the reason is kept."))
        return redirect("curate:annotator", slug=slug, key=key)
    ended = leaving.revoke(person, campaign, by=request.user, reason=reason)
    if ended.was_inside:
        said = _("%s annotates here no longer. What was answered goes on counting.")
        messages.success(request, said % person.pseudonym)
    else:
        messages.info(request, _("%s did not annotate here any more.") % person.pseudonym)
    return redirect("curate:people", slug=slug)


@require_POST
def set_aside(request: SignedIn, slug: str, key: UUID) -> HttpResponse:
    """Quarantine a person, after the effect was shown and the reason is given."""
    _dataset, campaign, person = _found(request, slug, key)
    reason = reason_in(request)
    if not reason:
        messages.error(request, _("Say why: the reason is kept."))
        return redirect("curate:annotator", slug=slug, key=key)
    done = leaving.set_aside(person, campaign, by=request.user, reason=reason)
    messages.success(
        request,
        _("Set aside: votes on %(items)d items; %(reopened)d are judged anew.")
        % {"items": done.items, "reopened": done.reopened},
    )
    # Who left without an answer has no page any more.
    return redirect("curate:people", slug=slug)


def _found(request: SignedIn, slug: str, key: UUID) -> tuple[Dataset, Campaign, Annotator]:
    """The person as a judge in this dataset's campaign. Raises Http404 for anybody else."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    campaign = campaigns.latest(dataset)
    person = Annotator.objects.filter(key=key).first()
    if campaign is None or person is None:
        raise Http404
    works_here = Membership.objects.filter(user=person.user_id, dataset=dataset).exists()
    worked_here = Progress.objects.filter(annotator=person, campaign=campaign).exists()
    if not (works_here or worked_here or person.annotations.filter(campaign=campaign).exists()):
        raise Http404
    return dataset, campaign, person
