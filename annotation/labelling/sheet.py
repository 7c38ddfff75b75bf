"""Where answers belong and whether they fit: read from the page, tried against the rules."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from annotation.judgement import Broken, Judged, broken_rules, read_answers, worded
from annotation.steps import following
from datasets_app.models import PromptMedia, Response
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Step, Weight
from datasets_app.protocols.rules import questions_of
from datasets_app.vocabulary import Modality, QuestionKind

LONGEST_REASON = 2_000
# Kinds whose answers must fit what they are about.
_FITTED = frozenset({QuestionKind.EDIT, QuestionKind.MARKS, QuestionKind.SPANS})


class BadOverride(Exception):
    """Reasons against warnings must be short texts by rule; `objections` are what they answer."""

    objections: tuple[Objection, ...] = ()


@dataclass(frozen=True, slots=True)
class Objection:
    """A broken rule in the annotator's own words for the sides; a warning takes a reason."""

    rule: str
    message: str
    weight: Weight


class RulesBroken(Exception):
    """The answers contradict each other, or the same person's earlier ones: `objections`."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(" ".join(objection.message for objection in objections))
        self.objections = tuple(objections)


@dataclass(frozen=True, slots=True)
class Place:
    """Where answers belong, and what they must fit."""

    slot: int | None
    campaign: int
    dataset: int
    item: UUID
    step: str
    number: int
    flipped: bool
    protocol: str
    guideline_version: int
    first: UUID
    second: UUID | None
    earlier: str  # JSON: the same annotator's answers to the item's other steps, as a list

    @property
    def responses(self) -> list[UUID]:
        return [self.first] if self.second is None else [self.first, self.second]

    @property
    def own_earlier(self) -> dict[str, Any]:
        """The same annotator's answers to the item's other steps, together."""
        return {key: value for step in json.loads(self.earlier) for key, value in step.items()}


def body_digest(token: UUID, answers: object, overrides: object) -> str:
    """SHA-256 of what the submit says. Not of `seconds`: a retry may have measured longer."""
    body = json.dumps([str(token), answers, overrides or {}], sort_keys=True, default=str)
    return hashlib.sha256(body.encode()).hexdigest()


def written(place: Place, answers: object, overrides: object, seconds: object) -> dict[str, Any]:
    """The values of the statements that write; for psycopg.

    Raises AnswersRefused, RulesBroken, BadOverride.
    """
    protocol = protocol_named(place.protocol)
    step = protocol.step(place.step)
    canonical = read_answers(
        protocol,
        step,
        answers,
        responses=place.responses,
        flipped=place.flipped,
        own_earlier=place.own_earlier,
        judged=_judged(step, place),
    )
    kept = _tried(place, canonical, overrides)
    return {
        "campaign": place.campaign,
        "dataset": place.dataset,
        "item": place.item,
        "step": place.step,
        "number": place.number,
        "flipped": place.flipped,
        "protocol": place.protocol,
        "guideline_version": place.guideline_version,
        "answers": Jsonb(canonical),
        "overrides": Jsonb(kept),
        "seconds": _plausible(seconds),
        "follows": [after.key for after in following(protocol, place.step)],
        "is_follow_up": bool(step.after),
    }


def _judged(step: Step, place: Place) -> dict[str, Judged]:
    """What answers must fit, where the step asks for any that must: see `read_answers`."""
    if not any(question.kind in _FITTED for question in step.questions):
        return {}
    responses = Response.objects.filter(pk__in=place.responses).select_related("media")
    judged = {str(response.pk): _judged_response(response) for response in responses}
    shown = PromptMedia.objects.filter(prompt__items=place.item, media__modality=Modality.IMAGE)
    return judged | {"": Judged(pictures=shown.count())}


def _judged_response(response: Response) -> Judged:
    file = response.media
    if file is None:
        return Judged(response.text)
    pictures = int(file.modality == Modality.IMAGE)
    return Judged(response.text, pictures, file.duration_ms)


def _tried(place: Place, answers: dict[str, Any], overrides: object) -> dict[str, str]:
    """The reasons that overrule a warning.

    Raises RulesBroken for every rule without one, and BadOverride.
    """
    known = place.own_earlier | answers
    protocol = _with_rules_on(place.protocol, place.step, frozenset(known))
    broken = broken_rules(protocol, known, responses=place.responses)
    try:
        reasons = _reasons(protocol_named(place.protocol), overrides)
    except BadOverride as bad:
        bad.objections = tuple(_objection(found, place) for found in broken)
        raise
    standing = [b for b in broken if b.weight is Weight.BLOCK or not reasons.get(b.rule)]
    if standing:
        raise RulesBroken([_objection(found, place) for found in standing])
    return {found.rule: reasons[found.rule] for found in broken}


@lru_cache(maxsize=256)
def _with_rules_on(name: str, step: str, answered: frozenset[str]) -> Protocol:
    """The protocol with only those rules that answers to the step can break.

    What earlier steps broke among themselves was answered for then; a rule about what is not
    answered is never broken.
    """
    protocol = protocol_named(name)
    asked = {question.key for question in protocol.step(step).questions}
    rules = [
        rule
        for rule in protocol.rules
        if (keys := questions_of(rule.broken_when)) & asked and keys <= answered
    ]
    return replace(protocol, rules=tuple(rules))


def _objection(found: Broken, place: Place) -> Objection:
    message = worded(found, responses=place.responses, flipped=place.flipped)
    return Objection(found.rule, message, found.weight)


def _reasons(protocol: Protocol, overrides: object) -> dict[str, str]:
    if overrides is None:
        return {}
    if not isinstance(overrides, Mapping):
        raise BadOverride("The reasons must be one JSON object, by rule.")
    known = {rule.key for rule in protocol.rules}
    for rule, reason in overrides.items():
        if rule not in known or not isinstance(reason, str) or not _is_plain(reason):
            raise BadOverride("A reason must be a text of at most 2,000 letters, for a known rule.")
    return {rule: reason.strip() for rule, reason in overrides.items()}


def _is_plain(text: str) -> bool:
    """Whether PostgreSQL can keep it: not too long, no NUL, no half of a surrogate pair."""
    is_whole = not any(letter == "\x00" or "\ud800" <= letter <= "\udfff" for letter in text)
    return is_whole and len(text) <= LONGEST_REASON


def _plausible(seconds: object) -> float | None:
    """A measured time, or None for what cannot be one."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return None
    return float(seconds) if math.isfinite(seconds) and 0 <= seconds <= 86_400 else None
