"""After something severe: which answers to checks are no mild item, so that the pause goes on."""

from __future__ import annotations

from uuid import uuid4

import pytest

from annotation import assigning, holding, labelling
from annotation.assigning import Assignment
from annotation.checks import answering
from annotation.labelling import statements
from annotation.models import Annotation, Annotator, Campaign, Gold, Pace, Slot
from annotation.quality import qualifying
from annotation.vocabulary import GoldPurpose, RestCause, Standing
from datasets_app.models import Item
from tests import build
from tests.annotation import checked
from tests.annotation.answering import PLAIN, submit
from tests.annotation.weakening import weakened
from tests.cast import annotators

pytestmark = pytest.mark.django_db

REVISED = "%(standing)s, false)"


@pytest.fixture
def campaign() -> Campaign:
    dataset = build.dataset()
    build.items(2, dataset)
    made = checked.mixing(build.campaign(dataset))
    Slot.objects.exclude(step="safety").delete()
    return made


@pytest.fixture
def ana(campaign: Campaign) -> Annotator:
    (found,) = annotators(1, campaign.dataset)
    Pace.objects.create(annotator=found, campaign=campaign, wait=0)
    return found


def a_check(ana: Annotator, campaign: Campaign) -> Assignment:
    checked.some_gold(campaign)
    (held,) = assigning.leases(ana, campaign, want=1)
    assert held.check is not None
    return held


def answer_something_severe(ana: Annotator, campaign: Campaign) -> None:
    """It is severe, as all is that is left of the items."""
    Pace.objects.update(wait=100)
    (held,) = assigning.leases(ana, campaign, want=1)
    assert held.check is None
    Item.objects.exclude(pk__in=Gold.objects.values("item")).update(machine_severity=3)
    submit(ana, held)
    assert is_resting(ana, campaign)


def is_resting(ana: Annotator, campaign: Campaign) -> bool:
    """Whether nothing comes because something severe was just answered; else something does."""
    try:
        held = assigning.leases(ana, campaign, want=1)
    except assigning.Resting as resting:
        return resting.cause is RestCause.COOLING
    assert held
    return False


# --- One whose lease was over


def rests_after_one_that_was_over(ana: Annotator, campaign: Campaign) -> bool:
    held = a_check(ana, campaign)
    holding.release(ana, held.token)
    answer_something_severe(ana, campaign)
    assert submit(ana, held).standing is Standing.COUNTED
    return is_resting(ana, campaign)


def test_a_check_whose_lease_was_over_ends_no_pause(ana: Annotator, campaign: Campaign) -> None:
    assert rests_after_one_that_was_over(ana, campaign)


def test_without_a_look_at_its_lease_it_would(ana: Annotator, campaign: Campaign) -> None:
    with weakened((statements, "ANSWER"), guard="mine.state = 'leased' AND"):
        assert not rests_after_one_that_was_over(ana, campaign)


# --- One of a qualification


def rests_after_a_trial(ana: Annotator, campaign: Campaign) -> bool:
    checked.some_gold(campaign, purpose=GoldPurpose.QUALIFICATION)
    (trial,) = qualifying.begin(ana, campaign)
    answer_something_severe(ana, campaign)
    labelling.submit(ana, token=trial.token, key=uuid4(), answers=PLAIN["safety"])
    assert Annotation.objects.filter(standing=Standing.TRIAL).exists()
    return is_resting(ana, campaign)


def test_a_qualification_ends_no_pause(ana: Annotator, campaign: Campaign) -> None:
    assert rests_after_a_trial(ana, campaign)


def test_if_a_trial_were_as_good_it_would(ana: Annotator, campaign: Campaign) -> None:
    with weakened((statements, "ANSWER"), guard="AND %(standing)s::varchar <> 'trial'"):
        assert not rests_after_a_trial(ana, campaign)


# --- One that was answered before


def rests_after_a_second_thought(ana: Annotator, campaign: Campaign) -> bool:
    done = submit(ana, a_check(ana, campaign))
    answer_something_severe(ana, campaign)
    first = Annotation.objects.get(pk=done.annotation_id)
    labelling.revise(ana, first, key=uuid4(), answers=PLAIN["safety"])
    return is_resting(ana, campaign)


def test_a_second_thought_about_a_check_ends_no_pause(ana: Annotator, campaign: Campaign) -> None:
    assert rests_after_a_second_thought(ana, campaign)


def test_if_it_were_as_good_as_a_first_it_would(ana: Annotator, campaign: Campaign) -> None:
    as_first = REVISED.replace("false", "true")
    with weakened((answering, "REPLACE"), guard=REVISED, instead=as_first):
        assert not rests_after_a_second_thought(ana, campaign)
