"""Answers that came with the data, put into the shape and the words of the dataset's protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from datasets_app.label_sets import LABEL_SETS
from datasets_app.protocols import Protocol
from datasets_app.protocols.base import Of
from datasets_app.vocabulary import QuestionKind


class VoteShape:
    """Which answers a protocol asks for. What it does not ask for is not kept."""

    def __init__(self, protocol: Protocol) -> None:
        asked = protocol.questions
        self._each = {q.key for q in asked if q.of == Of.RESPONSE}
        self._whole = {q.key for q in asked if q.of == Of.ITEM}
        self._choices = {
            q.key: {outcome.value for outcome in q.outcomes}
            for q in asked
            if q.kind == QuestionKind.CHOICE
        }
        self._strengths = {f"{q.key}_strength": q.key for q in asked if q.strength}
        self._labelled = {q.key for q in asked if q.kind == QuestionKind.CATEGORIES}
        self._labels = frozenset(LABEL_SETS[protocol.label_set].keys)

    def canonical(self, answers: Mapping[str, Any], responses: Sequence[bytes]) -> dict[str, Any]:
        """The answers by response id instead of by position, without those nobody asks for."""
        names = {str(at): str(UUID(bytes=id)) for at, id in enumerate(responses)}
        kept: dict[str, Any] = {}
        for key, value in answers.items():
            if key in self._choices:
                said = names.get(value, value if value in self._choices[key] else None)
            elif key in self._each and isinstance(value, Mapping):
                said = {
                    names[at]: v for at, v in value.items() if at in names and self._fits(key, v)
                }
            elif key in self._whole and self._fits(key, value):
                said = value
            else:
                said = value if key in self._strengths else None
            if said is not None and said != {}:
                kept[key] = said
        return {k: v for k, v in kept.items() if self._strengths.get(k, k) in kept}

    def _fits(self, key: str, value: Any) -> bool:
        """Whether categories are of the protocol's own label set."""
        return key not in self._labelled or self._labels.issuperset(value)
