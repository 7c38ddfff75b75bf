"""What a classifier is given, what it answers, and what it promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

MOST_SEVERE = 3


class ClassifierError(Exception):
    """A classifier that cannot be used; the message is one line: what, where, what to do."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is judged at once: a response in the light of its prompt, or a prompt alone.

    With `response` None the prompt alone is judged: does it ask for harm? Otherwise the pair is:
    a risky question with an answer that declines is safe (the idea of BeaverTails).
    """

    prompt: str
    response: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a classifier says of one passage; advice for routing, never a verdict.

    `probabilities`: one per category of the label set, each in 0…1, not summing to one.
    `severity`: 0 none, 1 minor, 2 moderate, 3 severe; 0 if and only if `is_safe_probability`
    is at least 0.5. `error`: why there is no judgement; then severity is 3 and
    `is_safe_probability` 0, so that nothing unjudged can pass for safe.
    """

    probabilities: Mapping[str, float]
    severity: int
    is_safe_probability: float
    error: str | None = None

    @classmethod
    def failed(cls, reason: str) -> Judgement:
        """The judgement of a passage that could not be judged."""
        return cls({}, MOST_SEVERE, 0.0, reason)


class Classifier(Protocol):
    """Judges passages. One object serves one process; it is not for several threads at once."""

    @property
    def name(self) -> str:
        """What people call it: `castor-guard`, a folder's name, or `org/name`."""

    @property
    def revision(self) -> str:
        """64 hexadecimal digits over weights, tokenizer, configuration, label map and reading.

        Equal revisions give equal judgements (within 1e-4 on a CPU); stored with each screening.
        """

    @property
    def label_set(self) -> str:
        """The key of the label set whose categories it speaks of."""

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that it can name: some or all of the label set's, in its order."""

    def judge(self, batch: Sequence[Passage]) -> list[Judgement]:
        """One judgement per passage, in the same order; an empty batch gives an empty list.

        A passage that cannot be judged (no memory, numbers that are not finite, outputs of the
        wrong shape) gets a judgement with `error`; the others are judged. Only a broken device
        raises, and then the process is of no further use.
        """
