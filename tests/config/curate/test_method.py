"""What votes come to: chosen on the campaign's page, read in an exported file."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import TestCase
from django.urls import reverse

from annotation import settling
from annotation.consensus import strategies
from annotation.models import Annotator, Campaign, Due
from annotation.settling import Settled
from datasets_app import cuts, exports
from datasets_app.models import Dataset, Event, Export, Item, Verdict
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.consensus.test_verdicts import SAFE
from tests.annotation.voting import vote
from tests.cast import Cast, annotators, cast
from tests.config.curate.test_pages import _recipe

# The first two are always right, the others each wrong where nobody else is. So two against two is
# no riddle to who knows the four.
VOTES = [*["0001"] * 4, *["1110"] * 4, *["0010"] * 4, *["1101"] * 4]
SPLIT = "0011"


class Method(TestCase):
    dataset: Dataset
    cast: Cast
    voters: list[Annotator]
    campaign: Campaign
    disputed: Item

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        cls.voters = annotators(4, cls.dataset)
        items = build.items(len(VOTES) + 1, cls.dataset)
        cls.campaign = build.campaign(cls.dataset, overlap=4)
        for item, said in zip(items, [*VOTES, SPLIT], strict=True):
            answers = [{**SAFE, "better": one} for one in said]
            vote(item, cls.campaign, cls.voters, *answers)
        cls.disputed = items[-1]

    def setUp(self) -> None:
        self.client.force_login(self.cast.cora)
        assert settling.settle_ripe() == Settled(len(VOTES), 1, {"better": 1})

    def choose(self, **changes: str) -> None:
        page = self.client.get(reverse("curate:campaign", args=["pairs"]))
        form = {name: value or "" for name, value in page.context["form"].initial.items()}
        answer = self.client.post(reverse("curate:campaign", args=["pairs"]), form | changes)
        assert answer.status_code == 302
        # A test is one moment; the sweep waits a little before it looks at all votes.
        Due.objects.update(created_at=F("created_at") - timedelta(minutes=5))

    def exported(self) -> list[dict[str, Any]]:
        """The records of the next version as they lie in the downloaded file."""
        self.client.post(reverse("curate:cut", args=["pairs"]), _recipe(train="1", test="0"))
        cuts.run_waiting()
        self.client.post(reverse("curate:export", args=["pairs", 1]), {"format": "records"})
        exports.run_waiting()
        address = reverse("curate:download", args=["pairs", 1, Export.objects.get().pk])
        answer: Any = self.client.get(address)
        with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
            return [json.loads(line) for line in archive.read("train.jsonl").splitlines()]

    def test_it_goes_from_the_page_to_a_verdict_in_an_exported_file(self) -> None:
        before = list(Verdict.objects.exclude(item=self.disputed).order_by("pk").values())
        self.choose(method="dawid_skene")
        assert settling.settle_ripe() == Settled(settled=1)
        # What had settled was left alone.
        assert list(Verdict.objects.exclude(item=self.disputed).order_by("pk").values()) == before
        rows = {row["item"]: row["verdicts"] for row in self.exported()}
        assert len(rows) == len(VOTES) + 1
        found = next(v for v in rows[str(self.disputed.pk)] if v["question"] == "better")
        assert (found["method"], found["value"]) == ("dawid_skene", "0")
        assert found["posterior"] > 0.9
        event = Event.objects.get(verb="set_strategy")
        assert (event.actor, event.data["method"]) == (self.cast.cora, "dawid_skene")

    def test_a_higher_minimum_leaves_what_has_settled(self) -> None:
        self.choose(minimum_agreement="1")
        assert settling.settle_ripe() == Settled(disputed=1, disputes={"better": 1})
        states = Item.objects.exclude(pk=self.disputed.pk).values_list("state", flat=True)
        assert set(states) == {ItemState.SETTLED}

    def test_a_change_of_nothing_that_decides_weighs_nothing_anew(self) -> None:
        self.choose(certainty="0.8")
        assert not Due.objects.exists()

    def test_without_the_notes_the_dispute_would_stay(self) -> None:
        """The negative control."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(strategies, "_weigh_disputes_anew", lambda campaign: None)
            self.choose(method="dawid_skene")
        assert settling.settle_ripe() == Settled()
        self.disputed.refresh_from_db()
        assert self.disputed.state == ItemState.DISPUTED

    def test_verdicts_carry_the_method_by_which_they_were_counted(self) -> None:
        """The method changes between the counting and the writing: the notes wait."""
        self.choose(method="dawid_skene")
        stale = Campaign.objects.select_related("dataset").get(pk=self.campaign.pk)
        stale.method = "majority"
        assert settling._settle(stale) == Settled()
        assert Due.objects.exists()
        assert settling.settle_ripe() == Settled(settled=1)
