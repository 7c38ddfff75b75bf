"""What a version holds, in numbers: counted once, at the cut, for its page and its card; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from datasets_app.circles import Circular
from datasets_app.record import RecordBody, VerdictPart
from datasets_app.vocabulary import VerdictMethod

# Models named in a card; what comes after the most frequent is summed up.
MOST_MODELS = 40


@dataclass(slots=True)
class QuestionCount:
    """One question's verdicts. `agreement` is summed over the `agreed` verdicts that have one."""

    verdicts: int = 0
    votes: int = 0
    imported: int = 0
    ruled: int = 0
    agreed: int = 0
    agreement: float = 0.0
    values: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: VerdictPart, *, is_weighed: bool) -> None:
        self.verdicts += 1
        self.votes += len(verdict["votes"])
        self.imported += sum(vote["imported"] for vote in verdict["votes"])
        if verdict["method"] == VerdictMethod.RULING:
            self.ruled += 1
        elif verdict["agreement"] is not None:
            self.agreed += 1
            self.agreement += verdict["agreement"]
        value = verdict["value"]
        self.values.update(_named(value) if is_weighed else _said_of(value))

    def as_json(self) -> dict[str, Any]:
        return {
            "verdicts": self.verdicts,
            "votes": self.votes,
            "imported": self.imported,
            "ruled": self.ruled,
            "agreement": round(self.agreement / self.agreed, 4) if self.agreed else None,
            "values": dict(sorted(self.values.items())),
        }


class Census:
    """Counts records as they pass; `as_json` is what a version keeps.

    `unweighed` are the keys of the questions answered by a text, marks or spans: none is kept.
    `circular` says which preferences of the dataset run in circles.
    """

    def __init__(self, unweighed: frozenset[str], circular: Circular | None = None) -> None:
        self._unweighed = unweighed
        self._compared = circular.prompts if circular else 0
        self._circular = circular.items if circular else {}
        self._circles: Counter[str] = Counter()
        self.splits: Counter[str] = Counter()
        self._questions: defaultdict[str, QuestionCount] = defaultdict(QuestionCount)
        self._workers: set[str] = set()
        self._models: Counter[str] = Counter()
        self._prompt_media: set[str] = set()
        self._response_media: set[str] = set()
        self._longest_dialogue = 0

    def add(self, body: RecordBody) -> None:
        """Count one record."""
        self.splits[body["split"]] += 1
        for verdict in body["verdicts"]:
            key = verdict["question"]
            self._questions[key].add(verdict, is_weighed=key not in self._unweighed)
            self._workers.update(vote["worker"] for vote in verdict["votes"])
        if self._circular:
            self._circles.update(self._circular.get(UUID(body["item"]), ()))
        self._models.update(part["model"] for part in body["responses"] if part["model"])
        self._longest_dialogue = max(self._longest_dialogue, len(body["turns"]))
        if body["media"]:
            self._see_media(body)

    def _see_media(self, body: RecordBody) -> None:
        modality = {part["digest"]: part["modality"] for part in body["media"]}
        shown = (digest for turn in body["turns"] for digest in turn["media"])
        self._prompt_media.update(modality[digest] for digest in shown)
        answered = (part["media"] for part in body["responses"])
        self._response_media.update(modality[digest] for digest in answered if digest)

    def as_json(self) -> dict[str, Any]:
        """`questions` by key, `workers`, `models`, the modalities shown by either side, and of how
        many prompts preferences were tried for `circles`, with the records on one, by question.
        """
        models = self._models.most_common()
        return {
            "questions": {key: self._questions[key].as_json() for key in sorted(self._questions)},
            "workers": len(self._workers),
            "models": dict(sorted(models[:MOST_MODELS], key=lambda pair: (-pair[1], pair[0]))),
            "other_models": sum(number for _, number in models[MOST_MODELS:]),
            "prompt_media": sorted(self._prompt_media),
            "response_media": sorted(self._response_media),
            "longest_dialogue": self._longest_dialogue,
            "circles": {"prompts": self._compared, "on": dict(sorted(self._circles.items()))},
        }


def _named(value: Any) -> list[str]:  # Any: a verdict's value may be whatever its question asks for
    """A verdict's value as what is counted: each category by itself, anything else as a word."""
    if isinstance(value, list):
        return [part for part in value if isinstance(part, str)] or ["none"]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(value)] if isinstance(value, int | str) else []


def _said_of(value: Any) -> list[str]:
    """Of words only what they did, of marks and spans how many of each kind there are."""
    if isinstance(value, list):
        return [str(part["kind"]) for part in value]
    if isinstance(value, dict):
        return ["unchanged" if value.get("unchanged") is True else "changed"]
    return []
