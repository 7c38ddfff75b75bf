"""What one person reports is none of the doing of others who have the item."""

from __future__ import annotations

from uuid import uuid4

import pytest

from annotation import assigning, drafts, entries, hours, labelling
from annotation.assigning import Assignment
from annotation.models import Annotator, Campaign, Draft, Lapse
from annotation.vocabulary import LapseCause, Standing
from datasets_app.models import Event, Item
from datasets_app.vocabulary import ItemState
from moderation import reviewing
from tests import build
from tests.annotation.answering import submit
from tests.cast import annotators, person

pytestmark = pytest.mark.django_db


class Desk:
    """Ana and Ben have the same item; Ben has begun it."""

    def __init__(self) -> None:
        self.dataset = build.dataset("beavertails")
        self.item: Item = build.item(self.dataset)
        self.campaign: Campaign = build.campaign(self.dataset, overlap=2)
        self.ana: Annotator
        self.ben: Annotator
        self.ana, self.ben = annotators(2, self.dataset)
        self.anas, self.bens = self.held(self.ana), self.held(self.ben)
        self.begun(self.ana, self.anas)
        self.begun(self.ben, self.bens)

    def held(self, who: Annotator) -> Assignment:
        (found,) = assigning.leases(who, self.campaign, want=1)
        return found

    def begun(self, who: Annotator, held: Assignment) -> None:
        drafts.save(who, held.token, page=uuid4(), revision=1, answers={"safe": {"a": True}})

    def worked(self) -> dict[str, tuple[int, int]]:
        return {row.annotator: (row.answers, row.skipped) for row in hours.worked(self.dataset)}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_it_stands_on_the_account_of_its_person_alone(desk: Desk) -> None:
    assert labelling.report(desk.ana, desk.anas.token, reason="names a real person")
    assert desk.worked() == {desk.ana.pseudonym: (0, 1)}
    assert dict(Lapse.objects.values_list("annotator", "cause")) == {
        desk.ana.pk: LapseCause.REPORTED,
        desk.ben.pk: LapseCause.ITEM_LEFT,
    }


def test_what_the_other_had_finished_is_kept_and_paid(desk: Desk) -> None:
    labelling.report(desk.ana, desk.anas.token, reason="names a real person")
    assert submit(desk.ben, desk.bens, answers={"safe": {"a": True}}).standing is Standing.LATE
    assert entries.given(desk.ben) == 1
    assert desk.worked()[desk.ben.pseudonym] == (1, 0)


def test_what_the_other_had_begun_is_there_when_the_item_is_free_again(desk: Desk) -> None:
    labelling.report(desk.ana, desk.anas.token, reason="names a real person")
    assert [draft.annotator_id for draft in Draft.objects.all()] == [desk.ben.pk]
    reviewing.release([desk.item.pk], by=person("mo").pk)
    assert desk.held(desk.ben).item_id == desk.item.pk


def test_the_other_is_not_told_that_he_reported_it_too(desk: Desk) -> None:
    labelling.report(desk.ana, desk.anas.token, reason="names a real person")
    assert not labelling.report(desk.ben, desk.bens.token, reason="so it does")
    assert labelling.report(desk.ana, desk.anas.token, reason="again, the answer got lost")
    assert set(Event.objects.filter(verb="report").values_list("actor", flat=True)) == {
        desk.ana.user_id
    }


def test_an_item_that_went_to_the_curators_is_frozen_all_the_same(desk: Desk) -> None:
    """Somebody still has it: the sweep has not come by."""
    Item.objects.update(state=ItemState.DISPUTED)
    assert labelling.report(desk.ana, desk.anas.token, reason="names a real person")
    assert Item.objects.get().state == ItemState.QUARANTINED
