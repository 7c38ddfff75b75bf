"""Which categories a person names, against the verdicts: two by two for each of them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.test import TestCase
from django.urls import reverse

from annotation import assigning, labelling, settling
from annotation.consensus.verdicts import Spot
from annotation.models import Annotator, Measure
from annotation.quality import measuring
from annotation.quality.figures import Given, figures
from datasets_app.protocols import protocol_named
from tests import build
from tests.annotation.answering import PLAIN
from tests.cast import annotators, cast, person

SIDES = ["r1", "r2"]
# What the verdict names of both responses, what the person does.
NAMED = [
    ((["Drugs"], []), (["Drugs", "Violence"], [])),
    ((["Drugs", "Violence"], ["Violence"]), (["Drugs"], ["Violence"])),
    (([], ["Drugs"]), ([], [])),
    (([], []), ([], ["Violence"])),
]


def given(verdict: Any, said: Any, *, step: str = "safety") -> Given:
    """An answer that names these of the responses; None of a response that was not asked about."""
    answers = {"categories": {r: v for r, v in zip(SIDES, said, strict=True) if v is not None}}
    verdicts: dict[Spot, Any] = {("categories", r): v for r, v in zip(SIDES, verdict, strict=True)}
    return Given(step, answers, None, False, SIDES, verdicts)


def counted(rows: list[Given], protocol: str = "pku_saferlhf") -> Any:
    found = figures(protocol_named(protocol), rows, [])
    return found["categories"].confusion.get("categories")


def test_each_category_has_the_four_counts_that_one_by_one_give() -> None:
    pairs = [
        (set(settled), set(mine))
        for verdict, said in NAMED
        for settled, mine in zip(verdict, said, strict=True)
    ]
    assert counted([given(*one) for one in NAMED]) == {
        name: {
            "both": sum(name in v and name in s for v, s in pairs),
            "verdict": sum(name in v and name not in s for v, s in pairs),
            "person": sum(name not in v and name in s for v, s in pairs),
            "neither": sum(name not in v and name not in s for v, s in pairs),
        }
        for name in ("Drugs", "Violence")
    }
    assert counted([given(*NAMED[0])])["Drugs"] == {
        "both": 1, "verdict": 0, "person": 0, "neither": 1,
    }  # fmt: skip


def test_what_was_not_answered_and_what_is_in_dispute_is_not_counted() -> None:
    assert counted([given((["Drugs"], None), (["Drugs"], ["Violence"]))]) == {
        "Drugs": {"both": 1, "verdict": 0, "person": 0, "neither": 0}
    }
    assert counted([given((["Drugs"], ["Drugs"]), (["Drugs"], None))]) == {
        "Drugs": {"both": 1, "verdict": 0, "person": 0, "neither": 0}
    }
    assert counted([given((None, None), (["Drugs"], []))]) is None


def test_a_source_that_asks_for_no_flag_has_them_too() -> None:
    rows = [given((["S1"], []), ([], ["S1"]), step="pilot")]
    assert counted(rows, "safesora") == {"S1": {"both": 0, "verdict": 1, "person": 1, "neither": 0}}


class TestOnThePage(TestCase):
    """Three people judge one item: two see drugs in its first response, one sees violence."""

    crowd: list[Annotator]

    @classmethod
    def setUpTestData(cls) -> None:
        dataset = build.dataset(slug="pairs")
        cast(dataset)
        cls.crowd = annotators(3, dataset)
        build.items(1, dataset)
        campaign = build.campaign(dataset, overlap=3)
        for one, kind in zip(cls.crowd, ("Drugs", "Drugs", "Violence"), strict=True):
            while held := assigning.leases(one, campaign, want=1):
                first, second = ("b", "a") if held[0].flipped else ("a", "b")
                unsafe = {
                    "safe": {first: False, second: True},
                    "categories": {first: [kind]},
                    "severity": {first: 1},
                }
                known = {**PLAIN, "safety": unsafe, "safer": {"safer": second}}
                answers = known[held[0].step]
                labelling.submit(one, token=held[0].token, key=uuid4(), answers=answers)
        settling.settle(dataset)
        measuring.measure(campaign)

    def test_they_are_measured_by_the_sweep_and_folded_away_on_the_persons_page(self) -> None:
        odd = self.crowd[2]
        kept = Measure.objects.get(annotator=odd, group="categories").confusion
        assert kept["categories"] == {
            "Drugs": {"both": 0, "verdict": 1, "person": 0, "neither": 1},
            "Violence": {"both": 0, "verdict": 0, "person": 1, "neither": 1},
        }
        self.client.force_login(person("cora"))
        page = self.client.get(reverse("curate:annotator", args=["pairs", odd.key]))
        (table,) = page.context["categories"]
        assert table["rows"] == [
            ("Drugs", [(0, 0), (1, 9), (0, 0)], 1),
            ("Violence", [(0, 0), (0, 0), (1, 9)], 1),
        ]
        said = page.content.decode()
        fold = said[said.index("<details") :]
        assert "<summary>Kinds of harm</summary>" in fold
        assert '<th scope="row">Violence</th>' in fold
        assert [one["question"] for one in page.context["confusions"]].count("Kinds of harm") == 0
