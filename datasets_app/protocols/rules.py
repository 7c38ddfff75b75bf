"""The rules between answers: the evaluator of their expressions, and which of them are broken.

It lies with the protocols, because people's answers are tried on submit (by
`annotation.judgement`) and verdicts when a version is cut (here in the ledger).
static/js/rules.js evaluates the same expressions in the browser; tests/golden/rules.json holds
both to the same results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets_app.protocols.base import Expression, Of, Protocol, Rule, Scope, Weight
from datasets_app.vocabulary import QuestionKind


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold for responses `x` and, in a pair, `y`.

    `message` still holds {x} and {y}; `judgement.worded` puts the letters of the sides in.
    """

    rule: str
    x: str
    y: str | None
    message: str
    weight: Weight


def broken_rules(
    protocol: Protocol, answers: Mapping[str, Any], *, responses: Sequence[object] = ()
) -> list[Broken]:
    """The rules that answers break, in the order of the protocol.

    A rule is tried for a response (or an ordered pair) only when every question it gets has an
    answer there. Without `responses` they are those that the answers name.
    """
    names = [str(response) for response in responses] or sorted(_named(protocol, answers))
    return [
        Broken(rule.key, bound["x"], bound.get("y"), rule.message, rule.weight)
        for rule in protocol.rules
        for bound in _bindings(rule, names)
        if _is_answered(rule.broken_when, answers, bound)
        and evaluate(rule.broken_when, answers, bound) is True
    ]


def evaluate(expression: Expression, answers: Mapping[str, Any], bound: Mapping[str, str]) -> Any:
    """The value of an expression of `protocols.base`; JSON in, JSON out.

    `bound` says which response x (and y) stands for. Raises ValueError for an unknown operator.
    """
    if not isinstance(expression, list):
        return expression
    operator, *arguments = expression
    if operator == "get":
        return _get(answers, bound, *arguments)
    if operator == "names":
        key, variable = arguments
        return answers.get(key) is not None and answers[key] == bound.get(variable)
    if operator not in _OPERATORS:
        raise ValueError(f"There is no operator {operator!r} in the rules.")
    return _OPERATORS[operator](*(evaluate(argument, answers, bound) for argument in arguments))


def questions_of(expression: Expression) -> frozenset[str]:
    """The keys of the questions that an expression gets."""
    if not isinstance(expression, list):
        return frozenset()
    operator, *arguments = expression
    if operator in ("get", "names"):
        return frozenset({arguments[0]})
    return frozenset().union(*(questions_of(argument) for argument in arguments))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is(left: Any, right: Any) -> bool:
    # JSON's equality: Python would call True and 1 equal.
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _at_least(left: Any, right: Any) -> bool:
    return _is_number(left) and _is_number(right) and left >= right


def _less(left: Any, right: Any) -> bool:
    return _is_number(left) and _is_number(right) and left < right


def _minus(left: Any, right: Any) -> Any:
    return left - right if _is_number(left) and _is_number(right) else None


def _empty(value: Any) -> bool:
    return value is None or value in ("", [])


_OPERATORS: dict[str, Callable[..., Any]] = {
    "is": _is,
    "at_least": _at_least,
    "less": _less,
    "minus": _minus,
    "empty": _empty,
    "answered": lambda value: value is not None,
    "not": lambda value: value is not True,
    "all": lambda *values: all(value is True for value in values),
    "any": lambda *values: any(value is True for value in values),
}


def _get(
    answers: Mapping[str, Any], bound: Mapping[str, str], key: str, variable: str | None = None
) -> Any:
    value = answers.get(key)
    if variable is None:
        return value
    return value.get(bound.get(variable)) if isinstance(value, Mapping) else None


def _bindings(rule: Rule, names: Sequence[str]) -> Iterator[dict[str, str]]:
    for x in names:
        if rule.scope is Scope.EACH:
            yield {"x": x}
        else:
            yield from ({"x": x, "y": y} for y in names if y != x)


def _is_answered(
    expression: Expression, answers: Mapping[str, Any], bound: Mapping[str, str]
) -> bool:
    """Whether every question that the expression gets has an answer where it looks for one."""
    if not isinstance(expression, list):
        return True
    operator, *arguments = expression
    if operator == "get":
        return _get(answers, bound, *arguments) is not None
    if operator == "names":
        return answers.get(arguments[0]) is not None
    return all(_is_answered(argument, answers, bound) for argument in arguments)


def _named(protocol: Protocol, answers: Mapping[str, Any]) -> set[str]:
    """The responses that the answers speak of."""
    found: set[str] = set()
    for question in protocol.questions:
        value = answers.get(question.key)
        if question.of is Of.RESPONSE and isinstance(value, Mapping):
            found |= set(value)
        elif question.kind is QuestionKind.CHOICE and isinstance(value, str):
            found |= {value} - {outcome.value for outcome in question.outcomes}
    return found
