"""What is held goes back when the day's work is over: none of its person's doing."""

from __future__ import annotations

import pytest

from annotation import assigning
from annotation.assigning import Assignment
from annotation.models import Annotator, Campaign, Lapse, Pace
from annotation.vocabulary import LapseCause
from annotation.wellbeing import wishes
from datasets_app.models import Event
from tests import build
from tests.annotation import checked
from tests.cast import annotators

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    dataset = build.dataset("beavertails")
    build.items(6, dataset)
    return build.campaign(dataset, overlap=1)


@pytest.fixture
def ana(campaign: Campaign) -> Annotator:
    return annotators(1, campaign.dataset)[0]


def rest(ana: Annotator, campaign: Campaign) -> None:
    """For as long as she wants no more of today; then it is another day."""
    wishes.wish(ana, {"daily_exposure": 0})
    with pytest.raises(assigning.Resting):
        assigning.leases(ana, campaign)
    wishes.wish(ana, {"daily_exposure": None})


def of_items(held: list[Assignment]) -> list[object]:
    return [one.item_id for one in held]


def test_it_comes_again_first_and_not_last(ana: Annotator, campaign: Campaign) -> None:
    held = assigning.leases(ana, campaign)
    rest(ana, campaign)
    assert set(of_items(assigning.leases(ana, campaign))) == set(of_items(held))


def test_a_check_comes_again_as_well(ana: Annotator, campaign: Campaign) -> None:
    checked.some_gold(campaign, answers={"safe": {"0": True}})
    checked.mixing(campaign)
    Pace.objects.create(annotator=ana, campaign=campaign, wait=0)
    (check,) = assigning.leases(ana, campaign, want=1)
    assert check.check is not None
    Pace.objects.update(wait=100)
    rest(ana, campaign)
    assert of_items(assigning.leases(ana, campaign, want=1)) == of_items([check])


def test_nobody_is_said_to_have_given_it_back(ana: Annotator, campaign: Campaign) -> None:
    assigning.leases(ana, campaign)
    rest(ana, campaign)
    assert {lapse.cause for lapse in Lapse.objects.all()} == {LapseCause.RESTED}
    assert {event.actor_id for event in Event.objects.filter(verb="rest")} == {None}


def test_what_is_held_ahead_beyond_the_day_is_nobodys_doing_either(
    ana: Annotator, campaign: Campaign
) -> None:
    assert len(assigning.leases(ana, campaign)) == 2
    wishes.wish(ana, {"daily_answers": 1})
    assert len(assigning.leases(ana, campaign)) == 1
    assert Lapse.objects.get().cause == LapseCause.RESTED
