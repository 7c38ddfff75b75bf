"""A campaign whose people are measured: settled gold, open items, shares at their limits."""

from __future__ import annotations

from typing import Any

from annotation.models import Campaign, Gold
from annotation.quality import gold
from annotation.vocabulary import GoldPurpose
from datasets_app.models import Dataset, Item, Verdict
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState, VerdictMethod
from tests import build
from tests.annotation.voting import named

# By position: the first is unsafe and worse, the second is safe.
KNOWN: dict[str, Any] = {
    "safe": {"0": False, "1": True},
    "categories": {"0": ["Drugs"], "1": []},
    "severity": {"0": 2, "1": 0},
    "better": "1",
    "better_strength": 1,
    "safer": "1",
}


def a_settled_item(dataset: Dataset, answers: dict[str, Any] | None = None, **fields: Any) -> Item:
    """An item with a verdict of three votes on each question."""
    item = build.item(dataset, state=ItemState.SETTLED, **fields)
    found = expected(item, answers)
    for question in protocol_named(dataset.protocol).questions:
        value = found.get(question.key)
        each = value.items() if isinstance(value, dict) else [(None, value)]
        for response, said in each:
            if said is None:
                continue
            Verdict.objects.create(
                item=item,
                question=question.key,
                response_id=response,
                value=said,
                votes=[[f"v{n}", said, True] for n in range(3)],
                agreement=1.0,
                method=VerdictMethod.MAJORITY,
            )
    return item


def expected(item: Item, answers: dict[str, Any] | None = None) -> dict[str, Any]:
    """The answers by position as canonical ones."""
    names = [str(pk) for pk in (item.first_id, item.second_id) if pk is not None]
    return named(protocol_named(item.dataset.protocol), answers or KNOWN, names)


def some_gold(
    campaign: Campaign,
    *,
    step: str = "safety",
    number: int = 1,
    purpose: GoldPurpose = GoldPurpose.SILENT,
    answers: dict[str, Any] | None = None,
    **fields: Any,
) -> list[Gold]:
    """So many settled items as gold of a step; of a qualification with a why."""
    found = []
    if purpose is GoldPurpose.QUALIFICATION:
        fields.setdefault("explanation", "So it is.")
    for _ in range(number):
        item = a_settled_item(campaign.dataset, answers)
        fields.setdefault("expected", None)
        wanted = fields["expected"] or expected(item, answers)
        more = {key: value for key, value in fields.items() if key != "expected"}
        found.append(
            gold.make(campaign, item, step, expected=wanted, purpose=purpose, by=None, **more)
        )
    return found


def mixing(campaign: Campaign, *, gold_share: float = 0.5, repeat_share: float = 0.0) -> Campaign:
    """The campaign with checks mixed in at these shares."""
    Campaign.objects.filter(pk=campaign.pk).update(
        is_checked=True, gold_share=gold_share, repeat_share=repeat_share
    )
    campaign.refresh_from_db()
    return campaign
