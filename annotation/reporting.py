"""Reporting: what somebody reported in a campaign, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from annotation.models import Annotator, Campaign, Check, Lapse
from annotation.vocabulary import CheckPurpose, CheckState, LapseCause
from datasets_app.models import Event, Item
from datasets_app.vocabulary import ItemState

# SQL: whether the person `{who}` reported the item `{item}`, as an item or as a check: it does not
# come to him again, whoever frees it. A check that was reported leaves no lapse: it was skipped,
# and an event tells the rest. IS NOT DISTINCT FROM is an equality that no index answers: so the
# item's is looked into, of which few rows tell, and not the person's, who may have thousands.
REPORTED = """
(EXISTS (SELECT FROM annotation_lapse r
         WHERE r.item_id = {item} AND r.annotator_id IS NOT DISTINCT FROM {who}
           AND r.cause = 'reported' OFFSET 0)
 OR EXISTS (SELECT FROM annotation_check r
            WHERE r.item_id = {item} AND r.annotator_id IS NOT DISTINCT FROM {who}
              AND r.state = 'skipped' AND EXISTS (
                  SELECT FROM datasets_app_event e
                  WHERE e.item = r.item_id AND e.verb = 'report'
                    AND e.actor_id IS NOT DISTINCT FROM (
                        SELECT p.user_id FROM annotation_annotator p WHERE p.id = r.annotator_id)
                  OFFSET 0) OFFSET 0))
"""


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


def reported_by(annotator: Annotator) -> Q:
    """The same as `REPORTED`, of rows that have an `item`."""
    here = {"annotator": annotator, "item": OuterRef("item_id")}
    items = Lapse.objects.filter(**here, cause=LapseCause.REPORTED)
    checks = Check.objects.filter(own_report(annotator), **here, state=CheckState.SKIPPED)
    return Q(Exists(items)) | Q(Exists(checks))


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
