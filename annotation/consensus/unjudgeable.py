"""Items that too many people could not judge: they go to a curator instead of round and round."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from annotation.consensus import deciding
from annotation.models import Annotation, Campaign, Skip
from annotation.vocabulary import SkipReason, Standing
from datasets_app import ledger
from datasets_app.models import Item, Membership
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState, Role, VerdictMethod

# What these say is about the item. Who is upset, or does not read the language, says nothing of it.
REASONS = (SkipReason.CANNOT_JUDGE, SkipReason.BROKEN)


def consider(campaign: Campaign, item_id: UUID, step: str) -> bool:
    """Dispute the item if so many people skipped this step of it as the campaign bears.

    In the transaction of the skip. Votes that were given stand as verdicts, the step's questions
    are in dispute. False when the item stays as it is.
    """
    if campaign.skips_at_most is None:
        return False
    # Two who skip at once are counted one after the other.
    item = Item.objects.select_for_update(no_key=True).get(pk=item_id)
    skips = _counted_skips(campaign, item, step)
    if item.state != ItemState.OPEN or skips < campaign.skips_at_most:
        return False
    why = f"{skips} could not judge it" if skips > 1 else "somebody could not judge it"
    if not _write(campaign, item, step, why):
        return False
    return bool(
        ledger.move(
            [item.pk],
            before=ItemState.OPEN,
            after=ItemState.DISPUTED,
            verb="unjudgeable",
            reason=why,
        )
    )


def _counted_skips(campaign: Campaign, item: Item, step: str) -> int:
    """How many people could not judge it; those do not count whose votes do not count either.

    Whose work was set aside is out of the dataset and has no vote that counts; whoever left
    without that has his votes still, and his skips with them.
    """
    here = Membership.objects.filter(
        user=OuterRef("annotator__user"), dataset=campaign.dataset_id, role=Role.ANNOTATOR
    )
    votes = Annotation.objects.filter(
        annotator=OuterRef("annotator"), campaign=campaign, standing=Standing.COUNTED
    )
    skips = Skip.objects.filter(campaign=campaign, item=item, step=step, reason__in=REASONS)
    return skips.filter(
        Q(annotator__user__is_superuser=True) | Exists(here) | Exists(votes)
    ).count()


def _write(campaign: Campaign, item: Item, step: str, why: str) -> bool:
    """Write the verdicts, the step's in dispute; False when a curator ruled on all of these."""
    asked = {question.key for question in protocol_named(campaign.protocol).step(step).questions}
    ruled = deciding.rulings_on([item.pk])[item.pk]
    names = deciding.responses_of(item.first_id, item.second_id)
    votes = deciding.counted(campaign, {item.pk: names}, VerdictMethod.MAJORITY)
    decisions = [
        replace(one, dispute=why) if one.question in asked and one.spot not in ruled else one
        for one in votes.decide(item.pk, ruled)
    ]
    if not any(one.dispute == why for one in decisions):
        return False
    deciding.write({item.pk: decisions}, VerdictMethod.MAJORITY)
    return True
