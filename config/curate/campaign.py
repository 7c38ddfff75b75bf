"""The campaign of a dataset: how it asks, what it lets one person see, whether it is open."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from annotation import campaigns, closing, priority
from annotation.consensus import strategies
from annotation.guidelines import html_of
from annotation.meanwhile import ChangedMeanwhile
from annotation.models import Campaign, Reading, Slot
from annotation.quality import learning
from annotation.vocabulary import CampaignState, Priority, SlotState
from annotation.wellbeing.budgets import set_budgets
from config.curate.budget_form import BudgetForm, budgets_of
from config.curate.forms import GuidelineForm, PlanForm, plan_form_of
from config.requests import SignedIn, reason_in
from datasets_app import access
from datasets_app.models import Dataset, Event
from datasets_app.vocabulary import Role

# What one page of the explorer can hold, and some more.
MOST_ITEMS = 200
# What the explorer's buttons ask for; nothing else is a turn.
_TURNS = {"first": Priority.FIRST, "usual": Priority.USUAL}

# By which field of the form a setting is asked for that has another name there.
_ASKED_AS = {"daily_exposure": "daily_minutes"}


@require_http_methods(["GET", "HEAD", "POST"])
def campaign(request: SignedIn, slug: str) -> HttpResponse:
    """How the campaign asks, and whether it is open; a POST changes how it asks."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    found = campaigns.latest(dataset)
    context = {"dataset": dataset, "tab": "campaign", "campaign": found}
    if found is None:
        return render(request, "curate/campaign.html", context)
    form = PlanForm(request.POST or None, initial=plan_form_of(strategies.plan_of(found)))
    if request.method == "POST" and form.is_valid():
        try:
            changed = strategies.follow(found, form.plan, by=request.user, seen=form.was)
            messages.success(request, _said(changed))
        except ChangedMeanwhile as other:
            messages.error(request, _said_by_another(form, other.names))
        except strategies.BadPlan as wrong:  # beside what another curator said meanwhile
            messages.error(request, _(str(wrong)))
        return redirect("curate:campaign", slug=slug)
    budgets = BudgetForm(dataset=dataset, initial=budgets_of(found))
    return _shown(request, found, form, budgets)


@require_POST
def limits(request: SignedIn, slug: str) -> HttpResponse:
    """Change what one person sees in a day, answers and begins; it holds from the next item on."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    found = campaigns.latest(dataset)
    if found is None:
        return redirect("curate:campaign", slug=slug)
    form = BudgetForm(request.POST, dataset=dataset)
    if form.is_valid():
        try:
            set_budgets(found, form.said(), by=request.user, seen=form.was)
            messages.success(request, _("Kept. It holds from the next item on."))
        except ChangedMeanwhile as other:
            messages.error(request, _said_by_another(form, other.names))
        return redirect("curate:campaign", slug=slug)
    return _shown(request, found, PlanForm(initial=plan_form_of(strategies.plan_of(found))), form)


@require_POST
def close(request: SignedIn, slug: str) -> HttpResponse:
    """Close the campaign that the page was about, after the effect was shown, for a reason."""
    found, reason = _meant(request, slug), reason_in(request)
    if not reason:
        messages.error(request, _("Say why: the reason is kept."))
        return redirect("curate:campaign", slug=slug)
    returned = closing.close(found, by=request.user, reason=reason)
    if returned is None:
        messages.info(request, _("The campaign is closed already."))
    else:
        said = ngettext(
            "The campaign is closed. %d item that somebody had came back.",
            "The campaign is closed. %d items that people had came back.",
            returned,
        )
        messages.success(request, said % (returned,))
    return redirect("curate:campaign", slug=slug)


@require_POST
def open_again(request: SignedIn, slug: str) -> HttpResponse:
    """Open the campaign that the page was about again."""
    found = _meant(request, slug)
    try:
        if closing.open_again(found, by=request.user):
            messages.success(request, _("The campaign is open again."))
        else:
            messages.info(request, _("The campaign is open already."))
    except closing.AnotherIsOpen:
        messages.error(
            request, _("Another campaign of this dataset is open: close that one first.")
        )
    return redirect("curate:campaign", slug=slug)


def _meant(request: SignedIn, slug: str) -> Campaign:
    """The campaign that the page was about when it was made; by now another may be the latest."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    return get_object_or_404(Campaign, dataset=dataset, slug=request.POST.get("campaign", ""))


def _closing_of(campaign: Campaign) -> Event | None:
    """The event of its closing: when, by whom and why."""
    # Little happens in a dataset whose campaign is closed: from the end it is soon found.
    events = Event.objects.filter(
        dataset=campaign.dataset_id, verb="close_campaign", subject=f"campaign:{campaign.pk}"
    )
    return events.select_related("actor").order_by("-pk").first()


@require_http_methods(["GET", "HEAD", "POST"])
def guideline(request: SignedIn, slug: str) -> HttpResponse:
    """Write the guideline; a new text is a new version, which people may have to read again."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    found = campaigns.latest(dataset)
    if found is None:
        return redirect("curate:campaign", slug=slug)
    form = GuidelineForm(request.POST or None, initial={"guideline": found.guideline})
    if request.method == "POST" and form.is_valid():
        number = learning.rewrite(found, form.cleaned_data["guideline"], by=request.user)
        messages.success(request, _("Version %d of the guideline holds now.") % (number,))
        return redirect("curate:guideline", slug=slug)
    context = {
        "dataset": dataset,
        "tab": "campaign",
        "campaign": found,
        "form": form,
        "html": html_of(found.guideline),
        "readers": Reading.objects.filter(campaign=found, version=found.guideline_version).count(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "curate/guideline.html", context, status=status)


def _shown(
    request: SignedIn, campaign: Campaign, form: PlanForm, budgets: BudgetForm
) -> HttpResponse:
    """The page, with the form that was refused, if one was."""
    context = {
        "dataset": campaign.dataset,
        "tab": "campaign",
        "campaign": campaign,
        "form": form,
        "budgets": budgets,
        "places": _places(campaign.dataset),
        "held": closing.held(campaign),
        "closed": None if campaign.state == CampaignState.OPEN else _closing_of(campaign),
    }
    is_refused = form.is_bound or budgets.is_bound
    return render(request, "curate/campaign.html", context, status=422 if is_refused else 200)


def _said(changed: int) -> str:
    if not changed:
        return _("The campaign asks so from now on.")
    return ngettext(
        "The campaign asks so from now on; %d place of items begun came or went.",
        "The campaign asks so from now on; %d places of items begun came or went.",
        changed,
    ) % (changed,)


def _said_by_another(form: PlanForm | BudgetForm, names: list[str]) -> str:
    """What is said where two curators would change the same things at once."""
    labels = [str(form.fields[_ASKED_AS.get(name, name)].label) for name in names]
    said = _(
        "Nothing was kept: somebody else has just changed the same: %s. Here is how it is now."
    )
    return said % (", ".join(labels),)


def _places(dataset: Dataset) -> list[tuple[str, int]]:
    """Places of the dataset's open items by their state."""
    slots = Slot.objects.filter(campaign__dataset=dataset, item__state="open")
    return [(str(state.label), slots.filter(state=state).count()) for state in SlotState]


@require_POST
def prioritise(request: SignedIn, slug: str) -> HttpResponse:
    """Ask for the chosen items first, or in the usual order again."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    found = campaigns.open_campaign(dataset)
    wanted = _TURNS.get(request.POST.get("priority", ""))
    if wanted is None:
        return HttpResponse(_("This form was not made by this page."), status=400)
    items = _items(request.POST.getlist("item"))
    changed = priority.set_priority(found, items, wanted, by=request.user) if found else 0
    if changed:
        said = ngettext("%d item has another turn now.", "%d items have another turn now.", changed)
        messages.success(request, said % (changed,))
    else:
        messages.info(request, _("No open item that was chosen has a place to move."))
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back) if is_ours else redirect("curate:items", slug=slug)


def _items(given: list[str]) -> list[UUID]:
    """What reads as an id; the verb knows which of them are the dataset's."""
    found = []
    for text in given[:MOST_ITEMS]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
