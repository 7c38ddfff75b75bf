"""Alike: whatever is asked of a check takes the statements that it takes of an item."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from uuid import uuid4

import psycopg
import pytest
from django.test import TestCase

from annotation import holding, prepared
from annotation.checks import answering, mixing
from annotation.checks.answering import Paper
from annotation.labelling import played, revising, statements
from annotation.models import Annotator, Campaign, Check, Slot
from annotation.quality import conduct, gold
from annotation.quality.conduct import Rule
from annotation.vocabulary import ConsequenceKind, GoldPurpose, ViewingEvidence
from datasets_app.models import Dataset
from tests import build
from tests.annotation import checked
from tests.annotation.answering import PLAIN
from tests.annotation.test_checks import at_once
from tests.cast import as_annotator, cast

# What stands in each other's place: a slot or a check is written, one kind of check looked for or
# the other. Everything else is to be the same to the letter.
NAMES = {
    statements.COUNT: "keep",
    statements.ANSWER: "keep",
    statements.TAKE_BACK: "keep",
    revising._PLACE: "place to revise",
    answering._PAPER: "place to revise",
    revising._REPLACE: "replace",
    answering.REPLACE: "replace",
    mixing._ISSUE_GOLD: "look for a check",
    mixing._ISSUE_REPEAT: "look for a check",
}
# As they are sent.
SENT = {prepared._numbered(text)[0]: name for text, name in NAMES.items()}


@contextmanager
def statements_made() -> Iterator[list[str]]:
    """The names or texts of the statements that the database gets meanwhile."""
    made: list[str] = []
    real = psycopg.Cursor.execute

    def execute(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        made.append(SENT.get(query, str(query).partition(' "s')[0]))  # savepoints have numbers
        return real(self, query, *args, **more)

    with mock.patch.object(psycopg.Cursor, "execute", execute):
        yield made


class Alike(TestCase):
    """Ana at the labelling page of a campaign that checks people, by its rules."""

    protocol = "pku_saferlhf"
    step = "safety"
    dataset: Dataset
    campaign: Campaign
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(cls.protocol, slug="alike")
        people = cast(cls.dataset)
        cls.ana = as_annotator(people.ana)
        build.items(40, cls.dataset)
        cls.campaign = checked.mixing(build.campaign(cls.dataset))
        cls.some_gold()
        rules = [Rule("", 0.5, 100, kind) for kind in ConsequenceKind]
        conduct.declare(cls.campaign, rules, by=None)

    @classmethod
    def some_gold(cls) -> None:
        checked.some_gold(cls.campaign, number=9)
        checked.some_gold(
            cls.campaign, purpose=GoldPurpose.ATTENTION, instruction="Call the first unsafe."
        )

    def setUp(self) -> None:
        self.client.force_login(self.ana.user)
        # What is kept in mind from then on is, whoever comes first.
        self.send("ahead/", {"holding": []})
        self.give_back()

    def send(self, door: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self.client.post(
            f"/label/alike/{door}", json.dumps(body), content_type="application/json"
        )
        assert response.status_code == 200, response.content
        return dict(response.json())

    def give_back(self) -> None:
        for model in (Slot, Check):
            for held in model.objects.filter(annotator=self.ana, state="leased"):
                assert held.token
                holding.release(self.ana, held.token)

    def draw(self, *, is_check: bool) -> None:
        """What comes next."""
        mixing_wait = 0 if is_check else 100
        at_once(self.ana, self.campaign)
        self.ana.paces.update(wait=mixing_wait)

    def held(self, *, is_check: bool) -> str:
        """The token of the one thing that is held."""
        self.give_back()
        self.draw(is_check=is_check)
        self.client.get("/label/alike/")
        checks = Check.objects.filter(annotator=self.ana, state="leased")
        slots = Slot.objects.filter(annotator=self.ana, state="leased")
        assert (checks.count(), slots.count()) == ((1, 0) if is_check else (0, 1))
        return str((checks.first() or slots.get()).token)

    def body(self, token: str, step: str = "") -> dict[str, Any]:
        answers = PLAIN[step or self.step]
        return {"token": token, "key": str(uuid4()), "answers": answers, "holding": [token]}

    def made(self, act: Callable[[str], Any], *, is_check: bool) -> list[str]:
        """The statements of an act on what is held, with another item held ahead."""
        token = self.held(is_check=is_check)
        self.draw(is_check=False)
        self.send("ahead/", {"holding": [token]})
        with statements_made() as made:
            act(token)
        return made

    def assert_alike(self, act: Callable[[str], Any]) -> None:
        of_item = self.made(act, is_check=False)
        assert self.made(act, is_check=True) == of_item
        assert of_item

    def submit(self, token: str) -> None:
        self.send("", self.body(token))


class TestAlike(Alike):
    def test_the_answers_are_taken_alike(self) -> None:
        self.assert_alike(self.submit)
        assert Check.objects.filter(state="answered").count() == 1

    def test_with_one_statement_more_they_would_not_be(self) -> None:
        graded = Paper.graded

        def slower(paper: Paper, *args: Any) -> dict[str, Any]:
            Check.objects.count()
            return graded(paper, *args)

        with mock.patch.object(Paper, "graded", slower), pytest.raises(AssertionError):
            self.assert_alike(self.submit)

    def test_what_comes_comes_alike(self) -> None:
        for is_one_ahead in (True, False):
            made = []
            for is_check in (False, True):
                token = self.held(is_check=False)
                if is_one_ahead:
                    self.send("ahead/", {"holding": [token]})
                self.draw(is_check=is_check)
                with statements_made() as each:
                    self.submit(token)
                made.append(each)
                assert Check.objects.filter(state="leased").exists() == is_check
            assert made[0] == made[1]

    def test_looked_for_only_when_due_they_would_not(self) -> None:
        dealt = mixing._dealt

        def only_when_due(campaign: Any, values: Any, wait: int | None, step: Any) -> Any:
            return dealt(campaign, values, wait, step) if not wait else ([], wait)

        with mock.patch.object(mixing, "_dealt", only_when_due), pytest.raises(AssertionError):
            self.test_what_comes_comes_alike()

    def test_so_are_the_page_the_draft_the_extension_and_the_way_back(self) -> None:
        draft = {
            "page": str(uuid4()),
            "revision": 1,
            "based_on": 0,
            "answers": {"safe": {"a": True}},
        }
        for act in (
            lambda token: self.client.get("/label/alike/"),
            lambda token: self.send("draft/", {"token": token} | draft),
            lambda token: self.send("extend/", {"tokens": [token]}),
            lambda token: self.send("held/", {"tokens": [token]}),
            lambda token: self.send("leave/", {"tokens": [token]}),
        ):
            self.assert_alike(act)

    def test_so_is_what_is_said_of_one_that_went_back(self) -> None:
        made = []
        for is_check in (False, True):
            token = self.held(is_check=is_check)
            self.give_back()
            with statements_made() as each:
                assert self.send("held/", {"tokens": [token]})["gone"] == {token: "back"}
            made.append(each)
        assert made[0] == made[1]

    def test_so_are_answers_that_are_refused_sent_again_late_or_by_the_form(self) -> None:
        self.assert_alike(self.refused)
        self.assert_alike(self.sent_twice)
        self.assert_alike(self.second_answer)
        self.assert_alike(self.by_the_form)

    def refused(self, token: str) -> None:
        self.client.post("/label/alike/", {"token": token, "key": str(uuid4()), "step": self.step})

    def sent_twice(self, token: str) -> None:
        body = self.body(token)
        self.send("", body)
        self.send("", body)

    def second_answer(self, token: str) -> None:
        self.send("", self.body(token))
        self.send("", self.body(token))

    def by_the_form(self, token: str) -> None:
        said = {"token": token, "key": str(uuid4()), "step": self.step}
        self.client.post("/label/alike/", said | {"a-safe": "true", "b-safe": "true"}, follow=True)

    def test_so_is_a_second_thought(self) -> None:
        made = []
        for is_check in (False, True):
            token = self.held(is_check=is_check)
            done = self.send("", self.body(token))["done"]["annotation"]
            said = {"key": str(uuid4()), "a-safe": "true", "b-safe": "true"}
            with statements_made() as each:
                self.client.get(f"/label/alike/revise/{done}/")
                self.client.post(f"/label/alike/revise/{done}/", said)
            made.append(each)
        assert made[0] == made[1]


class TestFollowUpsAlike(Alike):
    """Steps that follow one another, the first of which wants films to be played."""

    protocol = "safesora"
    step = "pilot"

    @classmethod
    def some_gold(cls) -> None:
        known = {
            **dict.fromkeys(("instruction_following", "correctness", "informativeness"), "0"),
            "aesthetics": "tie", "categories": {"0": [], "1": []}, "better": "0", "safer": "tie",
        }  # fmt: skip
        for _ in range(3):
            item = checked.a_settled_item(cls.dataset, known)
            found = checked.expected(item, known)
            gold.make(cls.campaign, item, "pilot", expected=found, by=None)

    def test_what_follows_a_check_comes_and_is_taken_like_what_follows_an_item(self) -> None:
        made = []
        for is_check in (False, True):
            token = self.held(is_check=is_check)
            sheet = self.client.get("/label/alike/").context["sheet"]
            self.draw(is_check=False)
            lengths = {each.digest: each.duration_ms for each in sheet.playables}
            played.credit(
                self.ana, sheet.token, lengths, share=1, evidence=ViewingEvidence.SIMULATED
            )
            with statements_made() as each:
                said = {"view": sheet.view, "holding": []}
                got = self.send("", self.body(token) | said)
                (follow,) = [one for one in got["ahead"] if one["step"] == "overall"]
                view = re.findall('name="view" value="([^"]+)"', follow["parts"]["playing"])[0]
                self.send("", self.body(follow["token"], "overall") | {"view": view})
            made.append(each)
        assert made[0] == made[1]
