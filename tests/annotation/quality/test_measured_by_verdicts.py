"""Figures follow the verdicts whatever changed them, and whether the item moved or not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db.models import Max

from annotation import adjudicating, assigning, labelling, settling
from annotation.consensus import strategies
from annotation.models import Annotator, Campaign, Measure
from annotation.quality import measuring
from annotation.vocabulary import SkipReason
from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.answering import submit, work
from tests.annotation.voting import vote
from tests.cast import annotators, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset() -> Dataset:
    return build.dataset()


@pytest.fixture
def item(dataset: Dataset) -> Item:
    return build.item(dataset)


@pytest.fixture
def campaign(dataset: Dataset, item: Item) -> Campaign:
    return build.campaign(dataset, overlap=3, minimum_agreement=0.9)


@pytest.fixture
def crowd(dataset: Dataset) -> list[Annotator]:
    return annotators(3, dataset)


def up_to_date(campaign: Campaign, people: list[Annotator]) -> None:
    """All that was done so far is measured, and more than a minute ago."""
    for one in people:
        measuring._measure_one(campaign, one.pk)
    last = Event.objects.aggregate(last=Max("id"))["last"]
    Campaign.objects.filter(pk=campaign.pk).update(measured_to=last)


def compared(annotator: Annotator) -> dict[str, tuple[int, float]]:
    """With how many verdicts, and how well they agreed, by group."""
    found = Measure.objects.filter(annotator=annotator)
    return {one.group: (one.compared, one.agreed) for one in found}


def are_as_if_made_anew(campaign: Campaign, people: list[Annotator]) -> None:
    measuring.measure(campaign)
    kept = [compared(one) for one in people]
    for one in people:
        measuring._measure_one(campaign, one.pk)
    assert kept == [compared(one) for one in people]


def state_of(item: Item) -> str:
    return Item.objects.get(pk=item.pk).state


def answered(item: Item, campaign: Campaign, crowd: list[Annotator]) -> None:
    """Two of three call the second response unsafe; which one is better everybody sees otherwise.

    So the item is in dispute, whatever the minimum.
    """
    unsafe = {"categories": {"0": [], "1": ["Drugs"]}, "severity": {"0": 0, "1": 2}, "safer": "0"}
    vote(
        item,
        campaign,
        crowd,
        {"safe": {"0": True, "1": False}, "better": "0", **unsafe},
        {"safe": {"0": True, "1": False}, "better": "1", **unsafe},
        {"safe": {"0": True, "1": True}, "better": "tie", "safer": "tie"},
    )
    settling.settle_ripe()
    assert state_of(item) == ItemState.DISPUTED


def test_verdicts_of_an_item_that_people_could_not_judge_count() -> None:
    dataset = build.dataset()
    item, campaign = build.item(dataset), build.campaign(dataset, overlap=2, skips_at_most=1)
    ana, ben = annotators(2, dataset)
    work(ana, campaign)
    submit(ben, assigning.leases(ben, campaign, want=1)[0])
    up_to_date(campaign, [ana, ben])
    held = assigning.leases(ben, campaign, want=1)[0]
    assert labelling.skip(ben, held.token, reason=SkipReason.CANNOT_JUDGE)
    assert state_of(item) == ItemState.DISPUTED
    are_as_if_made_anew(campaign, [ana, ben])
    assert compared(ana)["safety"] == (1, 1.0)


def test_verdicts_that_a_new_minimum_lets_stand_count_though_the_item_stays_in_dispute(
    item: Item, campaign: Campaign, crowd: list[Annotator]
) -> None:
    answered(item, campaign, crowd)
    up_to_date(campaign, crowd)
    before = compared(crowd[2])
    plan = replace(strategies.plan_of(campaign), minimum_agreement=0.5)
    strategies.follow(campaign, plan, by=None)
    settling.settle_ripe()
    assert state_of(item) == ItemState.DISPUTED
    assert Event.objects.get(verb="weigh").item == item.pk
    are_as_if_made_anew(campaign, crowd)
    assert compared(crowd[2]) != before


def test_what_is_weighed_anew_and_comes_to_the_same_has_no_event(
    item: Item, campaign: Campaign, crowd: list[Annotator]
) -> None:
    answered(item, campaign, crowd)
    settling.settle(item.dataset)
    assert not Event.objects.filter(verb="weigh").exists()


def test_a_ruling_on_what_had_settled_counts(
    dataset: Dataset, item: Item, campaign: Campaign, crowd: list[Annotator]
) -> None:
    for one in crowd:
        work(one, campaign)
    settling.settle_ripe()
    assert state_of(item) == ItemState.SETTLED
    up_to_date(campaign, crowd)
    adjudicating.rule(item, {("better", None): str(item.first_id)}, by=person("cora"))
    assert state_of(item) == ItemState.SETTLED
    are_as_if_made_anew(campaign, crowd)
    agreed = {group: good for group, (_number, good) in compared(crowd[0]).items()}
    assert agreed["helpfulness"] < agreed["safety"]
