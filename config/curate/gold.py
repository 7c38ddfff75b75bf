"""Gold: what people are measured by, how often, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation import campaigns, steps
from annotation.judgement import by_response, by_side
from annotation.models import Campaign, Check, Gold
from annotation.page import rendering
from annotation.page.forms import answers_from
from annotation.page.questions import Field, fields_of
from annotation.quality import conduct, grading, learning
from annotation.quality import gold as golds
from annotation.vocabulary import CheckState, GoldPurpose
from config.curate import wording
from config.curate.check_forms import ChecksForm, GoldForm, QualificationForm, rules_of
from config.curate.items import content_of
from config.requests import SignedIn
from datasets_app import access
from datasets_app.models import Dataset, Item
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Question, Step
from datasets_app.vocabulary import Role

PROPOSED = 8


@require_safe
def gold_list(request: SignedIn, slug: str) -> HttpResponse:
    """The settings, the rules, the gold there is, and what might become gold."""
    return _page(request, slug)


def _page(request: SignedIn, slug: str, rules: Any = None) -> HttpResponse:
    """The page; with the rules as they were sent, where they could not be declared."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    campaign = campaigns.latest(dataset)
    context: dict[str, Any] = {"dataset": dataset, "tab": "gold", "campaign": campaign}
    if campaign is not None:
        protocol = protocol_named(campaign.protocol)
        context |= {
            "form": ChecksForm(instance=campaign),
            "qualification": QualificationForm(campaign),
            "rules": rules or rules_of(campaign, grading.groups_of(protocol)),
            "rows": rows(campaign, protocol),
            "proposals": [_proposals(campaign, step) for step in steps.open_to_all(protocol)],
        }
    return render(request, "curate/gold.html", context)


@dataclass(frozen=True, slots=True)
class Row:
    """Gold with how often it was answered, and how far from it people were on the mean."""

    gold: Gold
    step: str
    answered: int
    accuracy: float | None


def rows(campaign: Campaign, protocol: Protocol) -> list[Row]:
    """The campaign's live gold, the newest first."""
    found = Gold.objects.filter(campaign=campaign, retired_at=None).select_related(
        "item", "proposed_by"
    )
    faults: dict[int, list[float]] = {}
    checks = Check.objects.filter(gold__in=found, state=CheckState.ANSWERED)
    for gold_id, each in checks.values_list("gold_id", "faults"):
        if gold_id is not None and each:
            faults.setdefault(gold_id, []).append(sum(each.values()) / len(each))
    return [
        Row(
            one,
            wording.step(protocol, one.step),
            len(faults.get(one.pk, [])),
            grading.accuracy(faults.get(one.pk, [])),
        )
        for one in found.order_by("-pk")
    ]


def _proposals(campaign: Campaign, step: Step) -> dict[str, Any]:
    found = golds.likely(campaign, step, limit=PROPOSED)
    items = {item.pk: item for item in Item.objects.filter(pk__in=found).select_related("prompt")}
    return {"key": step.key, "title": _(step.title), "items": [items[pk] for pk in found]}


@require_POST
def settings(request: SignedIn, slug: str) -> HttpResponse:
    """Whether and how much people are measured from now on."""
    _dataset, campaign = _campaign(request, slug)
    form = ChecksForm(request.POST, instance=campaign)
    asked = QualificationForm(campaign, request.POST)
    if form.is_valid() and asked.is_valid():
        said = {name: form.cleaned_data[name] for name in campaigns.CHECKED_BY}
        with transaction.atomic():  # of two who save at once, all is the last one's
            campaigns.set_checks(campaign, by=request.user, **said)
            learning.demand(
                campaign,
                reading=said["asks_reading"],
                qualified=asked.cleaned_data["steps"],
                by=request.user,
            )
        messages.success(request, _("Kept. It holds from the next item on."))
    else:
        messages.error(request, _("Not kept: %s") % _first_error(form.errors))
    return redirect("curate:gold", slug=slug)


@require_POST
def rules(request: SignedIn, slug: str) -> HttpResponse:
    """Declare what people's records bring about."""
    _dataset, campaign = _campaign(request, slug)
    groups = grading.groups_of(protocol_named(campaign.protocol))
    sent = rules_of(campaign, groups, request.POST)
    if not sent.is_valid():
        messages.error(request, _("Not declared: see what is wrong with the rules below."))
        return _page(request, slug, sent)
    try:
        conduct.declare(campaign, sent.rules(), by=request.user)
    except conduct.BadRule as bad:
        messages.error(request, str(bad))
        return _page(request, slug, sent)
    messages.success(request, _("The rules are declared. Annotators read them."))
    return redirect("curate:gold", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: SignedIn, slug: str, item_id: UUID, step: str) -> HttpResponse:
    """Make an item gold: what its votes settled is expected, unless it is changed here."""
    _dataset, campaign = _campaign(request, slug)
    item = access.item_for(request.user, slug, item_id, Role.CURATOR)
    protocol = protocol_named(campaign.protocol)
    first = _step(protocol, step)
    form = GoldForm(request.POST or None, measured=_in_steps(protocol, first))
    if request.method == "POST" and form.is_valid():
        try:
            golds.make(
                campaign,
                item,
                step,
                purpose=GoldPurpose(form.cleaned_data["purpose"]),
                by=request.user,
                **_said(request, protocol, first, item, form),
            )
            messages.success(request, _("%s is gold now.") % item.external_id)
            return redirect("curate:gold", slug=slug)
        except golds.GoldRefused as refused:
            messages.error(request, str(refused))
    known = golds.settled_answers(item, protocol, first)
    return _editor(request, campaign, item, first, form, known)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedIn, slug: str, gold_id: int) -> HttpResponse:
    """Change what is expected, or why."""
    _dataset, campaign = _campaign(request, slug)
    found = get_object_or_404(Gold, pk=gold_id, campaign=campaign, retired_at=None)
    item = access.item_for(request.user, slug, found.item_id, Role.CURATOR)
    protocol = protocol_named(campaign.protocol)
    first = _step(protocol, found.step)
    form = GoldForm(
        request.POST or None,
        measured=_in_steps(protocol, first),
        initial={name: getattr(found, name) for name in ("purpose", "explanation", "instruction")},
        near=found.tolerance,
    )
    form.fields["purpose"].disabled = True
    if request.method == "POST" and form.is_valid():
        try:
            golds.edit(found, by=request.user, **_said(request, protocol, first, item, form))
            messages.success(request, _("Kept. It holds from the next answer on."))
            return redirect("curate:gold", slug=slug)
        except golds.GoldRefused as refused:
            messages.error(request, str(refused))
    return _editor(request, campaign, item, first, form, found.expected, found)


@require_POST
def retire(request: SignedIn, slug: str, gold_id: int) -> HttpResponse:
    """Hand it out no more."""
    _dataset, campaign = _campaign(request, slug)
    found = get_object_or_404(Gold, pk=gold_id, campaign=campaign)
    if golds.retire(found, by=request.user):
        messages.success(request, _("Retired: %s may be in a version again.") % found.item)
    return redirect("curate:gold", slug=slug)


def _editor(
    request: SignedIn,
    campaign: Campaign,
    item: Item,
    step: Step,
    form: GoldForm,
    known: dict[str, Any],
    gold: Gold | None = None,
) -> HttpResponse:
    protocol = protocol_named(campaign.protocol)
    names = _names(item)
    chain = steps.together(protocol, step)
    answers = by_side(protocol, known, responses=names, flipped=False)
    if request.method == "POST":
        answers = _sent(request, chain)
    context = {
        "dataset": item.dataset,
        "tab": "gold",
        **content_of(item, protocol),
        "gold": gold,
        "form": form,
        "step": _(step.title),
        "fields": [field for link in chain for field in _fields(protocol, link, answers)],
        "helps": rendering.helps(protocol),
    }
    return render(request, "curate/gold_item.html", context)


def _fields(protocol: Protocol, step: Step, answers: dict[str, Any]) -> list[Field]:
    """The fields of a step by side, of what can be measured."""
    sides = ("", "a", "b")[: protocol.responses + 1]
    fields = [field for side in sides for field in fields_of(protocol, step, side, answers)]
    measured = {question.key for question in step.questions if question.is_settled_by_votes}
    return [field for field in fields if field.key in measured]


def _said(
    request: HttpRequest, protocol: Protocol, step: Step, item: Item, form: GoldForm
) -> dict[str, Any]:
    """What the form says, as `golds.make` takes it."""
    sent = _sent(request, steps.together(protocol, step))
    return {
        "expected": by_response(protocol, sent, responses=_names(item), flipped=False),
        "tolerance": form.tolerance(),
        "explanation": form.cleaned_data["explanation"],
        "instruction": form.cleaned_data["instruction"],
    }


def _sent(request: HttpRequest, chain: list[Step]) -> dict[str, Any]:
    return {k: v for link in chain for k, v in answers_from(request.POST, link).items()}


def _in_steps(protocol: Protocol, step: Step) -> list[Question]:
    return grading.severities_and_scales(steps.together(protocol, step))


def _names(item: Item) -> list[str]:
    return [str(pk) for pk in (item.first_id, item.second_id) if pk is not None]


def _step(protocol: Protocol, key: str) -> Step:
    if key not in {step.key for step in steps.open_to_all(protocol)}:
        raise Http404
    return protocol.step(key)


def _campaign(request: SignedIn, slug: str) -> tuple[Dataset, Campaign]:
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    campaign = campaigns.latest(dataset)
    if campaign is None:
        raise Http404
    return dataset, campaign


def _first_error(errors: Any) -> str:
    """The first thing that is wrong, as one line."""
    return next((str(each[0]) for each in errors.values()), "")
