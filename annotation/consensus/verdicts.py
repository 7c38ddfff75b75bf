"""Verdicts: what the votes on an item settle, and what stays in dispute. Pure.

The law is in docs/consensus.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from annotation.consensus.coding import BallotBox
from annotation.consensus.counting import Agreement, CountedQuestion
from annotation.judgement import Broken, broken_rules, evaluate, worded
from datasets_app.protocols.base import Of, Question, Weight
from datasets_app.protocols.rules import questions_of
from datasets_app.record import canonical
from datasets_app.vocabulary import Outcome, VerdictMethod

# Question and response (None for the item): what a verdict is about.
Spot = tuple[str, str | None]
# Shares are quotients of small numbers: 3 of 5 is not below 0.6.
_HAIR = 1e-9

SPLIT = "split: no answer has the majority"
NO_VOTES = "nobody answered"
CANNOT_JUDGE = "most say that it cannot be judged"


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one question of an item, or of its response. `dispute` is "" if it stands.

    `votes` are [voter, value, imported]; `agreement` is the share of the votes that say so, of
    those who were asked; `posterior` its probability under Dawid–Skene, None under majority.
    """

    question: str
    response: str | None
    value: Any
    votes: list[list[Any]]
    agreement: float | None
    posterior: float | None
    dispute: str = ""

    @property
    def spot(self) -> Spot:
        return self.question, self.response


class Count:
    """All votes of a ballot box counted, question by question, by one method."""

    def __init__(self, box: BallotBox, method: VerdictMethod) -> None:
        self.box = box
        self.method = method
        self.questions = {
            key: CountedQuestion(
                ballots, box.spots(ballots.coder.question), len(box.voters), method
            )
            for key, ballots in box.ballots.items()
        }
        self.voters = list(box.voters)

    def decide(
        self,
        item: int,
        *,
        minimum: float,
        ruled: Mapping[Spot, Any] | None = None,
        kept: Mapping[Spot, Any] | None = None,
    ) -> list[Decision]:
        """The verdicts on the item-th item of the box, in the protocol's order.

        `minimum` is the least agreement (or posterior) that is no dispute. `ruled` are a
        curator's values, `kept` are values that stood before: both are taken as they are, and
        what depends on them follows them. Where they contradict each other, `kept` is in dispute.
        """
        return _Item(self, item, minimum, dict(ruled or {}), dict(kept or {})).decided()

    def agreement(self) -> dict[str, Agreement]:
        """How alike the voters answer each question, of those who were asked."""
        return {key: counted.agreement() for key, counted in self.questions.items()}


class _Item:
    """One item being decided: questions in order, because some depend on those before."""

    def __init__(
        self,
        count: Count,
        item: int,
        minimum: float,
        ruled: dict[Spot, Any],
        kept: dict[Spot, Any],
    ) -> None:
        self.count = count
        self.item = item
        self.minimum = minimum
        self.ruled = ruled
        self.given = kept | ruled
        self.protocol = count.box.protocol
        self.responses = list(count.box.items[item])
        self.decisions: dict[Spot, Decision] = {}

    def decided(self) -> list[Decision]:
        for question in self.protocol.questions:
            for position, response in self._places(question):
                decision = self._decision(question, position, response)
                if decision is not None:
                    self.decisions[decision.spot] = decision
        return self._tried_by_rules()

    def _places(self, question: Question) -> list[tuple[int, str | None]]:
        if question.of is Of.ITEM:
            return [(self.item, None)]
        each = self.protocol.responses
        return [(self.item * each + n, name) for n, name in enumerate(self.responses)]

    def _decision(self, question: Question, spot: int, response: str | None) -> Decision | None:
        votes = self._votes(question, spot)
        if (question.key, response) in self.given:
            value = self.given[question.key, response]
            share = None
            if votes and question.is_settled_by_votes:
                share = sum(vote[1] == value for vote in votes) / len(votes)
            return Decision(question.key, response, value, votes, share, None)
        parent = self._undecided_parent(question, response)
        if parent:
            dispute = f"waits for “{parent}”"
            return Decision(question.key, response, None, votes, None, None, dispute)
        if not self._is_asked(question, response):
            return self._implied(question, response, votes)
        if question.is_in_words:
            return self._in_words(question, response, votes)
        if question.is_kept_as_given:
            return self._as_given(question, response, votes)
        return self._by_votes(question, response, spot, votes)

    def _votes(self, question: Question, spot: int) -> list[list[Any]]:
        if not question.is_settled_by_votes:
            return [
                [voter, value, imported]
                for number, value in self.count.box.uncoded[question.key].get(spot, ())
                for voter, imported in [self.count.voters[number]]
            ]
        counted = self.count.questions[question.key]
        answer = counted.ballots.coder.answer
        return [
            [voter, answer(int(counted.codes[row]), self.responses), imported]
            for row in counted.rows(spot)
            for voter, imported in [self.count.voters[counted.voters[row]]]
        ]

    # --- Questions that are asked only when others have a certain answer

    def _undecided_parent(self, question: Question, response: str | None) -> str:
        """The wording of a question that this one depends on and that is in dispute, or ""."""
        for key in sorted(questions_of(question.when)):
            for spot in ((key, response), (key, None)):
                found = self.decisions.get(spot)
                if found is not None and found.dispute:
                    return self.protocol.question(key).wording
        return ""

    def _is_asked(self, question: Question, response: str | None) -> bool:
        if question.when is None:
            return True
        return evaluate(question.when, self._standing(), {"x": response or ""}) is True

    def _implied(
        self, question: Question, response: str | None, votes: list[list[Any]]
    ) -> Decision | None:
        """What goes without saying, if anything does."""
        if question.implied is None:
            return None
        value = list(question.implied) if question.implied == () else question.implied
        share = sum(vote[1] == value for vote in votes) / len(votes) if votes else None
        return Decision(question.key, response, value, votes, share, None)

    # --- Votes

    def _by_votes(
        self,
        question: Question,
        response: str | None,
        spot: int,
        votes: list[list[Any]],
    ) -> Decision | None:
        counted = self.count.questions[question.key]
        if not counted.asked[counted.rows(spot)].any():
            if not question.required:
                return None
            return Decision(question.key, response, None, votes, None, None, NO_VOTES)
        found = self._set if counted.ballots.coder.is_set else self._one
        value, share, posterior, dispute = found(question, counted, spot)
        is_modelled = self.count.method is VerdictMethod.DAWID_SKENE
        return Decision(
            question.key,
            response,
            value,
            votes,
            share,
            posterior if is_modelled else None,
            dispute,
        )

    def _in_words(
        self, question: Question, response: str | None, votes: list[list[Any]]
    ) -> Decision | None:
        """What most say word for word; of equally many, what was said first.

        People hardly ever choose the same words, so that says nothing against them: words have
        no agreement and are never in dispute.
        """
        if not votes and not question.required:
            return None
        if not votes:
            return Decision(question.key, response, None, votes, None, None, NO_VOTES)
        said = [canonical(vote[1]) for vote in votes]
        # `max` gives the first of equals.
        value = votes[max(range(len(said)), key=lambda at: said.count(said[at]))][1]
        return Decision(question.key, response, value, votes, None, None)

    def _as_given(
        self, question: Question, response: str | None, votes: list[list[Any]]
    ) -> Decision | None:
        """All marks, or spans, that anybody gave, each once, in the order in which they came.

        Who marks nothing leaves the question out: that says nothing against what others marked.
        """
        if not votes and not question.required:
            return None
        if not votes:
            return Decision(question.key, response, None, votes, None, None, NO_VOTES)
        together = {canonical(part): part for vote in votes for part in vote[1]}
        return Decision(question.key, response, list(together.values()), votes, None, None)

    def _one(
        self, question: Question, counted: CountedQuestion, spot: int
    ) -> tuple[Any, float, float, str]:
        """One answer of several. Value, share, posterior, dispute."""
        label = int(counted.whole.label[spot])
        share = float(counted.whole.share[spot])
        posterior = float(counted.whole.posterior[spot])
        if label < 0:
            return None, share, posterior, SPLIT
        value = counted.ballots.coder.answer(label, self.responses)
        dispute = CANNOT_JUDGE if value == Outcome.CANNOT_JUDGE else self._weakness(posterior)
        return value, share, posterior, dispute

    def _set(
        self, question: Question, counted: CountedQuestion, spot: int
    ) -> tuple[Any, float, float, str]:
        """Any number of categories, each by itself; the weakest of those named speaks for all."""
        here = {
            bit: (int(one.label[spot]), float(one.share[spot]), float(one.posterior[spot]))
            for bit, one in counted.by_category.items()
            if self._is_named(counted, spot, bit)
        }
        code = sum(1 << bit for bit, (label, _share, _posterior) in here.items() if label == 1)
        value = counted.ballots.coder.answer(code, self.responses)
        share = min((share for _label, share, _posterior in here.values()), default=1.0)
        posterior = min((posterior for _l, _s, posterior in here.values()), default=1.0)
        if any(label < 0 for label, _share, _posterior in here.values()):
            return value, share, posterior, SPLIT
        is_too_few = len(value) < question.at_least
        is_too_many = bool(question.at_most) and len(value) > question.at_most
        return (
            value,
            share,
            posterior,
            SPLIT if is_too_few or is_too_many else self._weakness(posterior),
        )

    def _is_named(self, counted: CountedQuestion, spot: int, bit: int) -> bool:
        rows = counted.rows(spot)
        return bool((counted.codes[rows] >> bit & 1).any())

    def _weakness(self, posterior: float) -> str:
        """Under majority the posterior is the share."""
        if posterior >= self.minimum - _HAIR:
            return ""
        return f"weak: {posterior:.0%} where {self.minimum:.0%} are wanted"

    # --- Rules between the verdicts

    def _standing(self) -> dict[str, Any]:
        """The verdicts that stand, as answers."""
        answers: dict[str, Any] = {}
        for decision in self.decisions.values():
            if not decision.dispute and decision.response is None:
                answers[decision.question] = decision.value
            elif not decision.dispute:
                answers.setdefault(decision.question, {})[decision.response] = decision.value
        return answers

    def _tried_by_rules(self) -> list[Decision]:
        """The decisions, those in dispute that contradict each other."""
        broken = broken_rules(self.protocol, self._standing(), responses=self.responses)
        for found in broken:
            if found.weight is Weight.BLOCK:
                self._blame(found)
        return [*self.decisions.values(), *self._strengths()]

    def _strengths(self) -> Iterator[Decision]:
        """How strongly what was chosen is preferred, by those who chose it: the lower median."""
        for key, strong in self.count.box.strengths.items():
            chosen = self.decisions.get((key, None))
            if chosen is None or chosen.dispute:
                continue
            given = [(n, how) for n, named, how in strong[self.item] if named == chosen.value]
            if given:
                said = sorted(how for _voter, how in given)
                value = said[(len(said) - 1) // 2]
                votes = [
                    [voter, how, imported]
                    for n, how in given
                    for voter, imported in [self.count.voters[n]]
                ]
                question = self.protocol.question(key).strength_key
                share = said.count(value) / len(said)
                yield Decision(question, None, value, votes, share, None)

    def _blame(self, found: Broken) -> None:
        """Mark what a broken rule speaks of: the answers on the item, or else on the response.

        What a curator ruled is not marked, unless there is nothing else.
        """
        rule = next(rule for rule in self.protocol.rules if rule.key == found.rule)
        keys = questions_of(rule.broken_when)
        spots: list[Spot] = [(key, None) for key in keys if (key, None) in self.decisions]
        spots = spots or [(key, found.x) for key in keys if (key, found.x) in self.decisions]
        message = worded(found, responses=self.responses, flipped=False)
        for spot in [spot for spot in spots if spot not in self.ruled] or spots:
            self.decisions[spot] = replace(
                self.decisions[spot], dispute=f"rule {found.rule}: {message}"[:200]
            )
