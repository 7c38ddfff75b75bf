"""Strategies: how many people judge an item, what their votes come to, and when they give it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction

from annotation import campaigns
from annotation.meanwhile import merged
from annotation.models import Campaign
from annotation.vocabulary import Strategy
from datasets_app import ledger
from datasets_app.vocabulary import VerdictMethod

# What settling weighs anew, as it does whenever votes change.
_DISPUTES_ARE_DUE = """
INSERT INTO annotation_due (campaign_id, item_id)
SELECT %(campaign)s, id FROM datasets_app_item
WHERE dataset_id = %(dataset)s AND state = 'disputed'
"""
# Items that were given a further place which nobody has begun: it may be needless by this plan.
_ASKED_MORE_ARE_DUE = """
INSERT INTO annotation_due (campaign_id, item_id)
SELECT DISTINCT s.campaign_id, s.item_id
FROM annotation_slot s JOIN datasets_app_item i ON i.id = s.item_id
WHERE s.campaign_id = %(campaign)s AND s.state = 'open' AND s.reserved_for_id IS NULL
  AND i.state IN ('open', 'quarantined')
  AND EXISTS (SELECT FROM datasets_app_event e
              WHERE e.item = s.item_id AND e.verb = 'widen'
                AND e.subject = 'campaign:' || %(campaign)s::bigint)
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a campaign asks: `overlap` people an item, when sequential up to `overlap_at_most`.

    `certainty` is how probable the leading answer must be to ask nobody more. After
    `skips_at_most` people who could not judge it an item goes to a curator; None: never. Votes
    become verdicts by `method`, majority or Dawid–Skene; a verdict with less than
    `minimum_agreement`, 0 to 1, is disputed: its share of the votes, or its posterior.
    """

    strategy: Strategy
    overlap: int
    overlap_at_most: int
    certainty: float
    skips_at_most: int | None
    method: VerdictMethod = VerdictMethod.MAJORITY
    minimum_agreement: float = 0.6


class BadPlan(Exception):
    """A plan that cannot be followed; the text says why, in a line for the curator."""


def plan_of(campaign: Campaign) -> Plan:
    """The plan that the campaign follows."""
    return Plan(
        Strategy(campaign.strategy),
        campaign.overlap,
        campaign.overlap_at_most,
        campaign.certainty,
        campaign.skips_at_most,
        VerdictMethod(campaign.method),
        campaign.minimum_agreement,
    )


def follow(
    campaign: Campaign, plan: Plan, *, by: User | None, seen: Mapping[str, Any] | None = None
) -> int:
    """Ask by this plan from now on; the change in slots of items begun, as of `set_overlap`.

    What has settled stays; what is disputed is weighed anew if verdicts come about otherwise now.
    Places that an item was given beyond the overlap stay as well, if somebody has begun there;
    settling takes away those that this plan would not give. `seen` is the plan beside which this
    one was said, by name: what is said as it was seen stays as it is now. Raises BadPlan and
    ChangedMeanwhile.
    """
    _check(plan)
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        before = plan_of(locked)
        plan = Plan(**merged(asdict(before), asdict(plan), seen or {}))
        _check(plan)
        if before == plan:
            return 0
        _write(locked, plan, by=by)
        if (before.method, before.minimum_agreement) != (plan.method, plan.minimum_agreement):
            _weigh_disputes_anew(locked)
        if Strategy.SEQUENTIAL in (before.strategy, plan.strategy):
            _weigh_further_places_anew(locked)
        if locked.overlap == plan.overlap:
            return 0
        return campaigns.set_overlap(locked, plan.overlap, by=by)


def _write(locked: Campaign, plan: Plan, *, by: User | None) -> None:
    """All of the plan but the overlap, which has a verb and an event of its own."""
    widest = locked.widest
    said = {
        "strategy": plan.strategy.value,
        "certainty": plan.certainty,
        "skips_at_most": plan.skips_at_most,
        "method": plan.method.value,
        "minimum_agreement": plan.minimum_agreement,
    }
    for name, value in said.items():
        setattr(locked, name, value)
    locked.overlap_at_most = plan.overlap_at_most
    locked.save(update_fields=[*said, "overlap_at_most"])
    # `before` is what the invariant of the overlap reads: the widest that there was.
    ledger.note(
        "set_strategy",
        by=by.pk if by else None,
        dataset=locked.dataset_id,
        subject=f"campaign:{locked.pk}",
        before=str(widest),
        after=str(locked.widest),
        data=said,
    )


def _weigh_disputes_anew(campaign: Campaign) -> None:
    with connection.cursor() as cursor:
        names = {"campaign": campaign.pk, "dataset": campaign.dataset_id}
        cursor.execute(_DISPUTES_ARE_DUE, names)


def _weigh_further_places_anew(campaign: Campaign) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ASKED_MORE_ARE_DUE, {"campaign": campaign.pk})


def _check(plan: Plan) -> None:
    if plan.overlap not in campaigns.OVERLAPS or plan.overlap_at_most not in campaigns.OVERLAPS:
        raise BadPlan("An item is judged by one to nine people.")
    if plan.strategy is Strategy.SEQUENTIAL and plan.overlap_at_most < plan.overlap:
        raise BadPlan("The most people cannot be fewer than the first ones.")
    if not 0.5 <= plan.certainty < 1:
        raise BadPlan("The certainty lies between 0.5 and 1.")
    if plan.skips_at_most is not None and not 1 <= plan.skips_at_most <= 9:
        raise BadPlan("An item is given up after one to nine skips, or never.")
    if plan.method is VerdictMethod.RULING:
        raise BadPlan("Votes become verdicts by majority or by Dawid–Skene.")
    if not 0 <= plan.minimum_agreement <= 1:
        raise BadPlan("The minimum agreement lies between 0 and 1.")
