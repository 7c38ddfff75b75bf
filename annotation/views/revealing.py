"""Reveals on request: what is covered is given out under a reveal that the server has opened."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from annotation import access
from annotation.models import Annotator, Campaign
from annotation.page.rendering import covered_parts
from annotation.page.sheets import Seat, Sheet, sheets
from annotation.wellbeing import exposures


def opened(request: HttpRequest, annotator: Annotator, campaign: Campaign, sheet: Sheet) -> bool:
    """Whether somebody without a script asked for what is covered, and a reveal of it is open now.

    It is not when the day's budget is used up; then a line says so.
    """
    if request.GET.get("reveal") != "yes" or not sheet.is_covered:
        return False
    try:
        is_over = exposures.reveal(annotator, campaign, sheet.token).is_over
    except exposures.NotHeld:
        return False
    if is_over:
        messages.warning(request, _("That is enough for today: nothing more is shown."))
    return not is_over


def behind_doors(annotator: Annotator, campaign: Campaign, token: UUID) -> dict[str, str]:
    """What belongs behind the doors of an item that this person has revealed. Raises Http404."""
    place = access.seen_under(annotator, campaign, token)
    (sheet,) = sheets(campaign, annotator, [Seat.at(place)])
    return covered_parts(sheet)
