"""Who no longer annotates there: all that is held goes back, and nothing that comes counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from annotation import assigning, held_checks, leaving
from annotation.assigning import Assignment
from annotation.labelling import statements
from annotation.models import Annotator, Campaign, Check, Pace, Slot
from annotation.vocabulary import CheckState, Standing
from datasets_app.models import Membership
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.weakening import weakened
from tests.cast import annotators

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    dataset = build.dataset()
    build.items(2, dataset)
    made = checked.mixing(build.campaign(dataset))
    checked.some_gold(made)
    return made


@pytest.fixture
def ana(campaign: Campaign) -> Annotator:
    (found,) = annotators(1, campaign.dataset)
    Pace.objects.create(annotator=found, campaign=campaign, wait=0)
    return found


def an_item(ana: Annotator, campaign: Campaign) -> Assignment:
    Pace.objects.update(wait=100)
    (held,) = assigning.leases(ana, campaign, want=1)
    assert held.check is None
    return held


def a_check(ana: Annotator, campaign: Campaign) -> Assignment:
    (held,) = assigning.leases(ana, campaign, want=1)
    assert held.check is not None
    return held


# --- What was held


def revoked(ana: Annotator, campaign: Campaign) -> None:
    leaving.revoke(ana, campaign, by=None)


def set_aside(ana: Annotator, campaign: Campaign) -> None:
    leaving.set_aside(ana, campaign, by=None, reason="x")


ENDS = (revoked, set_aside)


@pytest.mark.parametrize("end", ENDS)
def test_checks_end_with_the_work(
    end: Callable[[Annotator, Campaign], None], ana: Annotator, campaign: Campaign
) -> None:
    a_check(ana, campaign)
    end(ana, campaign)
    assert Check.objects.get().state == CheckState.LAPSED


@pytest.mark.parametrize("end", ENDS)
def test_if_items_alone_came_back_a_check_would_be_held_on(
    end: Callable[[Annotator, Campaign], None],
    ana: Annotator,
    campaign: Campaign,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held_checks, "end_all_of", lambda *_who, **_why: 0)
    a_check(ana, campaign)
    end(ana, campaign)
    assert not Slot.objects.filter(state="leased").exists()
    assert Check.objects.get().state == CheckState.LEASED


# --- What comes, where nobody took back what was held


def out(held: Assignment) -> Assignment:
    """What is held on, while the membership went by another way than `leaving`."""
    Membership.objects.all().delete()
    return held


def test_answers_to_an_item_that_is_held_on_are_late(ana: Annotator, campaign: Campaign) -> None:
    assert submit(ana, out(an_item(ana, campaign))).standing is Standing.LATE


def test_without_a_look_who_is_inside_they_would_count(ana: Annotator, campaign: Campaign) -> None:
    with weakened((statements, "COUNT"), guard=f"AND {statements._inside}"):
        assert submit(ana, out(an_item(ana, campaign))).standing is Standing.COUNTED


def test_answers_to_a_check_that_is_held_on_are_late(ana: Annotator, campaign: Campaign) -> None:
    assert submit(ana, out(a_check(ana, campaign))).standing is Standing.LATE


def test_without_that_look_a_check_would_say_that_it_counts(
    ana: Annotator, campaign: Campaign
) -> None:
    with weakened((statements, "ANSWER"), guard=f"AND {statements._inside}"):
        assert submit(ana, out(a_check(ana, campaign))).standing is Standing.COUNTED
