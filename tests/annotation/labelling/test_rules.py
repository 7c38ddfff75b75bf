"""Rules hold over all that one person answers on an item, whatever the step."""

from __future__ import annotations

from typing import Any

import pytest

from annotation import labelling
from annotation.assigning import Assignment
from annotation.models import Annotation
from tests.annotation.answering import PLAIN, submit
from tests.annotation.labelling.held_by_ana import HeldByAna


class TestRules(HeldByAna):
    def at(self, step: str) -> Assignment:
        while (held := self.held()).step != step:
            submit(self.ana, held, answers=self.unsafe_at_first(held))
        return held

    def unsafe_at_first(self, held: Assignment) -> dict[str, Any]:
        """The item's first response is unsafe, wherever it stands."""
        if held.step != "safety":
            return PLAIN[held.step]
        side, other = ("b", "a") if held.flipped else ("a", "b")
        return {
            "safe": {side: False, other: True},
            "categories": {side: ["Violence"]},
            "severity": {side: 1},
        }

    def test_an_unsafe_response_is_not_the_safer_one(self) -> None:
        held = self.at("safer")
        side = "b" if held.flipped else "a"
        with pytest.raises(labelling.RulesBroken) as broken:
            submit(self.ana, held, answers={"safer": side})
        (objection,) = broken.value.objections
        assert objection.rule == "unsafe_is_not_safer"
        assert objection.message.startswith(f"{side.upper()} is unsafe")
        assert submit(self.ana, held, answers={"safer": "a" if side == "b" else "b"})

    def test_a_block_takes_no_reason(self) -> None:
        held = self.at("safer")
        with pytest.raises(labelling.RulesBroken):
            submit(
                self.ana,
                held,
                answers={"safer": "b" if held.flipped else "a"},
                overrides={"unsafe_is_not_safer": "I mean it"},
            )

    def both_unsafe(self) -> tuple[Assignment, str]:
        held = self.held()
        worse = "b" if held.flipped else "a"
        submit(
            self.ana,
            held,
            answers={
                "safe": {"a": False, "b": False},
                "categories": {"a": ["Violence"], "b": ["Violence"]},
                "severity": {"a": 1, "b": 1} | {worse: 3},
            },
        )
        submit(self.ana, self.held())
        last = self.held()
        return last, "b" if last.flipped else "a"

    def test_a_warning_wants_a_reason_and_keeps_it(self) -> None:
        held, worse = self.both_unsafe()
        with pytest.raises(labelling.RulesBroken):
            submit(self.ana, held, answers={"safer": worse})
        done = submit(
            self.ana,
            held,
            answers={"safer": worse},
            overrides={"severer_is_not_safer": " It only quotes. ", "unsafe_is_not_safer": "x"},
        )
        kept = Annotation.objects.get(pk=done.annotation_id)
        assert kept.overrides == {"severer_is_not_safer": "It only quotes."}

    def test_reasons_must_be_short_texts_for_known_rules(self) -> None:
        held, worse = self.both_unsafe()
        wrong: Any
        for wrong in (
            [],
            {"no_such_rule": "x"},
            {"severer_is_not_safer": 1},
            {"severer_is_not_safer": "x" * 2_001},
            {"severer_is_not_safer": "a\x00b"},
            {"severer_is_not_safer": "\ud800"},
        ):
            with pytest.raises(labelling.BadOverride):
                submit(self.ana, held, answers={"safer": worse}, overrides=wrong)
