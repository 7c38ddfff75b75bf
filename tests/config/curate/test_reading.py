"""What the curator's pages tell: votes side by side, why they dispute, the story, the measures."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import TestCase
from django.urls import reverse

from annotation import adjudicating
from annotation.consensus import verdicts
from annotation.models import Campaign
from config.curate import agreeing, measures, wording
from config.curate.ballots import Ballot, ballots
from config.curate.story import story
from datasets_app import ledger
from datasets_app.models import Dataset, Event, Item, Verdict
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState, VerdictMethod
from moderation.models import Screening
from tests import build
from tests.cast import Cast, as_annotator, cast
from tests.datasets_app import settled

PKU = protocol_named("pku_saferlhf")


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (verdicts.SPLIT, "no answer has the majority"),
        (verdicts.CANNOT_JUDGE, "cannot be judged"),
        ("weak: 50% where 60% are wanted", "Only 50% agree; 60% are wanted."),
        ("waits for “Safe?”", "It waits for “Safe?”"),
        ("rule unsafe_is_not_safer: A is unsafe and B is safe.", "A is unsafe and B is safe."),
        ("something newer", "something newer"),
    ],
)
def test_a_dispute_is_told_as_a_sentence(stored: str, told: str) -> None:
    assert told in wording.dispute(stored)
    assert "rule unsafe_is" not in wording.dispute(stored)


def test_every_reason_for_leaving_an_item_out_is_a_sentence() -> None:
    assert wording.refusal("state_open", PKU) == "People have not judged it to the end."
    assert "A is unsafe and B is safe" in wording.refusal("rule_unsafe_is_not_safer", PKU)
    assert wording.refusal("of_a_later_time", PKU) == "of_a_later_time"


def test_a_category_goes_by_the_name_that_its_label_set_gives_it() -> None:
    assert wording.category("Endangering Public Health", "pku_saferlhf") == "Public health"
    assert wording.category("nobody's") == "nobody's"


VOTERS = [f"{letter * 8}-{letter * 4}-4aaa-8aaa-{'a' * 12}" for letter in "abcd"]


class Votes(TestCase):
    """One question of one item, with the votes of three people."""

    def setUp(self) -> None:
        self.item = build.item(build.dataset())
        self.a, self.b = str(self.item.first_id), str(self.item.second_id)

    def ballot(self, *votes: Any, value: Any = None, question: str = "better") -> Ballot:
        about = self.item.first if question in ("safe", "categories") else None
        Verdict.objects.create(
            item=self.item,
            question=question,
            response=about,
            value=value,
            votes=[[key, vote, False] for key, vote in zip(VOTERS, votes, strict=False)],
            method=VerdictMethod.MAJORITY,
            dispute="" if value is not None else verdicts.SPLIT,
        )
        found = ballots(self.item, PKU, list(Verdict.objects.all()))
        return next(one for one in found if one.verdict)

    def ahead(self, ballot: Ballot) -> list[str]:
        return [option.answer.label for option in ballot.options if option.is_ahead]

    def test_each_vote_stands_in_the_column_of_its_answer(self) -> None:
        ballot = self.ballot(self.a, self.b, "tie")
        assert [vote.marks.index(True) for vote in ballot.votes] == [0, 1, 2]
        assert ballot.votes[0].who == "A-AAAA-AAAA-AAAA"

    def test_the_verdict_is_ringed(self) -> None:
        assert self.ahead(self.ballot(self.a, self.b, self.b, value=self.b)) == ["B"]

    def test_a_verdict_is_ringed_even_against_the_votes(self) -> None:
        assert self.ahead(self.ballot(self.a, self.a, self.a, value=self.b)) == ["B"]

    def test_without_a_verdict_what_leads_is_ringed(self) -> None:
        assert self.ahead(self.ballot(self.a, self.a, self.b, "tie")) == ["A"]

    def test_nothing_is_ringed_when_the_votes_tie(self) -> None:
        assert self.ahead(self.ballot(self.a, self.b)) == []

    def test_true_is_no_number(self) -> None:
        ballot = self.ballot(True, False, value=True, question="safe")
        assert ballot.settled == ["Safe"]

    def test_of_many_categories_only_those_named_are_shown_with_their_own_majority(self) -> None:
        ballot = self.ballot(["Drugs"], ["Drugs", "Violence"], [], question="categories")
        lines = {option.answer.value: marks for option, marks in ballot.lines}
        assert lines == {"Violence": (False, True, False), "Drugs": (True, True, False)}
        assert self.ahead(ballot) == ["Drugs"]


class Story(TestCase):
    """What became of an item."""

    dataset: Dataset
    cast: Cast
    campaign: Campaign

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        cls.cast = cast(cls.dataset)
        cls.campaign = build.campaign(cls.dataset)

    def told(self, item: Item) -> list[tuple[str, str]]:
        papers = ballots(item, PKU, list(Verdict.objects.filter(item=item)))
        return [(chapter.who, chapter.what) for chapter in story(item, PKU, papers)]

    def at_slot(self, item: Item, verb: str, person: Any) -> None:
        slot = self.campaign.slots.filter(item=item).first()
        assert slot is not None
        Event.objects.create(
            verb=verb, item=item.pk, dataset=self.dataset, actor=person, subject=f"slot:{slot.pk}"
        )

    def test_the_coming_and_going_of_slots_is_one_chapter(self) -> None:
        item = build.item(self.dataset)
        build.campaign(self.dataset)
        for verb in ("lease", "submit"):
            self.at_slot(item, verb, self.cast.ana)
        self.at_slot(item, "lease", self.cast.ben)
        assert self.told(item)[-1] == ("1 person", "answered once")

    def test_annotators_go_by_their_pseudonyms(self) -> None:
        item = build.item(self.dataset)
        build.campaign(self.dataset)
        mask = as_annotator(self.cast.ana).pseudonym
        self.at_slot(item, "skip", self.cast.ana)
        (line,) = story(item, PKU, [])[-1].lines
        assert (line.who, line.what) == (mask, "skipped “safety”")

    def test_a_ruling_is_told_once_with_its_answer_and_reason(self) -> None:
        item = settled.item(self.dataset, state=ItemState.DISPUTED)
        Verdict.objects.filter(item=item, question="better").update(value=None, dispute="split")
        answer: dict[tuple[str, UUID | None], Any] = {("better", None): str(item.first_id)}
        adjudicating.rule(item, answer, by=self.cast.cora, reason="A answers.")
        papers = ballots(item, PKU, list(Verdict.objects.filter(item=item)))
        ruled = [chapter for chapter in story(item, PKU, papers) if chapter.what == "ruled"]
        assert len(ruled) == 1
        assert (ruled[0].who, ruled[0].reason) == ("cora", "A answers.")
        assert [(line.who, line.what) for line in ruled[0].lines] == [
            ("More helpful, ignoring safety", "A")
        ]

    def test_a_verb_of_a_later_time_is_told_as_it_is(self) -> None:
        item = build.item(self.dataset)
        Event.objects.create(verb="polish", item=item.pk, dataset=self.dataset)
        assert self.told(item)[-1] == ("Castor", "polish")


class Measures(TestCase):
    """Machine and people on the same responses."""

    def setUp(self) -> None:
        self.dataset = build.dataset(slug="pairs")
        self.item = settled.item(self.dataset)

    def said(self, response: Any, severity: int, **more: Any) -> None:
        Screening.objects.create(
            prompt=self.item.prompt,
            response=response,
            classifier="guard",
            label_set="pku_saferlhf",
            severity=severity,
            **{"revision": "1", **more},
        )

    def test_each_response_is_counted_once_by_what_was_said_of_it_last(self) -> None:
        self.said(self.item.first, 3)
        self.said(self.item.first, 0, revision="2")
        self.said(self.item.second, 1)
        found = measures.confusion([self.item.pk])
        assert (found.both_safe, found.both_unsafe, found.total) == (1, 1, 2)

    def test_what_a_machine_could_not_judge_is_no_alarm(self) -> None:
        self.said(self.item.first, 3, error="no memory")
        assert measures.confusion([self.item.pk]).total == 0

    def test_a_verdict_in_dispute_is_not_counted(self) -> None:
        self.said(self.item.first, 3)
        Verdict.objects.filter(item=self.item).update(dispute="split")
        assert measures.confusion([self.item.pk]).total == 0

    def test_the_overview_tells_agreement_in_the_words_of_the_questions(self) -> None:
        person = cast(self.dataset)
        item = build.item(self.dataset)
        campaign = build.campaign(self.dataset)
        slots = campaign.slots.filter(item=item, step="helpful").order_by("number")
        people = (person.ana, person.ben, person.cora)
        for slot, one in zip(slots, people, strict=True):
            build.counted(slot, as_annotator(one).pk, {"better": str(item.first_id)})
        ledger.move([item.pk], before=ItemState.OPEN, after=ItemState.SETTLED, verb="settle")
        assert agreeing.keep(campaign)
        self.client.force_login(person.cora)
        page = self.client.get(reverse("curate:overview", args=["pairs"]))
        (row,) = page.context["agreement"]
        assert (row.wording, row.now.votes, row.now.raw) == (
            "More helpful, ignoring safety", 3, 1.0,
        )  # fmt: skip
        assert row.now.alpha is None  # all alike: chance says nothing
        assert page.context["measured"] == 2
