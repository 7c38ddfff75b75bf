"""Strategies: how many people judge an item, and when they have given up on it, by a curator."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from annotation import campaigns
from annotation.models import Campaign
from annotation.vocabulary import Strategy
from datasets_app import ledger


@dataclass(frozen=True, slots=True)
class Plan:
    """How a campaign asks: `overlap` people an item, when sequential up to `overlap_at_most`.

    `certainty` is how probable the leading answer must be to ask nobody more. After
    `skips_at_most` people who could not judge it an item goes to a curator; None: never.
    """

    strategy: Strategy
    overlap: int
    overlap_at_most: int
    certainty: float
    skips_at_most: int | None


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
    )


def follow(campaign: Campaign, plan: Plan, *, by: User | None) -> int:
    """Ask by this plan from now on; the change in slots of items begun, as of `set_overlap`.

    What has settled stays. Places that an item was given beyond the overlap stay as well, if
    somebody has begun there or the overlap is not lowered. Raises BadPlan.
    """
    _check(plan)
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if plan_of(locked) == plan:
            return 0
        before = locked.widest
        locked.strategy = plan.strategy
        locked.overlap_at_most = plan.overlap_at_most
        locked.certainty = plan.certainty
        locked.skips_at_most = plan.skips_at_most
        locked.save(update_fields=["strategy", "overlap_at_most", "certainty", "skips_at_most"])
        # `before` is what the invariant of the overlap reads: the widest that there was.
        ledger.note(
            "set_strategy",
            by=by.pk if by else None,
            dataset=locked.dataset_id,
            subject=f"campaign:{locked.pk}",
            before=str(before),
            after=str(locked.widest),
            data={
                "strategy": plan.strategy.value,
                "certainty": plan.certainty,
                "skips_at_most": plan.skips_at_most,
            },
        )
        if locked.overlap == plan.overlap:
            return 0
        return campaigns.set_overlap(locked, plan.overlap, by=by)


def _check(plan: Plan) -> None:
    if plan.overlap not in campaigns.OVERLAPS or plan.overlap_at_most not in campaigns.OVERLAPS:
        raise BadPlan("An item is judged by one to nine people.")
    if plan.strategy is Strategy.SEQUENTIAL and plan.overlap_at_most < plan.overlap:
        raise BadPlan("The most people cannot be fewer than the first ones.")
    if not 0.5 <= plan.certainty < 1:
        raise BadPlan("The certainty lies between 0.5 and 1.")
    if plan.skips_at_most is not None and not 1 <= plan.skips_at_most <= 9:
        raise BadPlan("An item is given up after one to nine skips, or never.")
