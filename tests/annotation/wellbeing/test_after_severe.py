"""The rest after something severe, against whoever wants to be done with it sooner."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F
from django.db.models.functions import Now

from annotation import assigning, eligibility, labelling, placing
from annotation.assigning import Assignment
from annotation.models import Annotation, Annotator, Campaign, Exposure
from annotation.vocabulary import SkipReason
from annotation.wellbeing import exposures
from tests import build
from tests.annotation.answering import PLAIN, submit
from tests.annotation.weakening import weakened
from tests.cast import annotators
from tests.history import rewrite

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]

READ = ((eligibility, "_READ"),)


@pytest.fixture
def campaign() -> Campaign:
    dataset = build.dataset()
    build.item(dataset, machine_severity=3)
    return build.campaign(dataset, mild_after_severe=2, cooldown_minutes=10, overlap=1)


@pytest.fixture
def ana(campaign: Campaign) -> Annotator:
    return annotators(1, campaign.dataset)[0]


def more(campaign: Campaign, number: int, severity: int) -> None:
    build.items(number, campaign.dataset, machine_severity=severity)
    placing.place(campaign)


def severe(ana: Annotator, campaign: Campaign) -> Assignment:
    (held,) = assigning.leases(ana, campaign, want=1)
    return held


def is_cooling(ana: Annotator, campaign: Campaign) -> bool:
    return eligibility.terms_of(ana, campaign).cooling_until is not None


def think_again(ana: Annotator, given: Annotation, times: int) -> None:
    for _ in range(times):
        done = labelling.revise(ana, given, key=uuid4(), answers=PLAIN[given.step])
        given = Annotation.objects.get(pk=done.annotation_id)


def test_second_thoughts_do_not_end_it_however_many(ana: Annotator, campaign: Campaign) -> None:
    submit(ana, severe(ana, campaign))
    more(campaign, 1, severity=0)
    mild = Annotation.objects.get(pk=submit(ana, severe(ana, campaign)).annotation_id)
    think_again(ana, mild, times=35)
    assert is_cooling(ana, campaign)


def test_steps_of_one_mild_item_are_one_item(ana: Annotator, campaign: Campaign) -> None:
    submit(ana, severe(ana, campaign))
    more(campaign, 1, severity=0)
    for _ in range(2):
        submit(ana, severe(ana, campaign))
    assert is_cooling(ana, campaign)
    more(campaign, 1, severity=0)
    submit(ana, severe(ana, campaign))
    assert not is_cooling(ana, campaign)


def test_unless_each_answer_counted(ana: Annotator, campaign: Campaign) -> None:
    guard = "FROM answered GROUP BY item_id"
    with (
        weakened(*READ, guard=guard, instead=f"{guard}, id"),
        pytest.raises(AssertionError),
    ):
        test_steps_of_one_mild_item_are_one_item(ana, campaign)


def test_it_begins_when_the_severe_item_goes_out_of_sight(
    ana: Annotator, campaign: Campaign
) -> None:
    held = severe(ana, campaign)
    exposures.reveal(ana, campaign, held.token)
    Exposure.objects.update(began_at=F("began_at") - timedelta(minutes=11))
    assert labelling.skip(ana, held.token, reason=SkipReason.UPSETTING)
    assert is_cooling(ana, campaign)


def mild_beside(ana: Annotator, campaign: Campaign) -> None:
    """Two mild items are answered in another tab while the severe one is in sight."""
    held = severe(ana, campaign)
    more(campaign, 2, severity=0)
    exposures.reveal(ana, campaign, held.token)
    for _ in range(2):
        mild = next(o for o in assigning.leases(ana, campaign, want=2) if o.token != held.token)
        submit(ana, mild)
    exposures.reveal(ana, campaign, held.token)
    assert labelling.skip(ana, held.token, reason=SkipReason.UPSETTING)


def test_mild_items_beside_it_are_no_rest_after_it(ana: Annotator, campaign: Campaign) -> None:
    mild_beside(ana, campaign)
    assert is_cooling(ana, campaign)


def test_unless_it_began_with_the_reveal(ana: Annotator, campaign: Campaign) -> None:
    end = "coalesce(e.ended_at, e.seen_at) AS at"
    mild_beside(ana, campaign)
    with weakened(*READ, guard=end, instead="e.began_at AS at"):
        assert not is_cooling(ana, campaign)


def yesterdays_anew(ana: Annotator, campaign: Campaign) -> int | None:
    """What is left of today's answers after a second thought about one of yesterday's."""
    Campaign.objects.update(daily_answers=1)
    more(campaign, 1, severity=0)
    given = Annotation.objects.get(pk=submit(ana, severe(ana, campaign)).annotation_id)
    rewrite(Annotation.objects.all(), created_at=Now() - timedelta(days=1))
    think_again(ana, given, times=1)
    return eligibility.terms_of(ana, campaign).answers_left


def test_a_second_thought_takes_nothing_off_the_days_answers(
    ana: Annotator, campaign: Campaign
) -> None:
    assert yesterdays_anew(ana, campaign) == 1


def test_unless_the_newest_were_counted(ana: Annotator, campaign: Campaign) -> None:
    guard = eligibility.ANEW
    with weakened(*READ, guard=guard, instead="n.standing NOT IN ('revised', 'trial')"):
        assert yesterdays_anew(ana, campaign) == 0
