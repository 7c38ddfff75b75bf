"""Checks keep to what keeps items from a person, and are held against what was said of them."""

from __future__ import annotations

from typing import Any

import pytest

from annotation import assigning, holding
from annotation.assigning import Assignment
from annotation.checks import mixing
from annotation.eligibility import FITS
from annotation.labelling import statements
from annotation.models import Annotator, Campaign, Check, Gold, Pace
from annotation.prepared import compact
from annotation.quality import gold
from annotation.vocabulary import Standing
from annotation.wellbeing import wishes
from datasets_app.models import Dataset, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.test_checks import at_once
from tests.annotation.weakening import weakened
from tests.cast import as_annotator, cast

pytestmark = pytest.mark.django_db

VOTED = """
AND NOT EXISTS (
    SELECT FROM annotation_annotation a
    WHERE a.annotator_id = %(annotator)s AND a.item_id = g.item_id
      AND a.standing NOT IN ('check', 'revised'))
"""


@pytest.fixture
def dataset() -> Dataset:
    found = build.dataset()
    build.items(4, found)
    return found


@pytest.fixture
def campaign(dataset: Dataset) -> Campaign:
    return checked.mixing(build.campaign(dataset), gold_share=0.5)


@pytest.fixture
def ana(dataset: Dataset, campaign: Campaign) -> Annotator:
    return as_annotator(cast(dataset).ana)


def next_check(annotator: Annotator, campaign: Campaign) -> Check | None:
    """The check that comes to this person when one is due, if any does."""
    at_once(annotator, campaign)
    for held in assigning.leases(annotator, campaign, want=1):
        if held.check is None:
            holding.release(annotator, held.token)
    return Check.objects.filter(annotator=annotator, state="leased").first()


def gold_on_what_was_voted_on(annotator: Annotator, campaign: Campaign) -> None:
    (held,) = assigning.leases(annotator, campaign, want=1)
    submit(annotator, held)
    item = Item.objects.get(pk=held.item_id)
    Item.objects.filter(pk=item.pk).update(state=ItemState.SETTLED)
    expected = checked.expected(item)
    gold.make(campaign, item, "safety", expected=expected, by=None)


def test_who_voted_on_it_does_not_get_it_as_gold(ana: Annotator, campaign: Campaign) -> None:
    gold_on_what_was_voted_on(ana, campaign)
    assert next_check(ana, campaign) is None


def test_without_that_guard_it_would_come(ana: Annotator, campaign: Campaign) -> None:
    gold_on_what_was_voted_on(ana, campaign)
    with weakened((mixing, "_ISSUE_GOLD"), guard=VOTED):
        assert next_check(ana, campaign) is not None


SPARED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"machine_categories": ["Violence"]}, {"unwanted": ["violence"]}),
    ({"meta": {"language": "fr"}}, {"languages": ["de"]}),
    ({"meta": {"author": "ana"}}, {}),
]


@pytest.mark.parametrize(("item", "wish"), SPARED)
def test_what_is_kept_from_a_person_does_not_come_as_gold(
    item: dict[str, Any], wish: dict[str, Any], ana: Annotator, campaign: Campaign
) -> None:
    checked.some_gold(campaign)
    Item.objects.filter(pk=Gold.objects.get().item_id).update(**item)
    if wish:
        wishes.wish(ana, wish)
    assert next_check(ana, campaign) is None
    with weakened((mixing, "_ISSUE_GOLD"), guard=FITS):  # the negative control
        assert next_check(ana, campaign) is not None


@pytest.mark.parametrize("statement", ["_ISSUE_GOLD", "_ISSUE_REPEAT", "_ISSUE_FOLLOWING"])
def test_every_way_to_a_check_asks_what_fits(statement: str) -> None:
    assert compact(FITS) in compact(getattr(mixing, statement))


@pytest.mark.parametrize(("tolerance", "fault"), [({}, 0.5), ({"severity": 0}, 1.0)])
def test_an_item_of_gold_may_have_a_tolerance_of_its_own(
    tolerance: dict[str, int], fault: float, ana: Annotator, campaign: Campaign
) -> None:
    checked.some_gold(campaign, tolerance=tolerance)
    check = next_check(ana, campaign)
    assert check is not None
    (held,) = assigning.leases(ana, campaign, want=1)
    bad, good = ("b", "a") if held.flipped else ("a", "b")
    answers = {
        "safe": {bad: False, good: True},
        "categories": {bad: ["Drugs"], good: []},
        "severity": {bad: 1},
    }
    submit(ana, held, answers=answers)
    check.refresh_from_db()
    assert check.faults["severity"] == fault


LAPSED = """
AND k.endurance > coalesce((
    SELECT avg((other.state <> 'open')::int) FROM (
        SELECT l.item_id FROM annotation_lapse l
        WHERE l.annotator_id = k.annotator_id AND l.campaign_id = k.campaign_id
        ORDER BY abs(extract(epoch FROM l.leased_at - k.leased_at)) LIMIT 10
    ) AS near JOIN datasets_app_item other ON other.id = near.item_id), 0)
"""


def old_tokens(annotator: Annotator, campaign: Campaign) -> list[Assignment]:
    """Items and checks that this person gave back, all of whose items are closed by now."""
    given_back = []
    for number in range(6):
        wait = 0 if number in (1, 4) else 100
        Pace.objects.update_or_create(
            annotator=annotator, campaign=campaign, defaults={"wait": wait}
        )
        (held,) = assigning.leases(annotator, campaign, want=1)
        given_back.append(held)
        holding.release(annotator, held.token)
    Item.objects.filter(state=ItemState.OPEN).update(state=ItemState.SETTLED)
    return given_back


def came_too_late(annotator: Annotator, campaign: Campaign) -> set[tuple[bool, bool]]:
    """Of each old token: whether it was a check's, and whether what comes now is late."""
    return {
        (one.check is not None, submit(annotator, one).standing is Standing.LATE)
        for one in old_tokens(annotator, campaign)
    }


def test_old_tokens_of_closed_items_do_not_tell_a_check(ana: Annotator, campaign: Campaign) -> None:
    checked.some_gold(campaign, number=3)
    assert came_too_late(ana, campaign) == {(False, True), (True, True)}


def test_without_that_guard_they_would(ana: Annotator, campaign: Campaign) -> None:
    checked.some_gold(campaign, number=3)
    with weakened((statements, "ANSWER"), guard=LAPSED):
        # Of two checks only the newer one is among what may still be handed in.
        assert (True, False) in came_too_late(ana, campaign)
