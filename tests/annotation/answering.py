"""Plain answers for tests: what a page would send for a step when nothing is wrong anywhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db.models import F

from annotation import assigning, labelling
from annotation.assigning import Assignment
from annotation.labelling import Submitted, played
from annotation.models import Annotator, Campaign, Check, Lapse, Slot
from annotation.vocabulary import ViewingEvidence
from datasets_app.protocols import protocol_named

# By step, of all protocols: both responses safe, neither better.
PLAIN: dict[str, dict[str, Any]] = {
    "safety": {"safe": {"a": True, "b": True}},
    "helpful": {"better": "tie"},
    "safer": {"safer": "tie"},
    "pilot": {
        "instruction_following": "a",
        "correctness": "a",
        "informativeness": "b",
        "aesthetics": "tie",
        "categories": {"a": [], "b": []},
    },
    "overall": {"better": "a", "safer": "tie"},
}


def submit(annotator: Annotator, held: Assignment, **fields: Any) -> Submitted:
    """Submit plain answers to what is held; `fields` as of `labelling.submit`.

    What the step wants to have played counts as played, as by a simulated annotator.
    """
    campaign = Campaign.objects.get(pk=held.campaign_id)
    if share := protocol_named(campaign.protocol).step(held.step).played:
        lengths = played.lengths_of(held.item_id)
        played.credit(
            annotator, held.token, lengths, share=share, evidence=ViewingEvidence.SIMULATED
        )
    defaults = {"key": uuid4(), "token": held.token, "answers": PLAIN[held.step]}
    return labelling.submit(annotator, **{**defaults, **fields})


def let_pass(seconds: float) -> None:
    """Whatever is held was leased so much earlier."""
    for model in (Slot, Check, Lapse):
        model.objects.filter(leased_at__isnull=False).update(
            leased_at=F("leased_at") - timedelta(seconds=seconds)
        )


def work(annotator: Annotator, campaign: Campaign, *, at_most: int = 10_000) -> int:
    """Answer plainly all that there is for this person; how many steps."""
    done = 0
    while done < at_most and (held := assigning.leases(annotator, campaign, want=1)):
        submit(annotator, held[0])
        done += 1
    return done


def work_until_nothing(annotator: Annotator, campaign: Campaign) -> int:
    """Answer until told that there is nothing; "busy" is not nothing."""
    done = 0
    while True:
        try:
            held = assigning.leases(annotator, campaign, want=1)
        except assigning.Busy:
            continue
        if not held:
            return done
        submit(annotator, held[0])
        done += 1
