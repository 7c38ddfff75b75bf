"""Reporting: what somebody reported in a campaign, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from annotation.models import Annotator, Campaign, Check, Lapse
from annotation.vocabulary import CheckPurpose, CheckState, LapseCause
from datasets_app.models import Event, Item
from datasets_app.vocabulary import ItemState


@dataclass(frozen=True, slots=True)
class Reports:
    """Items that one person reported: `upheld` were withdrawn then, `others` freed or not decided
    about yet.
    """

    upheld: int
    others: int

    @property
    def number(self) -> int:
        return self.upheld + self.others


def own_report(annotator: Annotator) -> Exists:
    """Whether this person reported the item of a row that has an `item`."""
    return Exists(
        Event.objects.filter(item=OuterRef("item_id"), verb="report", actor=annotator.user_id)
    )


def reports_of(annotator: Annotator, campaign: Campaign) -> Reports:
    """What this person reported in the campaign at work, as an item or as a check."""
    his = Q(own_report(annotator), annotator=annotator, campaign=campaign)
    items = Lapse.objects.filter(his, cause=LapseCause.REPORTED).values("item")
    checks = Check.objects.filter(his, state=CheckState.SKIPPED).exclude(
        purpose=CheckPurpose.QUALIFICATION
    )
    reported = Item.objects.filter(Q(pk__in=items) | Q(pk__in=checks.values("item"))).aggregate(
        upheld=Count("pk", filter=Q(state=ItemState.WITHDRAWN)),
        others=Count("pk", filter=~Q(state=ItemState.WITHDRAWN)),
    )
    return Reports(**reported)
