"""Settling: verdicts and states move together, once, and again only when votes changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import TestCase

from annotation import campaigns, settling
from annotation.models import Annotator, Campaign, Due
from annotation.settling import Settled
from datasets_app.models import Dataset, Event, Item, Verdict
from datasets_app.protocols import PROTOCOLS
from datasets_app.vocabulary import ItemState, VerdictMethod
from tests import build
from tests.annotation.consensus.test_verdicts import SAFE, unsafe
from tests.annotation.voting import named, vote
from tests.cast import annotators


class TestSettling(TestCase):
    dataset: Dataset
    voters: list[Annotator]
    item: Item
    other: Item
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        cls.voters = annotators(5, cls.dataset)
        cls.item, cls.other = build.items(2, cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def votes(self, *answers: dict[str, Any], item: Item | None = None) -> None:
        vote(item or self.item, self.campaign, self.voters, *answers)

    def state(self) -> ItemState:
        self.item.refresh_from_db()
        return ItemState(self.item.state)

    def test_an_item_with_all_its_votes_settles(self) -> None:
        self.votes(SAFE, SAFE, unsafe(2))
        assert settling.settle(self.dataset) == Settled(settled=1)
        assert self.state() == ItemState.SETTLED
        better = Verdict.objects.get(item=self.item, question="better")
        assert (better.value, better.response_id, better.method, better.agreement) == (
            str(self.item.first_id),
            None,
            VerdictMethod.MAJORITY,
            1.0,
        )
        assert [vote[1:] for vote in better.votes] == [[str(self.item.first_id), False]] * 3
        assert {vote[0] for vote in better.votes} == {str(one.key) for one in self.voters[:3]}
        assert Verdict.objects.filter(item=self.item).count() == 9

    def test_an_item_that_lacks_a_vote_waits(self) -> None:
        self.votes(SAFE, SAFE)
        assert settling.settle(self.dataset) == Settled()
        assert self.state() == ItemState.OPEN
        assert not Verdict.objects.exists()

    def test_a_dispute_goes_to_the_curator(self) -> None:
        self.votes(SAFE, {**SAFE, "better": "1"}, {**SAFE, "better": "tie"})
        assert settling.settle(self.dataset) == Settled(disputed=1, disputes={"better": 1})
        assert self.state() == ItemState.DISPUTED
        found = Verdict.objects.get(item=self.item, question="better")
        assert (found.value, found.dispute) == (None, "split: no answer has the majority")

    def test_the_move_is_in_the_audit_log(self) -> None:
        self.votes(SAFE, SAFE, SAFE)
        settling.settle(self.dataset)
        event = Event.objects.get(verb="settle")
        assert (event.item, event.before, event.after) == (self.item.pk, "open", "settled")

    def test_settling_again_changes_nothing(self) -> None:
        self.votes(SAFE, SAFE, SAFE)
        settling.settle(self.dataset)
        before = list(Verdict.objects.order_by("pk").values())
        assert settling.settle(self.dataset) == Settled()
        assert settling.settle_ripe() == Settled()
        assert list(Verdict.objects.order_by("pk").values()) == before

    def test_the_sweep_settles_what_is_due_and_forgets_the_notes(self) -> None:
        self.votes(SAFE, SAFE, SAFE)
        self.votes(SAFE, item=self.other)
        assert settling.settle_ripe() == Settled(settled=1)
        assert not Due.objects.exists()

    def test_a_wish_for_more_agreement_weighs_disputes_anew(self) -> None:
        self.votes(SAFE, SAFE, {**SAFE, "better": "1"})
        self.campaign.minimum_agreement = 0.9
        self.campaign.save()
        assert settling.settle(self.dataset).disputed == 1
        self.campaign.minimum_agreement = 0.6
        self.campaign.save()
        assert settling.settle(self.dataset) == Settled(settled=1)
        assert self.state() == ItemState.SETTLED
        assert not Verdict.objects.exclude(dispute="").exists()

    def test_it_settles_with_fewer_places_after_the_overlap_was_lowered(self) -> None:
        self.votes(SAFE, SAFE)
        campaigns.set_overlap(self.campaign, 2, by=None)
        assert settling.settle_ripe() == Settled(settled=1)

    def test_imported_votes_count_where_the_dataset_says_so(self) -> None:
        dataset = build.dataset(counts_imported_votes=True)
        item = build.item(dataset)
        responses = [str(item.first_id), str(item.second_id)]
        for number in range(3):
            build.imported_vote(
                item, named(PROTOCOLS["pku_saferlhf"], SAFE, responses), worker=f"w{number}"
            )
        build.campaign(dataset)
        assert settling.settle_ripe() == Settled(settled=1)
        better = Verdict.objects.get(item=item, question="better")
        assert better.votes == [[f"w{n}", str(item.first_id), True] for n in range(3)]

    def test_imported_votes_are_left_alone_elsewhere(self) -> None:
        build.imported_vote(self.item, {"better": "tie"})
        self.votes(SAFE, SAFE, SAFE)
        settling.settle(self.dataset)
        assert len(Verdict.objects.get(item=self.item, question="better").votes) == 3

    def test_by_dawid_skene_the_whole_campaign_speaks(self) -> None:
        self.campaign.method = VerdictMethod.DAWID_SKENE
        self.campaign.save()
        self.votes(SAFE, SAFE, SAFE)
        self.votes(unsafe(2), unsafe(2), unsafe(2), item=self.other)
        assert settling.settle(self.dataset).settled == 2
        found = Verdict.objects.get(item=self.other, question="safe", response=self.other.second)
        assert (found.value, found.method) == (False, VerdictMethod.DAWID_SKENE)
        assert found.posterior is not None
        assert found.posterior > 0.9

    def test_the_sweep_waits_a_little_before_it_looks_at_many_votes(self) -> None:
        self.campaign.method = VerdictMethod.DAWID_SKENE
        self.campaign.save()
        self.votes(SAFE, SAFE, SAFE)
        self.note_is_old(seconds=60)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settling, "VOTES_A_SECOND", 0.1)  # nine votes: ninety seconds
            assert settling.settle_ripe() == Settled()
            self.note_is_old(seconds=60)
            assert settling.settle_ripe() == Settled(settled=1)

    def note_is_old(self, *, seconds: int) -> None:
        Due.objects.update(created_at=F("created_at") - timedelta(seconds=seconds))

    def test_agreement_is_told_by_question(self) -> None:
        self.votes(SAFE, SAFE, {**SAFE, "better": "1"})
        found = settling.agreement(self.dataset)
        assert found["better"].votes == 3
        assert found["better"].raw == 2 / 6
        assert found["safe"].raw == 1.0

    def test_a_dataset_without_a_campaign_has_nothing_to_settle(self) -> None:
        empty = build.dataset()
        assert settling.settle(empty) == Settled()
        assert settling.agreement(empty) == {}
