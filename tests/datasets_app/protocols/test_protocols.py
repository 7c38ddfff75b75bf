"""The protocols that ship: their keys are contracts, their declarations hold together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from annotation.judgement import evaluate
from datasets_app.align_anything import FORMS
from datasets_app.label_sets import LABEL_SETS
from datasets_app.protocols import PROTOCOLS, VERSIONS, UnknownProtocol, protocol_named
from datasets_app.protocols.base import Of, Protocol, Scope
from datasets_app.vocabulary import QuestionKind

EVERY = pytest.mark.parametrize("protocol", VERSIONS.values(), ids=VERSIONS)


def _keys_got(expression: Any) -> Iterator[tuple[str, bool]]:
    """(question, whether it is asked about a response), for all that an expression reads."""
    if isinstance(expression, list):
        operator, *arguments = expression
        if operator == "get":
            yield arguments[0], len(arguments) == 2
        elif operator == "names":
            yield arguments[0], False
        else:
            for argument in arguments:
                yield from _keys_got(argument)


def test_steps_and_questions_are_those_that_readers_and_formats_rely_on() -> None:
    shapes = {
        key: {step.key: [question.key for question in step.questions] for step in protocol.steps}
        for key, protocol in PROTOCOLS.items()
    }
    for form in FORMS.values():
        respects = [respect.key for respect in form.respects]
        assert shapes.pop(form.key) == {
            "respects": [
                key for name in respects for key in (f"{name}_rate", name, f"{name}_rationale")
            ],
            "overall": ["overall", "overall_textfeedback"],
            "feedback": ["critique", "refinement"],
        }
    assert shapes == {
        "pku_saferlhf": {
            "safety": ["safe", "categories", "severity"],
            "helpful": ["better"],
            "safer": ["safer"],
        },
        "beavertails": {"safety": ["safe", "categories"]},
        "beavertails_v": {
            "safety": ["image_severity", "category", "safe", "harmless_rate", "helpful_rate"],
            "helpful": ["better"],
            "safer": ["safer"],
        },
        "safesora": {
            "pilot": [
                "instruction_following",
                "correctness",
                "informativeness",
                "aesthetics",
                "categories",
            ],
            "overall": ["better", "safer"],
        },
        "system_message": {"values": ["follows"]},
        "correction": {"correction": ["correction"]},
        "mm_deception": {"deception": ["marks", "deceptive", "category", "critique"]},
        "tree": {"better": ["better"]},
        "video_faults": {"faults": ["faults", "quality"]},
    }


@EVERY
def test_question_and_rule_keys_are_unique(protocol: Protocol) -> None:
    for keys in ([q.key for q in protocol.questions], [rule.key for rule in protocol.rules]):
        assert len(set(keys)) == len(keys)


@EVERY
def test_rules_and_conditions_ask_for_questions_that_exist(protocol: Protocol) -> None:
    expressions = [rule.broken_when for rule in protocol.rules]
    expressions += [question.when for question in protocol.questions if question.when]
    for expression in expressions:
        for key, of_response in _keys_got(expression):
            assert protocol.question(key).of is (Of.RESPONSE if of_response else Of.ITEM)


@EVERY
def test_rules_can_be_evaluated_and_hold_for_no_answers(protocol: Protocol) -> None:
    for rule in protocol.rules:
        bound = {"x": "a"} if rule.scope is Scope.EACH else {"x": "a", "y": "b"}
        assert evaluate(rule.broken_when, {}, bound) in (True, False)


@EVERY
def test_messages_name_only_the_responses_that_their_rule_binds(protocol: Protocol) -> None:
    for rule in protocol.rules:
        pair = {"y": "B"} if rule.scope is Scope.PAIR else {}
        assert rule.message.format(x="A", **pair)


@EVERY
def test_every_point_of_a_scale_is_worded(protocol: Protocol) -> None:
    for question in protocol.questions:
        if question.kind in (QuestionKind.SCALE, QuestionKind.SEVERITY):
            assert set(question.anchors or {}) == set(range(question.low, question.high + 1))


@EVERY
def test_a_follow_up_step_comes_after_the_step_it_follows(protocol: Protocol) -> None:
    keys = [step.key for step in protocol.steps]
    for index, step in enumerate(protocol.steps):
        assert not step.after or step.after in keys[:index]


@EVERY
def test_a_question_is_about_an_ability(protocol: Protocol) -> None:
    assert all(question.group and question.help for question in protocol.questions)


def test_a_protocol_is_found_by_key_with_and_without_its_version() -> None:
    assert protocol_named("safesora") is protocol_named("safesora@1")


def test_a_version_that_asked_less_is_still_there_under_its_number() -> None:
    newest, first = (protocol_named(f"align_anything_t2a{of}") for of in ("", "@1"))
    assert (first.version, newest.version) == (1, 2)
    added = {question.key for question in newest.questions} - {q.key for q in first.questions}
    respects = [respect.key for respect in FORMS["align_anything_t2a"].respects]
    assert added == {f"{respect}_rationale" for respect in respects}
    kept = [question for question in newest.questions if question.key not in added]
    assert tuple(kept) == first.questions
    assert newest.rules == first.rules


@EVERY
def test_what_is_folded_away_need_not_be_answered(protocol: Protocol) -> None:
    assert not [
        question for question in protocol.questions if question.folded and question.required
    ]


@pytest.mark.parametrize("name", ["", "safesora@2", "sora", "safesora@x"])
def test_an_unknown_protocol_says_which_there_are(name: str) -> None:
    with pytest.raises(UnknownProtocol, match="pku_saferlhf@1"):
        protocol_named(name)


def test_every_protocol_has_its_label_set() -> None:
    assert {protocol.label_set for protocol in PROTOCOLS.values()} <= set(LABEL_SETS)
