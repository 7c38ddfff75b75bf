"""At the campaign's cap of items: what belongs to one's own item is still taken, though late."""

from __future__ import annotations

import pytest

from annotation import assigning, holding
from annotation.assigning import Assignment
from annotation.labelling import statements
from annotation.models import Annotator, Campaign
from annotation.vocabulary import Standing
from tests import build
from tests.annotation.answering import submit
from tests.annotation.weakening import weakened
from tests.cast import annotators

pytestmark = pytest.mark.django_db

OWN = "AND b.item_id <> s.item_id"
# To an item with one response.
SAFE = {"safe": {"a": True}}


def of_one_item(protocol: str) -> tuple[Annotator, Campaign]:
    """Ana, in a campaign that gives one item to a person and has one."""
    dataset = build.dataset(protocol)
    build.item(dataset)
    (ana,) = annotators(1, dataset)
    return ana, build.campaign(dataset, overlap=1, most_items=1)


def taken_again() -> tuple[Annotator, Assignment]:
    """What Ana gave back and then took again, by its first token."""
    ana, campaign = of_one_item("beavertails")
    (held,) = assigning.leases(ana, campaign, want=1)
    holding.release(ana, held.token)
    (again,) = assigning.leases(ana, campaign, want=1)
    assert (again.item_id, again.token != held.token) == (held.item_id, True)
    return ana, held


def follow_up() -> tuple[Annotator, Assignment]:
    """The step that follows what Ana answered, given back."""
    ana, campaign = of_one_item("safesora")
    submit(ana, assigning.leases(ana, campaign, want=1)[0])
    (held,) = assigning.leases(ana, campaign, want=1)
    holding.release(ana, held.token)
    return ana, held


def test_ones_own_item_may_be_handed_in() -> None:
    ana, held = taken_again()
    assert submit(ana, held, answers=SAFE).standing is Standing.COUNTED


def test_and_so_may_the_step_that_follows() -> None:
    ana, held = follow_up()
    assert submit(ana, held).standing is Standing.COUNTED


def test_if_ones_own_item_were_counted_too_it_would_be_late() -> None:
    ana, held = taken_again()
    with weakened((statements, "TAKE_BACK"), guard=OWN):
        assert submit(ana, held, answers=SAFE).standing is Standing.LATE


def test_and_so_would_the_step_that_follows() -> None:
    ana, held = follow_up()
    with weakened((statements, "TAKE_BACK"), guard=OWN):
        assert submit(ana, held).standing is Standing.LATE
