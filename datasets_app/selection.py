"""Whether a recipe takes an item, and if not, why not; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from datasets_app.protocols.base import Of, Question, Weight
from datasets_app.protocols.rules import broken_rules, evaluate
from datasets_app.recipe import Circles, Recipe, Rulings, Ties
from datasets_app.record import Frame, RecordBody, VerdictPart, answers, canonical
from datasets_app.vocabulary import MediaState, Outcome, VerdictMethod

# Every reason for which an item stays out of a version, in the order in which they are looked at:
# an item is counted under the first that holds. `rule_<key>` stands for each rule of the protocol.
REASONS: Mapping[str, Any] = {
    "state_screening": _("No machine has looked at it yet."),
    "state_quarantined": _("It waits in quarantine."),
    "state_open": _("People have not judged it to the end."),
    "state_disputed": _("People did not agree, and no curator has ruled."),
    "state_withdrawn": _("It was withdrawn."),
    "held_back": _("It measures people, so its answers stay here."),
    "media_refused": _("One of its files was refused when its preview was made."),
    "identical_responses": _("Both responses say the same."),
    "ruled": _("A curator ruled on it, and the recipe leaves rulings out."),
    "few_votes": _("A verdict rests on fewer votes than the recipe asks for."),
    "low_agreement": _("The votes for a verdict agree less than the recipe asks for."),
    "no_verdict": _("A question that must be settled has no verdict that stands."),
    "undecided": _("People chose neither response, and the recipe leaves ties out."),
    "rule": _("The verdicts together break a rule of the protocol."),
    "circular": _("Its preference runs in a circle, and the recipe leaves circles out."),
    "beyond_size": _("The version has reached the size that the recipe asks for."),
}


# Combinations of answers kept in mind; with a hundred bytes or two each, some megabytes.
MOST_KNOWN = 20_000


class Selection:
    """What a recipe takes of the items that a frame holds.

    `circular` are the items whose preference runs in a circle with others.
    """

    def __init__(self, frame: Frame, recipe: Recipe, circular: Collection[UUID] = ()) -> None:
        self._frame = frame
        self._recipe = recipe
        self._out_of_line = circular if recipe.circles is Circles.EXCLUDE else ()
        self._known: dict[bytes, str] = {}
        self._unweighed = frame.unweighed
        self._freely = {
            question.key
            for question in frame.protocol.questions
            if question.is_kept_as_given or (question.is_in_words and not question.required)
        }

    def refusal(self, facts: Mapping[str, Any], body: RecordBody) -> str:
        """The reason why the recipe leaves a settled item out; "" when it takes it."""
        if facts["held_back"]:
            return "held_back"
        if any(part["state"] == MediaState.REFUSED for part in facts["media"]):
            return "media_refused"
        if has_identical_responses(body):
            return "identical_responses"
        weak = _weak_verdict(body, self._recipe, self._unweighed, self._freely)
        return weak or self._unsound(body) or self._circular(body)

    def _circular(self, body: RecordBody) -> str:
        return "circular" if self._out_of_line and UUID(body["item"]) in self._out_of_line else ""

    def _unsound(self, body: RecordBody) -> str:
        """What speaks against the verdicts taken together.

        There are far fewer combinations of answers than items, and trying the rules is what takes
        longest in a cut: each combination is tried once.
        """
        said = answers(body, self._frame.choices)
        said = {
            key: _cut(value) if key in self._unweighed else value for key, value in said.items()
        }
        key = canonical([len(body["responses"]), said])
        if key not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._judged(said, len(body["responses"]))
        return self._known[key]

    def _judged(self, said: Mapping[str, Any], responses: int) -> str:
        protocol, names = self._frame.protocol, ("0", "1")[:responses]
        if any(_lacks_verdict(question, said, names) for question in protocol.questions):
            return "no_verdict"
        chosen = (said.get(key) for key in self._frame.choices)
        if self._recipe.ties is Ties.EXCLUDE and any(value in Outcome.values for value in chosen):
            return "undecided"
        for broken in broken_rules(protocol, said, responses=names):
            if broken.weight is Weight.BLOCK:
                return f"rule_{broken.rule}"
        return ""


def _cut(value: Any) -> Any:
    """Texts cut to their first letter, marks to whether any are: that is all that rules ask.

    Otherwise each item would be a combination of its own, and its texts kept in mind.
    """
    if isinstance(value, dict):
        return {key: _cut(part) for key, part in value.items()}
    if isinstance(value, list):
        return [bool(value)] if value else []
    return value[:1] if isinstance(value, str) else value


def has_identical_responses(body: RecordBody) -> bool:
    """Whether both responses are the same file and, but for spaces, the same text."""
    seen = [(" ".join(part["text"].split()), part["media"]) for part in body["responses"]]
    return len(seen) == 2 and seen[0] == seen[1]


def _lacks_verdict(question: Question, said: Mapping[str, Any], names: Sequence[str]) -> bool:
    if not question.required:
        return False
    if question.of is Of.ITEM:
        return said.get(question.key) is None and _is_asked(question, said, {})
    given = said.get(question.key, {})
    return any(given.get(name) is None and _is_asked(question, said, {"x": name}) for name in names)


def _is_asked(question: Question, said: Mapping[str, Any], bound: Mapping[str, str]) -> bool:
    return question.when is None or evaluate(question.when, said, bound) is True


def _weak_verdict(
    body: RecordBody, recipe: Recipe, unweighed: frozenset[str], freely: Collection[str]
) -> str:
    ruled = [v for v in body["verdicts"] if v["method"] == VerdictMethod.RULING]
    if ruled and recipe.rulings is Rulings.EXCLUDE:
        return "ruled"
    # Who leaves out what may be left out says nothing against what others marked or wrote.
    voted = [verdict for verdict in _counted(body, recipe) if verdict["question"] not in freely]
    if any(len(verdict["votes"]) < recipe.minimum_votes for verdict in voted):
        return "few_votes"
    # People hardly ever choose the same words.
    counted = [verdict for verdict in voted if verdict["question"] not in unweighed]
    if any((verdict["agreement"] or 0.0) < recipe.minimum_agreement for verdict in counted):
        return "low_agreement"
    return ""


def _counted(body: RecordBody, recipe: Recipe) -> Iterator[VerdictPart]:
    """The verdicts that the recipe's minima are about: made by votes, of the questions it names."""
    for verdict in body["verdicts"]:
        if verdict["method"] == VerdictMethod.RULING:
            continue
        if not recipe.agreement_on or verdict["question"] in recipe.agreement_on:
            yield verdict
