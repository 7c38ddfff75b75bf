"""Parting from an item without answering it: skip with a reason, report."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation import access, labelling
from annotation.models import Annotator, Campaign
from annotation.page.forms import ReportForm, SkipForm
from annotation.page.wire import Answer, answered, at_work, is_json, read_object, reads_json
from annotation.quality import qualifying
from annotation.vocabulary import SkipReason


@reads_json
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def skip(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the item back for good, and say why; the next one comes."""
    if request.method == "POST" and is_json(request):
        return answered(request, lambda: _skip_json(request, slug))
    annotator, campaign = access.at_work(request.user, slug)
    form = SkipForm(request.POST or None, initial={"token": request.GET.get("token", "")})
    if request.method != "POST" or not form.is_valid():
        return _asked(request, campaign, form, "skip", title=_("Skip this item"), act=_("Skip"))
    said: dict[str, Any] = form.cleaned_data
    _skip(annotator, said)
    return _gone_on(annotator, campaign, said["token"])


def _gone_on(annotator: Annotator, campaign: Campaign, token: UUID) -> HttpResponse:
    """To the next item: of the qualification, where the one parted from was of that."""
    # Looked for whatever it was: nobody is to tell a check by how long it takes.
    is_trial = qualifying.trial_under(annotator, campaign, token) is not None
    return redirect("label:qualify" if is_trial else "label:page", slug=campaign.slug)


def _skip(annotator: Annotator, said: dict[str, Any]) -> None:
    reason = SkipReason(said["reason"])
    labelling.skip(annotator, said["token"], reason=reason, note=said["note"])


def _skip_json(request: HttpRequest, slug: str) -> Answer:
    """The same from the page's script, which goes on to what it has ahead."""
    annotator, _campaign = at_work(request, slug)
    form = SkipForm(read_object(request))
    if not form.is_valid():
        return _unfit()
    _skip(annotator, form.cleaned_data)
    return {"done": {"skipped": True}}


@reads_json
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Freeze the item for everybody until a moderator has looked at it."""
    if request.method == "POST" and is_json(request):
        return answered(request, lambda: _report_json(request, slug))
    annotator, campaign = access.at_work(request.user, slug)
    form = ReportForm(request.POST or None, initial={"token": request.GET.get("token", "")})
    if request.method != "POST" or not form.is_valid():
        return _asked(
            request, campaign, form, "report", title=_("Report this item"), act=_("Report")
        )
    said: dict[str, Any] = form.cleaned_data
    is_reported = labelling.report(annotator, said["token"], reason=said["reason"])
    notify = messages.success if is_reported else messages.error
    notify(request, _said_of_report(is_reported))
    return _gone_on(annotator, campaign, said["token"])


def _report_json(request: HttpRequest, slug: str) -> Answer:
    """The same from the page's script, which says what became of it."""
    annotator, _campaign = at_work(request, slug)
    form = ReportForm(read_object(request))
    if not form.is_valid():
        return _unfit()
    said: dict[str, Any] = form.cleaned_data
    is_reported = labelling.report(annotator, said["token"], reason=said["reason"])
    return {"done": {"reported": is_reported}, "said": _said_of_report(is_reported)}


def _said_of_report(is_reported: bool) -> str:
    if is_reported:
        return _("Thank you. Nobody sees this item again until a moderator has looked at it.")
    return _("You no longer have this item; it was not reported.")


def _unfit() -> HttpResponse:
    return JsonResponse({"message": _("Something is missing or does not fit.")}, status=422)


def _asked(
    request: HttpRequest, campaign: Campaign, form: forms.Form, part: str, *, title: str, act: str
) -> HttpResponse:
    context = {"campaign": campaign, "form": form, "title": title, "act": act}
    context["form_part"] = f"label/parts/{part}.html"
    return render(request, "label/part.html", context, status=400 if form.is_bound else 200)
