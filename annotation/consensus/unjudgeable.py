"""Items that too many people could not judge: they go to a curator instead of round and round."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from annotation.consensus import deciding
from annotation.models import Campaign, Skip
from annotation.vocabulary import SkipReason
from datasets_app import ledger
from datasets_app.models import Item
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState, VerdictMethod

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
    skips = Skip.objects.filter(campaign=campaign, item=item, step=step, reason__in=REASONS).count()
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
