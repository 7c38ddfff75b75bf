"""Verdicts: what the votes on one item settle, and what they leave in dispute."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.consensus.coding import BallotBox
from annotation.consensus.verdicts import CANNOT_JUDGE, NO_VOTES, SPLIT, Count, Decision
from datasets_app.protocols import PROTOCOLS
from datasets_app.vocabulary import VerdictMethod
from tests.annotation.voting import named

PKU = PROTOCOLS["pku_saferlhf"]
RESPONSES = ["r0", "r1"]

SAFE = {
    "safe": {"0": True, "1": True},
    "categories": {"0": [], "1": []},
    "severity": {"0": 0, "1": 0},
    "better": "0",
    "better_strength": 1,
    "safer": "tie",
}


def unsafe(severity: int = 2, *categories: str, safer: str = "0") -> dict[str, Any]:
    """The second response is unsafe."""
    return {
        **SAFE,
        "safe": {"0": True, "1": False},
        "categories": {"0": [], "1": list(categories or ("Violence",))},
        "severity": {"0": 0, "1": severity},
        "safer": safer,
    }


def decide(
    *votes: dict[str, Any],
    minimum: float = 0.6,
    protocol: str = "pku_saferlhf",
    method: VerdictMethod = VerdictMethod.MAJORITY,
    ruled: dict[tuple[str, str | None], Any] | None = None,
) -> dict[tuple[str, str | None], Decision]:
    box = BallotBox(PROTOCOLS[protocol], [RESPONSES[: PROTOCOLS[protocol].responses]])
    for number, given in enumerate(votes):
        answers = named(PROTOCOLS[protocol], given, RESPONSES)
        box.add(0, f"w{number}", answers, imported=False)
    found = Count(box, method).decide(0, minimum=minimum, ruled=ruled)
    return {decision.spot: decision for decision in found}


def test_all_alike_settle_every_question() -> None:
    found = decide(SAFE, SAFE, SAFE)
    assert {spot: decision.value for spot, decision in found.items()} == {
        ("safe", "r0"): True,
        ("safe", "r1"): True,
        ("categories", "r0"): [],
        ("categories", "r1"): [],
        ("severity", "r0"): 0,
        ("severity", "r1"): 0,
        ("better", None): "r0",
        ("better_strength", None): 1,
        ("safer", None): "tie",
    }
    assert {decision.agreement for decision in found.values()} == {1.0}
    assert not any(decision.dispute for decision in found.values())


def test_the_majority_decides_and_the_votes_are_kept() -> None:
    found = decide(SAFE, SAFE, {**SAFE, "better": "1"})["better", None]
    assert (found.value, found.dispute) == ("r0", "")
    assert found.agreement == pytest.approx(2 / 3)
    assert found.votes == [["w0", "r0", False], ["w1", "r0", False], ["w2", "r1", False]]


def test_a_tie_that_the_voters_chose_is_a_verdict() -> None:
    found = decide(*[{**SAFE, "better": "tie"}] * 3)["better", None]
    assert (found.value, found.dispute) == ("tie", "")


def test_votes_that_are_tied_are_a_dispute() -> None:
    found = decide(SAFE, {**SAFE, "better": "1"})["better", None]
    assert (found.value, found.dispute, found.agreement) == (None, SPLIT, 0.5)


def test_three_ways_are_a_dispute() -> None:
    found = decide(SAFE, {**SAFE, "better": "1"}, {**SAFE, "better": "tie"})["better", None]
    assert (found.value, found.dispute) == (None, SPLIT)


def test_a_weak_majority_is_a_dispute() -> None:
    votes = [SAFE, SAFE, {**SAFE, "better": "1"}]
    found = decide(*votes, minimum=0.7)["better", None]
    assert (found.value, found.dispute) == ("r0", "weak: 67% where 70% are wanted")
    assert not decide(*votes, minimum=2 / 3)["better", None].dispute


def test_three_of_five_reach_sixty_percent() -> None:
    votes = [SAFE] * 3 + [{**SAFE, "better": "1"}] * 2
    assert not decide(*votes, minimum=0.6)["better", None].dispute


def test_what_most_cannot_judge_is_a_dispute() -> None:
    found = decide(SAFE, *[{**SAFE, "better": "cannot_judge"}] * 2)["better", None]
    assert (found.value, found.dispute) == ("cannot_judge", CANNOT_JUDGE)


def test_nobodys_answer_is_a_dispute() -> None:
    without = {key: value for key, value in SAFE.items() if key != "safer"}
    assert decide(without)["safer", None].dispute == NO_VOTES


def test_categories_are_settled_each_by_itself() -> None:
    found = decide(
        unsafe(2, "Violence", "Drugs"), unsafe(2, "Violence"), unsafe(2, "Violence", "Cybercrime")
    )["categories", "r1"]
    assert (found.value, found.dispute) == (["Violence"], "")
    assert found.agreement == pytest.approx(2 / 3)  # that of Drugs, of which one was sure


def test_no_common_category_is_a_dispute() -> None:
    found = decide(unsafe(2, "Violence"), unsafe(2, "Drugs"), unsafe(2, "Cybercrime"))
    assert found["categories", "r1"].value == []
    assert found["categories", "r1"].dispute == SPLIT


def test_only_who_called_it_unsafe_says_how_severe_it_is() -> None:
    """Two of three say unsafe: the third one's implied 0 is no vote for a severity of 0."""
    found = decide(unsafe(2), unsafe(2), SAFE)
    assert found["safe", "r1"].value is False
    assert (found["severity", "r1"].value, found["severity", "r1"].agreement) == (2, 1.0)
    assert (found["categories", "r1"].value, found["categories", "r1"].agreement) == (
        ["Violence"],
        1.0,
    )
    assert len(found["severity", "r1"].votes) == 3


def test_the_severity_of_what_is_safe_goes_without_saying() -> None:
    found = decide(SAFE, SAFE, unsafe(3))
    assert (found["severity", "r1"].value, found["severity", "r1"].dispute) == (0, "")
    assert found["severity", "r1"].agreement == pytest.approx(2 / 3)
    assert found["categories", "r1"].value == []


def test_severities_that_differ_are_a_dispute() -> None:
    found = decide(unsafe(1), unsafe(2), unsafe(3))["severity", "r1"]
    assert (found.value, found.dispute) == (None, SPLIT)


def test_what_hangs_on_a_dispute_waits_for_it() -> None:
    found = decide(SAFE, unsafe(2))
    assert found["safe", "r1"].dispute == SPLIT
    assert found["severity", "r1"].dispute == "waits for “Safe?”"
    assert [vote[1] for vote in found["severity", "r1"].votes] == [0, 2]
    assert not found["severity", "r0"].dispute


def test_verdicts_that_break_a_rule_are_a_dispute() -> None:
    """Each voter was consistent; together they call the unsafe response the safer one."""
    votes = [
        unsafe(1, safer="0"),
        {**unsafe(1), "safe": {"0": True, "1": True}, **_cleared(), "safer": "1"},
        {**unsafe(1), "safe": {"0": False, "1": False}, **_both(), "safer": "1"},
    ]
    found = decide(*votes)
    assert (found["safe", "r0"].value, found["safe", "r1"].value) == (True, False)
    assert found["safer", None].value == "r1"
    assert found["safer", None].dispute == (
        "rule unsafe_is_not_safer: B is unsafe and A is safe: B cannot be the safer one."
    )
    assert not found["safe", "r1"].dispute


def _cleared() -> dict[str, Any]:
    return {"categories": {"0": [], "1": []}, "severity": {"0": 0, "1": 0}}


def _both() -> dict[str, Any]:
    return {
        "categories": {"0": ["Violence"], "1": ["Violence"]},
        "severity": {"0": 1, "1": 1},
    }


def test_a_warning_between_verdicts_is_no_dispute() -> None:
    both = {"safe": {"0": False, "1": False}, "better": "0", "safer": "1"}
    worse = {**_both(), "severity": {"0": 1, "1": 3}}
    assert not any(one.dispute for one in decide({**SAFE, **both, **worse}).values())


def test_a_ruling_is_taken_as_it_stands() -> None:
    found = decide(SAFE, unsafe(2), ruled={("safe", "r1"): False})
    assert (found["safe", "r1"].value, found["safe", "r1"].dispute) == (False, "")
    # What hangs on it is now asked of who said the same.
    assert (found["severity", "r1"].value, found["severity", "r1"].dispute) == (2, "")


def test_an_answer_that_is_none_is_no_vote() -> None:
    odd = {**SAFE, "better": "perhaps", "safe": {"0": "yes", "1": 1}, "severity": {"0": 9}}
    found = decide(SAFE, odd)
    assert len(found["better", None].votes) == 1
    assert len(found["safe", "r0"].votes) == len(found["safe", "r1"].votes) == 1


def test_dawid_skene_gives_a_posterior() -> None:
    found = decide(SAFE, SAFE, SAFE, method=VerdictMethod.DAWID_SKENE)["better", None]
    assert found.value == "r0"
    assert found.posterior == pytest.approx(1.0)
    assert decide(SAFE)["better", None].posterior is None


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_protocol_can_be_decided(protocol: str) -> None:
    """An item without any vote: every required question is in dispute, none raises."""
    found = decide(protocol=protocol)
    assert found
    assert all(decision.value in (None, 0, []) for decision in found.values())


def test_agreement_counts_pairs_of_those_who_were_asked() -> None:
    box = BallotBox(PKU, [RESPONSES])
    for number, given in enumerate((unsafe(2), unsafe(2), SAFE)):
        box.add(0, f"w{number}", named(PKU, given, RESPONSES), imported=False)
    found = Count(box, VerdictMethod.MAJORITY).agreement()
    assert found["safe"].raw == pytest.approx((6 + 2) / 12)
    assert (found["severity"].votes, found["severity"].raw) == (2, 1.0)
    assert found["categories"].raw == 1.0


# --- How strongly


def prefers(response: str, how: int) -> dict[str, Any]:
    return {**SAFE, "better": response, "better_strength": how}


def test_the_strength_is_the_lower_median_of_those_who_chose_what_was_settled() -> None:
    found = decide(prefers("0", 2), prefers("0", 1), prefers("0", 2), prefers("1", 1))
    strength = found["better_strength", None]
    assert (strength.value, strength.dispute) == (2, "")
    assert [vote[:2] for vote in strength.votes] == [["w0", 2], ["w1", 1], ["w2", 2]]
    assert strength.agreement == pytest.approx(2 / 3)
    assert decide(prefers("0", 2), prefers("0", 1))["better_strength", None].value == 1


def test_a_tie_and_a_dispute_have_no_strength() -> None:
    ties = [{**SAFE, "better": "tie"} | {"better_strength": None}] * 3
    for votes in (ties, [prefers("0", 2), prefers("1", 2)]):
        assert ("better_strength", None) not in decide(*votes)
