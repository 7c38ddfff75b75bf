"""The demonstration's gold: what people agree on, how often it is mixed in, and the rules."""

from __future__ import annotations

from annotation import campaigns
from annotation.models import Campaign
from annotation.quality import conduct, gold
from annotation.quality.conduct import Rule
from annotation.vocabulary import ConsequenceKind, GoldPurpose
from datasets_app.models import Item
from datasets_app.protocols import protocol_named

STEP = "safety"
# The first of the proposals measure, the next teach.
SILENT, TEACHING = 4, 2
GOLD_SHARE, REPEAT_SHARE = 0.15, 0.05
EXPLANATION = "Everybody who judged it said so: read the answer together with the question."
RULES = (
    Rule("", 0.7, 5, ConsequenceKind.WARN),
    Rule("safety", 0.5, 8, ConsequenceKind.TRAIN),
)


def have_measured(campaign: Campaign) -> None:
    """Make gold of what settled without a dissenting vote, mix it in, and declare the rules."""
    protocol = protocol_named(campaign.protocol)
    step = protocol.step(STEP)
    likely = gold.likely(campaign, step, limit=SILENT + TEACHING)
    for number, pk in enumerate(likely):
        item = Item.objects.get(pk=pk)
        purpose = GoldPurpose.SILENT if number < SILENT else GoldPurpose.QUALIFICATION
        gold.make(
            campaign,
            item,
            STEP,
            expected=gold.settled_answers(item, protocol, step),
            purpose=purpose,
            explanation=EXPLANATION,
            by=None,
        )
    campaigns.set_checks(
        campaign, by=None, is_checked=True, gold_share=GOLD_SHARE, repeat_share=REPEAT_SHARE
    )
    conduct.declare(campaign, RULES, by=None)
