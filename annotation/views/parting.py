"""Parting from an item without answering it: skip with a reason, report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation import access, labelling
from annotation.models import Campaign
from annotation.page.forms import ReportForm, SkipForm
from annotation.vocabulary import SkipReason


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def skip(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the item back for good, and say why; the next one comes."""
    annotator, campaign = access.at_work(request.user, slug)
    form = SkipForm(request.POST or None, initial={"token": request.GET.get("token", "")})
    if request.method != "POST" or not form.is_valid():
        return _asked(request, campaign, form, "skip", title=_("Skip this item"), act=_("Skip"))
    said: dict[str, Any] = form.cleaned_data
    labelling.skip(annotator, said["token"], reason=SkipReason(said["reason"]), note=said["note"])
    return redirect("label:page", slug=campaign.slug)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Freeze the item for everybody until a moderator has looked at it."""
    annotator, campaign = access.at_work(request.user, slug)
    form = ReportForm(request.POST or None, initial={"token": request.GET.get("token", "")})
    if request.method != "POST" or not form.is_valid():
        return _asked(
            request, campaign, form, "report", title=_("Report this item"), act=_("Report")
        )
    said: dict[str, Any] = form.cleaned_data
    if labelling.report(annotator, said["token"], reason=said["reason"]):
        messages.success(
            request, _("Thank you. Nobody sees this item again until a moderator has looked at it.")
        )
    else:
        messages.error(request, _("You no longer have this item; it was not reported."))
    return redirect("label:page", slug=campaign.slug)


def _asked(
    request: HttpRequest, campaign: Campaign, form: forms.Form, part: str, *, title: str, act: str
) -> HttpResponse:
    context = {"campaign": campaign, "form": form, "title": title, "act": act}
    context["form_part"] = f"label/parts/{part}.html"
    return render(request, "label/part.html", context, status=400 if form.is_bound else 200)
