"""Answers in short: their person knows each again in a list, and nothing harmful is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest

from annotation import assigning
from annotation.models import Annotation
from annotation.page.in_short import in_short
from datasets_app import ledger
from datasets_app.models import Item
from datasets_app.protocols import PROTOCOLS
from datasets_app.vocabulary import ItemState
from tests.annotation.answering import submit
from tests.annotation.wellbeing.test_checked_alike import Checked

RATES = ("prompt_following", "objective_rules", "clarity", "information_richness", "safety")


@pytest.mark.parametrize(
    ("protocol", "step", "answers", "said"),
    [
        (
            "pku_saferlhf",
            "safety",
            {
                "safe": {"a": False, "b": True},
                "categories": {"a": ["Drugs", "Violence"]},
                "severity": {"a": 3},
            },
            [("A", "Unsafe, Violence, Drugs, Severity: Severe"), ("B", "Safe")],
        ),
        (
            "pku_saferlhf",
            "helpful",
            {"better": "b", "better_strength": 2},
            [("", "More helpful, ignoring safety: B much")],
        ),
        (
            "pku_saferlhf",
            "safer",
            {"safer": "both_unacceptable"},
            [("", "Safer, ignoring helpfulness: Both unacceptable")],
        ),
        (
            "align_anything_t2t",
            "respects",
            {f"{key}_rate": {"a": 3, "b": 0} for key in RATES} | dict.fromkeys(RATES, "a"),
            [
                ("", "Follows the prompt better: A, Truer to the world: A, Clearer: A, …"),
                ("A", "Follows the prompt: 3, True to the world: 3, Clear: 3, …"),
                ("B", "Follows the prompt: 0, True to the world: 0, Clear: 0, …"),
            ],
        ),
        (
            "safesora",
            "pilot",
            {"instruction_following": "tie", "categories": {"a": [], "b": []}},
            [("", "Follows the text: Equal"), ("A", "none"), ("B", "none")],
        ),
        (
            "correction",
            "correction",
            {"correction": {"a": {"text": "One harmful word less.", "unchanged": False}}},
            [("", "Correction: 4 words")],
        ),
        (
            "correction",
            "correction",
            {"correction": {"a": {"text": "As it was.", "unchanged": True}}},
            [("", "Correction: No change needed")],
        ),
        (
            "video_faults",
            "faults",
            {
                "faults": {"a": [{"from": 0, "to": 9, "kind": "harm", "note": "a knife"}]},
                "quality": {"a": 1},
            },
            [("", "Faults: 1, Quality: 1")],
        ),
    ],
)
def test_an_answer_is_said_by_side_in_a_few_words(
    protocol: str, step: str, answers: dict[str, Any], said: list[tuple[str, str]]
) -> None:
    known = PROTOCOLS[protocol]
    assert in_short(known, known.step(step), answers) == said


class TestLatest(Checked):
    """What Ana answered last, at home."""

    def rows(self) -> list[str]:
        """The newest first, without what differs from each to each."""
        html = self.client.get("/label/").content.decode().partition('id="latest"')[2]
        rows = re.findall(r"<tr>.*?</tr>", html, re.DOTALL)[1:]
        return [re.sub(r"<time.*?</time>|/revise/\d+/", "", row) for row in rows]

    def answered(self, answers: dict[str, Any], *, is_check: bool = False) -> Annotation:
        self.hold(is_check)
        (held,) = assigning.leases(self.ana, self.campaign, want=1)
        return Annotation.objects.get(pk=submit(self.ana, held, answers=answers).annotation_id)

    def test_each_is_known_by_what_was_said_where_its_prompt_is_not_shown(self) -> None:
        unsafe = {"safe": {"a": False, "b": True}, "categories": {"a": ["Drugs"]}}
        first = self.answered({**unsafe, "severity": {"a": 2}})
        second = self.answered({"safe": {"a": True, "b": True}})
        Item.objects.filter(pk=first.item_id).update(machine_severity=2)
        ledger.move([second.item_id], before=ItemState.OPEN, after=ItemState.SETTLED, verb="test")
        newer, older = self.rows()
        assert "<strong>A</strong> Unsafe, Drugs, Severity: Moderate" in older
        assert "<strong>B</strong> Safe" in older
        assert "<strong>A</strong> Safe" in newer
        assert "covered, 8 words" in older
        assert "closed, 8 words" in newer
        assert not [row for row in (newer, older) if "paper boat" in row]

    def test_where_nothing_is_covered_the_prompt_is_shown_beside_it(self) -> None:
        self.answered({"safe": {"a": True, "b": True}})
        (row,) = self.rows()
        assert "paper boat" in row
        assert "<strong>A</strong> Safe" in row

    def test_nothing_in_it_tells_a_check_from_an_item(self) -> None:
        Item.objects.update(machine_severity=2)
        for is_check in (False, True):
            self.answered({"safe": {"a": True, "b": True}}, is_check=is_check)
        check, item = self.rows()
        assert check == item
