"""Further places that nobody has begun go, where the answers or the plan no longer ask for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.test import TestCase

from annotation import assigning, holding, labelling, settling
from annotation.assigning import Assignment
from annotation.consensus import foregoing, strategies
from annotation.consensus.strategies import Plan
from annotation.models import Annotation, Annotator, Campaign, Due, Slot
from annotation.vocabulary import Strategy
from datasets_app.models import Dataset, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.actors import Actor
from tests.annotation.answering import submit
from tests.annotation.promises import no_promise_is_broken
from tests.cast import annotators

# To an item with one response.
SAFE: dict[str, Any] = {"safe": {"a": True}}
UNSAFE: dict[str, Any] = {"safe": {"a": False}, "categories": {"a": ["terrorism,organized_crime"]}}


class Asking:
    """One item, one step, and people who answer it one after the other."""

    def __init__(self, plan: Plan) -> None:
        self.dataset: Dataset = build.dataset("beavertails")
        self.item: Item = build.item(self.dataset)
        self.campaign: Campaign = build.campaign(self.dataset, overlap=plan.overlap)
        self.crowd: list[Annotator] = annotators(6, self.dataset)
        self.follow(plan)

    def follow(self, plan: Plan) -> None:
        strategies.follow(self.campaign, plan, by=None)
        self.campaign.refresh_from_db()

    def held(self, who: int) -> Assignment:
        return assigning.leases(self.crowd[who], self.campaign, want=1)[0]

    def answer(self, *said: dict[str, Any]) -> None:
        """The next people say so, each when settling has looked at what was said before."""
        for answers in said:
            submit(self.crowd[self.answered()], self.held(self.answered()), answers=answers)
            settling.settle_ripe()

    def answered(self) -> int:
        return Annotation.objects.filter(is_first=True).count()

    def revise(self, who: int, answers: dict[str, Any]) -> None:
        own = Annotation.objects.get(annotator=self.crowd[who], standing="counted")
        labelling.revise(self.crowd[who], own, key=uuid4(), answers=answers)

    def places(self) -> list[str]:
        return list(Slot.objects.order_by("number").values_list("state", flat=True))

    def state(self) -> ItemState:
        return ItemState(Item.objects.get().state)


SEQUENTIAL = Plan(Strategy.SEQUENTIAL, 2, 5, 0.9, None)


class Sure(TestCase):
    def differing(self) -> Asking:
        asking = Asking(SEQUENTIAL)
        asking.answer(SAFE, UNSAFE)
        assert asking.places() == ["done", "done", "open"]
        return asking

    def test_an_item_settles_when_a_second_thought_makes_its_answers_sure(self) -> None:
        asking = self.differing()
        asking.revise(1, SAFE)
        assert settling.settle_ripe().settled == 1
        assert asking.places() == ["done", "done"]
        assert asking.state() is ItemState.SETTLED
        no_promise_is_broken()

    def test_without_that_look_it_would_wait_for_a_third(self) -> None:
        asking = self.differing()
        asking.revise(1, SAFE)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(foregoing, "further", lambda *_: [])
            settling.settle_ripe()
        assert asking.places() == ["done", "done", "open"]
        assert asking.state() is ItemState.OPEN

    def test_a_place_that_somebody_has_stays_and_its_answer_counts(self) -> None:
        asking = self.differing()
        held = asking.held(2)
        asking.revise(1, SAFE)
        settling.settle_ripe()
        assert asking.places() == ["done", "done", "leased"]
        submit(asking.crowd[2], held, answers=SAFE)
        assert settling.settle_ripe().settled == 1
        no_promise_is_broken()

    def test_given_back_it_goes(self) -> None:
        asking = self.differing()
        held = asking.held(2)
        asking.revise(1, SAFE)
        settling.settle_ripe()
        assert holding.release(asking.crowd[2], held.token)
        assert settling.settle_ripe().settled == 1
        assert asking.places() == ["done", "done"]

    def test_a_second_thought_that_leaves_them_unsure_takes_nothing_away(self) -> None:
        asking = self.differing()
        asking.revise(0, UNSAFE)
        asking.revise(1, SAFE)
        settling.settle_ripe()
        assert asking.places() == ["done", "done", "open"]
        assert asking.state() is ItemState.OPEN
        assert not Due.objects.exists()

    def test_they_are_sure_also_where_less_certainty_is_wanted_than_before(self) -> None:
        asking = self.differing()
        asking.answer(SAFE)
        assert asking.places() == ["done", "done", "done", "open"]
        asking.follow(replace(SEQUENTIAL, certainty=0.75))
        assert settling.settle_ripe().settled == 1
        assert asking.places() == ["done", "done", "done"]
        no_promise_is_broken()

    def test_of_two_steps_the_one_that_is_still_unsure_keeps_its_place(self) -> None:
        """Two chains have a further place; a second thought makes one of them sure."""
        dataset = build.dataset()
        build.item(dataset)
        campaign = build.campaign(dataset, overlap=2)
        strategies.follow(campaign, SEQUENTIAL, by=None)
        campaign.refresh_from_db()
        crowd = annotators(2, dataset)
        for one, better in zip(crowd, "ab", strict=True):
            while held := assigning.leases(one, campaign, want=1):
                answers = _two_sided(held[0].step, _side(better, flipped=held[0].flipped))
                submit(one, held[0], answers=answers)
        settling.settle_ripe()
        further = Slot.objects.filter(number=3).order_by("step")
        assert list(further.values_list("step", flat=True)) == ["helpful", "safer"]
        given = Annotation.objects.get(step="helpful", annotator=crowd[1])
        answers = {"better": _side("a", flipped=given.flipped)}
        labelling.revise(crowd[1], given, key=uuid4(), answers=answers)
        settling.settle_ripe()
        assert list(further.values_list("step", flat=True)) == ["safer"]
        assert Item.objects.get().state == ItemState.OPEN
        no_promise_is_broken()


def _side(better: str, *, flipped: bool) -> str:
    """Where the first response (a) or the second stands."""
    return {"a": "b", "b": "a"}[better] if flipped else better


def _two_sided(step: str, side: str) -> dict[str, Any]:
    """Both are safe; the better and the safer one stands at that side."""
    each: dict[str, dict[str, Any]] = {
        "safety": {"safe": {"a": True, "b": True}},
        "helpful": {"better": side},
        "safer": {"safer": side},
    }
    return each[step]


class Lowered(TestCase):
    """As many as five are asked, and three answered without coming to an end."""

    def asking(self) -> Asking:
        asking = Asking(Plan(Strategy.SEQUENTIAL, 1, 5, 0.97, None))
        asking.answer(SAFE, UNSAFE, SAFE)
        assert asking.places() == ["done", "done", "done", "open"]
        return asking

    LOWERED = Plan(Strategy.SEQUENTIAL, 1, 2, 0.97, None)

    def test_the_further_place_goes_and_the_item_is_what_its_votes_make_of_it(self) -> None:
        asking = self.asking()
        asking.follow(self.LOWERED)
        settling.settle_ripe()
        assert asking.places() == ["done", "done", "done"]
        assert asking.state() is not ItemState.OPEN
        no_promise_is_broken()

    def test_what_comes_back_later_goes_then(self) -> None:
        asking = self.asking()
        held = asking.held(3)
        asking.follow(self.LOWERED)
        settling.settle_ripe()
        assert asking.places()[-1] == "leased"
        assert holding.release(asking.crowd[3], held.token)
        assert asking.places() == ["done", "done", "done"]
        settling.settle_ripe()
        assert asking.state() is not ItemState.OPEN

    def test_so_does_one_that_was_asked_for_before_the_number_was_fixed(self) -> None:
        asking = self.asking()
        asking.follow(Plan(Strategy.FIXED, 1, 5, 0.97, None))
        settling.settle_ripe()
        assert asking.places() == ["done", "done", "done"]
        assert asking.state() is not ItemState.OPEN

    def test_without_the_note_of_the_lowering_it_would_stay(self) -> None:
        asking = self.asking()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(strategies, "_weigh_further_places_anew", lambda _campaign: None)
            asking.follow(self.LOWERED)
        settling.settle_ripe()
        assert asking.places() == ["done", "done", "done", "open"]


@pytest.mark.django_db(transaction=True)
def test_a_place_that_somebody_is_just_taking_is_looked_at_again() -> None:
    asking = Asking(SEQUENTIAL)
    asking.answer(SAFE, UNSAFE)
    asking.revise(1, SAFE)
    looker = Actor()
    try:
        looker.begin()
        assert looker.does(list, Slot.objects.select_for_update().filter(state="open"))
        settling.settle_ripe()
        looker.commit()
    finally:
        looker.leaves()
    assert asking.places() == ["done", "done", "open"]
    assert settling.settle_ripe().settled == 1
    assert asking.places() == ["done", "done"]
