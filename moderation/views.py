"""The moderator's pages: what machines held back, to release or to withdraw."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from datasets_app.models import Dataset, Item
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState
from moderation import access, held, reviewing
from moderation.forms import Decision, DecisionForm, chosen_items


@require_safe
def datasets(request: HttpRequest) -> HttpResponse:
    """The datasets that this person moderates, with how much is held back in each."""
    mine = access.datasets(request.user)  # type: ignore[arg-type]  # signed in
    numbers = _numbers(mine)
    rows = [
        (
            one,
            protocol_named(one.protocol).title,
            numbers.get((one.pk, ItemState.QUARANTINED.value), 0),
            numbers.get((one.pk, ItemState.SCREENING.value), 0),
        )
        for one in mine
    ]
    return render(request, "moderate/datasets.html", {"rows": rows})


def _numbers(datasets: QuerySet[Dataset]) -> dict[tuple[int, str], int]:
    """Items by dataset and state, of the two states that a moderator waits for."""
    states = (ItemState.QUARANTINED, ItemState.SCREENING)
    rows = (
        Item.objects.filter(dataset__in=datasets, state__in=states)
        .values_list("dataset", "state")
        .annotate(number=Count("pk"))
        .order_by()
    )
    return {(dataset, state): number for dataset, state, number in rows}


@require_safe
def quarantine(request: HttpRequest, slug: str) -> HttpResponse:
    """A grid of what is held back, the gravest first, everything covered."""
    dataset, items = access.quarantine(request.user, slug)  # type: ignore[arg-type]  # signed in
    start = held.read_place(request.GET.get("after", ""))
    page = held.page(items, start)
    if start is not None and not page.cards:
        # What was there has been decided since.
        return redirect("moderate:quarantine", slug=slug)
    context = {"dataset": dataset, "page": page, "number": items.count(), "start": start}
    return render(request, "moderate/quarantine.html", context)


@require_POST
def decide(request: HttpRequest, slug: str) -> HttpResponse:
    """Release or withdraw the chosen items; those that somebody else decided stay decided."""
    _dataset, items = access.quarantine(request.user, slug)  # type: ignore[arg-type]  # signed in
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return HttpResponse(_("This form was not made by this page."), status=400)
    chosen = list(items.filter(pk__in=chosen_items(request.POST)).values_list("pk", flat=True))
    by: int = request.user.pk  # type: ignore[assignment]  # signed in
    try:
        messages.success(request, _carry_out(form, chosen, by=by))
    except reviewing.ReasonMissing:
        messages.error(request, _("Say why: a withdrawn item cannot come back."))
    return redirect(_back(request, slug))


def _carry_out(form: DecisionForm, chosen: list[UUID], *, by: int) -> str:
    """Do what was decided, and say what was done. Raises ReasonMissing."""
    reason: str = form.cleaned_data["reason"]
    match Decision(form.cleaned_data["decision"]):
        case Decision.WITHDRAW:
            moved = reviewing.withdraw(chosen, by=by, reason=reason)
            done = ngettext("%d item withdrawn.", "%d items withdrawn.", len(moved))
        case Decision.RELEASE:
            moved = reviewing.release(chosen, by=by, reason=reason)
            done = ngettext("%d item released.", "%d items released.", len(moved))
    return done % len(moved)


def _back(request: HttpRequest, slug: str) -> str:
    """The page on which it was decided."""
    address = reverse("moderate:quarantine", args=[slug])
    start = held.read_place(request.POST.get("after", ""))
    return f"{address}?after={start}" if start else address
