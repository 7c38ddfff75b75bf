"""Adjudicating: a curator's word stands, as long as it contradicts nothing that stands."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.test import TestCase

from annotation import adjudicating, settling
from annotation.adjudicating import RulingRefused
from annotation.models import Annotator, Campaign, Due
from datasets_app.models import Dataset, Event, Item, Ruling, Verdict
from datasets_app.vocabulary import ItemState, VerdictMethod
from tests import build
from tests.annotation.consensus.test_verdicts import SAFE, unsafe
from tests.annotation.voting import vote
from tests.cast import annotators, cast


class TestRuling(TestCase):
    dataset: Dataset
    cora: User
    voters: list[Annotator]
    item: Item
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()
        cls.cora = cast(cls.dataset).cora
        cls.voters = annotators(3, cls.dataset)
        cls.item = build.item(cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def disputed(self, *answers: dict[str, Any]) -> None:
        vote(self.item, self.campaign, self.voters, *answers)
        settling.settle(self.dataset)
        self.item.refresh_from_db()

    def rule(self, reason: str = "", **values: Any) -> ItemState:
        """Rule; `safe_b=…` is about the second response, `better=…` about the item."""
        places = {"a": self.item.first_id, "b": self.item.second_id}
        rulings = {}
        for name, value in values.items():
            question, _, letter = name.partition("_")
            rulings[question, places.get(letter)] = value
        return adjudicating.rule(self.item, rulings, by=self.cora, reason=reason)

    def verdict(self, question: str, letter: str = "") -> Verdict:
        places = {"a": self.item.first_id, "b": self.item.second_id}
        return Verdict.objects.get(item=self.item, question=question, response=places.get(letter))

    def split(self) -> None:
        self.disputed(SAFE, {**SAFE, "better": "1"}, {**SAFE, "better": "tie"})
        assert self.item.state == ItemState.DISPUTED

    def test_the_last_dispute_ruled_settles_the_item(self) -> None:
        self.split()
        assert self.rule(better="tie", reason="both say the same") == ItemState.SETTLED
        assert self.item.state == Item.objects.get(pk=self.item.pk).state == ItemState.SETTLED
        found = self.verdict("better")
        assert (found.value, found.method, found.dispute) == ("tie", VerdictMethod.RULING, "")
        assert found.ruling is not None
        assert (found.ruling.ruled_by, found.ruling.reason) == (self.cora, "both say the same")
        assert len(found.votes) == 3

    def test_it_is_in_the_audit_log(self) -> None:
        self.split()
        self.rule(better="tie", reason="seen twice")
        move = Event.objects.get(verb="rule")
        assert (move.actor, move.item, move.before, move.after, move.reason) == (
            self.cora,
            self.item.pk,
            "disputed",
            "settled",
            "seen twice",
        )
        assert Event.objects.get(verb="ruling").data == {"questions": ["better"]}

    def test_other_disputes_stay(self) -> None:
        self.disputed(SAFE, {**SAFE, "better": "1", "safer": "1"}, unsafe(2) | {"better": "tie"})
        assert Verdict.objects.exclude(dispute="").count() == 2
        assert self.rule(better="tie") == ItemState.DISPUTED
        assert self.verdict("safer").dispute

    def test_ruling_again_stands_beside_the_first(self) -> None:
        self.split()
        self.rule(better="tie")
        assert self.rule(better=str(self.item.first_id)) == ItemState.SETTLED
        assert Ruling.objects.count() == 2
        assert self.verdict("better").value == str(self.item.first_id)

    def test_a_ruling_is_never_changed(self) -> None:
        self.split()
        self.rule(better="tie")
        with pytest.raises(DatabaseError), transaction.atomic():
            Ruling.objects.update(reason="never said that")

    def test_what_hangs_on_a_ruling_is_decided_anew(self) -> None:
        self.disputed(SAFE, SAFE, unsafe(3, "Drugs"))
        assert self.item.state == ItemState.SETTLED
        assert self.rule(safe_b=False, safer=str(self.item.first_id)) == ItemState.SETTLED
        # The one who called it unsafe said how.
        assert (self.verdict("severity", "b").value, self.verdict("categories", "b").value) == (
            3,
            ["Drugs"],
        )
        assert self.verdict("severity", "b").method == VerdictMethod.MAJORITY

    def test_what_the_votes_decided_is_in_dispute_when_a_ruling_contradicts_it(self) -> None:
        self.disputed(SAFE, SAFE, unsafe(3, "Drugs"))
        assert self.rule(safe_b=False) == ItemState.DISPUTED
        assert self.verdict("safer").dispute.startswith("rule unsafe_is_not_as_safe")
        assert self.rule(safer=str(self.item.first_id)) == ItemState.SETTLED

    def test_a_ruling_that_contradicts_an_earlier_one_is_refused(self) -> None:
        self.disputed(SAFE, SAFE, unsafe(3, "Drugs"))
        self.rule(safer=str(self.item.second_id))
        with pytest.raises(RulingRefused, match="B is unsafe and A is safe"):
            self.rule(safe_b=False)

    def test_ruling_it_safe_clears_severity_and_categories(self) -> None:
        self.disputed(unsafe(1), unsafe(2), unsafe(3))
        assert self.verdict("severity", "b").dispute
        assert self.rule(safe_b=True) == ItemState.SETTLED
        assert (self.verdict("severity", "b").value, self.verdict("categories", "b").value) == (
            0,
            [],
        )

    def test_a_ruling_that_contradicts_what_stands_is_refused(self) -> None:
        self.disputed(unsafe(2), unsafe(2), unsafe(2, safer="both_unacceptable"))
        with pytest.raises(RulingRefused, match="B is unsafe and A is safe"):
            self.rule(safer=str(self.item.second_id))
        assert not Ruling.objects.exists()
        assert self.verdict("safer").value == str(self.item.first_id)

    def test_rulings_that_contradict_each_other_are_refused(self) -> None:
        self.split()
        with pytest.raises(RulingRefused):
            self.rule(safe_b=False, severity_b=0, categories_b=["Violence"])

    def test_a_dispute_by_rule_goes_when_its_cause_is_ruled_away(self) -> None:
        self.disputed(
            unsafe(1, safer="0"),
            {**SAFE, "safer": "1"},
            {
                **SAFE,
                "safe": {"0": False, "1": False},
                "categories": {"0": ["Violence"], "1": ["Violence"]},
                "severity": {"0": 1, "1": 1},
                "safer": "1",
            },
        )
        assert self.verdict("safer").dispute.startswith("rule unsafe_is_not_safer")
        assert self.rule(safe_b=True) == ItemState.SETTLED
        assert (self.verdict("safer").value, self.verdict("safer").dispute) == (
            str(self.item.second_id),
            "",
        )

    def test_what_no_question_takes_is_refused(self) -> None:
        self.split()
        for values in (
            {"better": "perhaps"},
            {"better": None},
            {"better": "cannot_judge"},
            {"safe_a": 1},
            {"safe": True},
            {"better_a": "tie"},
            {"severity_a": 4},
            {"categories_a": ["No Such Thing"]},
            {"nothing": 1},
            {},
        ):
            with pytest.raises(RulingRefused):
                self.rule(**values)
        assert not Ruling.objects.exists()

    def test_only_what_was_judged_is_ruled_on(self) -> None:
        with pytest.raises(RulingRefused, match="The item is open"):
            self.rule(better="tie")

    def test_settling_leaves_rulings_alone(self) -> None:
        self.disputed(
            SAFE, {**SAFE, "better": "1"}, {**SAFE, "better": "tie", "safer": "both_unacceptable"}
        )
        self.disputed_again = self.rule(better="tie")
        self.campaign.minimum_agreement = 1.0
        self.campaign.save()
        Due.objects.create(campaign=self.campaign, item=self.item)
        settling.settle(self.dataset)
        assert self.verdict("better").method == VerdictMethod.RULING
        assert self.verdict("safer").dispute.startswith("weak")
        assert Item.objects.get().state == ItemState.DISPUTED
