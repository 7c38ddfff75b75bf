"""Whether a recipe takes an item, and if not, why not; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from datasets_app.protocols.base import Of, Protocol, Question, Weight
from datasets_app.protocols.rules import broken_rules, evaluate
from datasets_app.recipe import Recipe, Rulings, Ties
from datasets_app.record import Frame, RecordBody, VerdictPart, answers
from datasets_app.vocabulary import MediaState, Outcome, VerdictMethod

# Every reason for which an item stays out of a version, in the order in which they are looked at:
# an item is counted under the first that holds. `rule_<key>` stands for each rule of the protocol.
REASONS: Mapping[str, Any] = {
    "state_screening": _("No machine has looked at it yet."),
    "state_quarantined": _("It waits in quarantine."),
    "state_open": _("People have not judged it to the end."),
    "state_disputed": _("People did not agree, and no curator has ruled."),
    "state_withdrawn": _("It was withdrawn."),
    "media_refused": _("One of its files was refused when its preview was made."),
    "identical_responses": _("Both responses say the same."),
    "no_verdict": _("A question that must be settled has no verdict that stands."),
    "ruled": _("A curator ruled on it, and the recipe leaves rulings out."),
    "few_votes": _("A verdict rests on fewer votes than the recipe asks for."),
    "low_agreement": _("The votes for a verdict agree less than the recipe asks for."),
    "undecided": _("People chose neither response, and the recipe leaves ties out."),
    "rule": _("The verdicts together break a rule of the protocol."),
    "beyond_size": _("The version has reached the size that the recipe asks for."),
}


def refusal(facts: Mapping[str, Any], body: RecordBody, frame: Frame, recipe: Recipe) -> str:
    """The reason why the recipe leaves a settled item out; "" when it takes it."""
    if any(part["state"] == MediaState.REFUSED for part in facts["media"]):
        return "media_refused"
    if has_identical_responses(body):
        return "identical_responses"
    said = answers(body, frame.choices)
    if any(_lacks_verdict(question, said, body) for question in frame.protocol.questions):
        return "no_verdict"
    return (
        _weak_verdict(body, recipe)
        or _undecided(said, frame.choices, recipe)
        or _broken(said, frame.protocol)
    )


def has_identical_responses(body: RecordBody) -> bool:
    """Whether both responses are the same file and, but for spaces, the same text."""
    seen = [(" ".join(part["text"].split()), part["media"]) for part in body["responses"]]
    return len(seen) == 2 and seen[0] == seen[1]


def _lacks_verdict(question: Question, said: Mapping[str, Any], body: RecordBody) -> bool:
    if not (question.required and question.is_settled_by_votes):
        return False
    if question.of is Of.ITEM:
        return said.get(question.key) is None and _is_asked(question, said, {})
    given = said.get(question.key, {})
    return any(
        given.get(name) is None and _is_asked(question, said, {"x": name})
        for name in (str(part["position"]) for part in body["responses"])
    )


def _is_asked(question: Question, said: Mapping[str, Any], bound: Mapping[str, str]) -> bool:
    return question.when is None or evaluate(question.when, said, bound) is True


def _weak_verdict(body: RecordBody, recipe: Recipe) -> str:
    ruled = [v for v in body["verdicts"] if v["method"] == VerdictMethod.RULING]
    if ruled and recipe.rulings is Rulings.EXCLUDE:
        return "ruled"
    voted = list(_counted(body, recipe))
    if any(len(verdict["votes"]) < recipe.minimum_votes for verdict in voted):
        return "few_votes"
    if any((verdict["agreement"] or 0.0) < recipe.minimum_agreement for verdict in voted):
        return "low_agreement"
    return ""


def _counted(body: RecordBody, recipe: Recipe) -> Iterator[VerdictPart]:
    """The verdicts that the recipe's minima are about: made by votes, of the questions it names."""
    for verdict in body["verdicts"]:
        if verdict["method"] == VerdictMethod.RULING:
            continue
        if not recipe.agreement_on or verdict["question"] in recipe.agreement_on:
            yield verdict


def _undecided(said: Mapping[str, Any], choices: frozenset[str], recipe: Recipe) -> str:
    if recipe.ties is Ties.KEEP:
        return ""
    chosen = (said.get(key) for key in choices)
    return "undecided" if any(value in Outcome.values for value in chosen) else ""


def _broken(said: Mapping[str, Any], protocol: Protocol) -> str:
    for broken in broken_rules(protocol, said, responses=("0", "1")[: protocol.responses]):
        if broken.weight is Weight.BLOCK:
            return f"rule_{broken.rule}"
    return ""
