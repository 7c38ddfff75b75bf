"""The contract of every classifier: passages in, judgements out, in the same order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from datasets_app.vocabulary import Severity


@dataclass(frozen=True, slots=True)
class Passage:
    """What is judged: an answer to a prompt, or (response None) the prompt by itself."""

    prompt: str
    response: str | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a classifier says of one passage.

    `probabilities` maps every category of the label set to 0-1; `categories` are those above the
    classifier's own threshold, sorted. A judgement with an `error` is severe, never safe.
    """

    probabilities: Mapping[str, float] = field(default_factory=dict)
    unsafe_probability: float = 1.0
    severity: int = Severity.SEVERE.value
    categories: tuple[str, ...] = ()
    error: str | None = None


class Classifier(Protocol):
    """A model behind one face.

    `revision` is the SHA-256 of everything that decides a judgement (weights, tokenizer,
    configuration, label map): the same revision says the same of the same passage.
    """

    name: str
    revision: str
    label_set: str

    def judge(self, batch: Sequence[Passage]) -> list[Judgement]:
        """One judgement for each passage, in order. Long passages are judged in pieces."""
        ...
