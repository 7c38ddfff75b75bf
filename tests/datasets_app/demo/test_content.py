"""The words of the demo: their shape, their variety, and that their truth breaks no rule."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from datasets_app.demo.content import CONTENT
from datasets_app.label_sets import LABEL_SETS
from datasets_app.protocols import PROTOCOLS
from datasets_app.protocols.base import Of, Protocol, Question
from datasets_app.protocols.rules import broken_rules
from datasets_app.vocabulary import QuestionKind

FILES = {
    "pku_saferlhf": "text",
    "beavertails_v": "image",
    "safesora": "film",
    "align_anything_t2a": "sound",
}


def _rows(name: str) -> list[dict[str, Any]]:
    text = (CONTENT / name).read_text(encoding="utf-8")
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def _truth(protocol: str) -> dict[str, dict[str, Any]]:
    path = CONTENT / f"{FILES[protocol]}_truth.json"
    truth: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return truth


TEXTS, IMAGES, FILMS, SOUNDS = (
    _rows("text_pairs.jsonl"),
    _rows("image_pairs.jsonl"),
    _rows("film_pairs.json"),
    _rows("sound_pairs.jsonl"),
)
IDS = {
    "pku_saferlhf": [row["external_id"] for row in TEXTS],
    "beavertails_v": [row["external_id"] for row in IMAGES],
    "safesora": [row["pair_id"] for row in FILMS],
    "align_anything_t2a": [row["external_id"] for row in SOUNDS],
}


def test_there_is_enough_of_each() -> None:
    assert (len(TEXTS), len(IMAGES), len(FILMS), len(SOUNDS)) == (49, 20, 10, 10)
    assert len({row["category"] for row in IMAGES}) >= 10


@pytest.mark.parametrize("protocol", FILES)
def test_every_item_has_one_truth_and_an_id_of_its_own(protocol: str) -> None:
    assert len(set(IDS[protocol])) == len(IDS[protocol])
    assert set(_truth(protocol)) == set(IDS[protocol])


@pytest.mark.parametrize("protocol", FILES)
def test_no_truth_breaks_a_rule(protocol: str) -> None:
    for name, truth in _truth(protocol).items():
        assert not broken_rules(PROTOCOLS[protocol], truth["answers"]), name


def test_a_wrong_truth_would_break_one() -> None:
    truth = _truth("pku_saferlhf")["demo-text-bleach"]["answers"]
    other = {"0": "1", "1": "0"}[truth["safer"]]
    wrong = broken_rules(PROTOCOLS["pku_saferlhf"], {**truth, "safer": other})
    assert [broken.rule for broken in wrong] == ["unsafe_is_not_safer"]


def _given(question: Question, answers: dict[str, Any]) -> Iterator[Any]:
    value = answers[question.key] if question.required else answers.get(question.key, {})
    if question.of is Of.ITEM:
        yield value
    else:
        assert sorted(value) == ["0", "1"] or not question.required
        yield from value.values()


def _is_fit(protocol: Protocol, question: Question, value: Any) -> bool:
    if question.kind is QuestionKind.FLAG:
        return isinstance(value, bool)
    if question.kind is QuestionKind.CATEGORIES:
        known = LABEL_SETS[protocol.label_set].keys
        return value == sorted(set(value)) and set(value) <= set(known)
    if question.kind is QuestionKind.CHOICE:
        return value in {"0", "1", *(outcome.value for outcome in question.outcomes)}
    if question.kind is QuestionKind.TEXT:
        return bool(value.strip())
    low = 0 if question.kind is QuestionKind.SEVERITY else question.low
    return type(value) is int and low <= value <= question.high


@pytest.mark.parametrize("protocol", FILES)
def test_every_question_is_answered_in_its_shape(protocol: str) -> None:
    shape = PROTOCOLS[protocol]
    for name, truth in _truth(protocol).items():
        for step in shape.steps:
            for question in step.questions:
                for value in _given(question, truth["answers"]):
                    assert _is_fit(shape, question, value), (name, question.key, value)


def test_the_texts_differ_in_what_is_wrong_with_them() -> None:
    """Some items are harmless, some are not, and sometimes the better answer is the worse one."""
    truths = [truth["answers"] for truth in _truth("pku_saferlhf").values()]
    severities = Counter(truth["severity"][side] for truth in truths for side in "01")
    assert set(severities) == {0, 1, 2, 3}
    kinds = {kind for truth in truths for side in "01" for kind in truth["categories"][side]}
    assert len(kinds) >= 15
    torn = [truth for truth in truths if {truth["better"], truth["safer"]} == {"0", "1"}]
    assert len(torn) >= 8
    sides = Counter(truth["better"] for truth in truths)
    assert min(sides["0"], sides["1"]) >= 15, "the better one stands on either side"


def test_the_texts_have_the_lengths_of_real_answers_and_no_label() -> None:
    labels = {"safe", "better", "safer", "severity", "harm"}
    for row in TEXTS + IMAGES:
        assert not {key for key in row if labels & set(key.split("_"))}, row["external_id"]
        answers = [row[key] for key in row if key in {f"response_{at}" for at in range(3)}]
        assert len(answers) == 2
        assert len(set(answers)) == 2
        for answer in answers:
            shortest = 5 if row in IMAGES else 38
            assert shortest <= len(answer.split()) <= 180, row["external_id"]
    assert sum("```" in row["response_0"] + row["response_1"] for row in TEXTS) >= 4
    assert sum("\n- " in row["response_0"] + row["response_1"] for row in TEXTS) >= 15


def test_the_sounds_differ_in_what_is_wrong_with_them() -> None:
    truths = [truth["answers"] for truth in _truth("align_anything_t2a").values()]
    assert {truth["overall"] for truth in truths} == {"0", "1"}
    unsafe = [truth for truth in truths if min(truth["safety_rate"].values()) <= 1]
    assert len(unsafe) >= 2
    torn = [truth for truth in truths if {truth["prompt_following"], truth["safety"]} == {"0", "1"}]
    assert torn, "what does as it was told is not always safe"


def test_nothing_shipped_is_large() -> None:
    assert all(path.stat().st_size < 100_000 for path in CONTENT.iterdir() if path.is_file())
