"""A record: one frozen row of a version, richer than any format that is made from it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict, cast

import orjson

from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import QuestionKind, Split


class TurnPart(TypedDict):
    """One turn of the prompt. `media` lists digests, in the order shown."""

    speaker: str
    text: str
    media: list[str]


class ResponsePart(TypedDict):
    """One response. `media` is a digest or null, `meta` what its source said of it, as loaded.

    `cuts`, only of a leaf of a tree, are the lengths of the texts that it goes on from, in
    characters, the shortest first.
    """

    id: str
    position: int
    text: str
    media: str | None
    model: str
    parent: str | None
    meta: dict[str, Any]
    cuts: NotRequired[list[int]]


class MediaPart(TypedDict):
    """A file that the record shows; the bytes lie in the media storage under its digest."""

    digest: str
    modality: str
    mime: str
    size: int
    width: int | None
    height: int | None
    duration_ms: int | None


class VotePart(TypedDict):
    """One person's answer to one question. `worker` is a pseudonym of this version only."""

    worker: str
    value: Any
    imported: bool


class VerdictPart(TypedDict):
    """The settled answer to a question; `response` is the response's position, null for the item.

    A `choice` names a response by its position (0 or 1) or says an `Outcome`; other kinds are as
    in `protocols.base`. `agreement` and `posterior` lie in 0-1.
    """

    question: str
    response: int | None
    value: Any
    method: str
    agreement: float | None
    posterior: float | None
    votes: list[VotePart]


class MachinePart(TypedDict):
    """What the machines made of the item when it was screened; it routes, it is never a label."""

    severity: int
    categories: list[str]


class RecordBody(TypedDict):
    """All that is known of one item at the moment of the cut.

    `item` is the item's id, `external_id` the one it was loaded with (likewise for the prompt),
    `group` the split group's digest, `split` one of `vocabulary.Split`. `meta` of item, prompt
    and responses is what their source said, as loaded.
    """

    item: str
    external_id: str
    dataset: str
    protocol: str
    label_set: str
    group: str
    split: str
    meta: dict[str, Any]
    turns: list[TurnPart]
    prompt_id: str
    prompt_external_id: str
    prompt_meta: dict[str, Any]
    responses: list[ResponsePart]
    media: list[MediaPart]
    verdicts: list[VerdictPart]
    machine: MachinePart | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What all records of a version share.

    `choices` are the keys of the questions that are answered by naming a response, `unweighed` of
    those that no consensus is formed of and the strengths of choices; `worker` turns an annotator's
    key into a pseudonym.
    """

    dataset: str
    protocol: Protocol
    choices: frozenset[str]
    unweighed: frozenset[str]
    worker: Callable[[str], str]


def frame_of(dataset: str, protocol: Protocol, worker: Callable[[str], str]) -> Frame:
    """The frame of the records of one version."""
    questions = protocol.questions
    choices = frozenset(q.key for q in questions if q.kind is QuestionKind.CHOICE)
    unweighed = frozenset(q.key for q in questions if not q.is_settled_by_votes)
    unweighed |= {q.strength_key for q in questions if q.strength}
    return Frame(dataset, protocol, choices, unweighed, worker)


def build(facts: Mapping[str, Any], frame: Frame, *, group: str, split: Split) -> RecordBody:
    """The record of one item, from its facts as `versions` selects them.

    Verdicts that are disputed are left out. Nothing of an annotator but the pseudonym goes in;
    votes stand in the order of the pseudonyms, so that it says nothing of who came first.
    """
    protocol = frame.protocol
    positions = {part["id"]: part["position"] for part in facts["responses"]}
    return {
        "item": facts["item"],
        "external_id": facts["external_id"],
        "dataset": frame.dataset,
        "protocol": f"{protocol.key}@{protocol.version}",
        "label_set": protocol.label_set,
        "group": group,
        "split": split.value,
        "meta": facts["meta"],
        "turns": facts["turns"],
        "prompt_id": facts["prompt_id"],
        "prompt_external_id": facts["prompt_external_id"],
        "prompt_meta": facts["prompt_meta"],
        "responses": facts["responses"],
        "media": [_media(part) for part in facts["media"]],
        "verdicts": _verdicts(facts["verdicts"], frame, positions),
        "machine": facts["machine"],
    }


def _media(part: Mapping[str, Any]) -> MediaPart:
    return cast(MediaPart, {key: part[key] for key in MediaPart.__annotations__})


def _verdicts(
    given: Sequence[Mapping[str, Any]], frame: Frame, positions: Mapping[str, int]
) -> list[VerdictPart]:
    parts = [
        _verdict(verdict, frame.worker, positions, verdict["question"] in frame.choices)
        for verdict in given
        if not verdict["dispute"]
    ]
    parts.sort(
        key=lambda part: (part["question"], -1 if part["response"] is None else part["response"])
    )
    return parts


def _verdict(
    verdict: Mapping[str, Any],
    worker: Callable[[str], str],
    positions: Mapping[str, int],
    is_choice: bool,
) -> VerdictPart:
    # A choice is stored by response id; a record names responses by position.
    named: Callable[[Any], Any] = (lambda v: positions.get(v, v)) if is_choice else (lambda v: v)
    votes: list[VotePart] = [
        {"worker": worker(key), "value": named(value), "imported": imported}
        for key, value, imported in verdict["votes"]
    ]
    votes.sort(key=lambda vote: vote["worker"])
    return {
        "question": verdict["question"],
        "response": None if verdict["response"] is None else positions[verdict["response"]],
        "value": named(verdict["value"]),
        "method": verdict["method"],
        "agreement": verdict["agreement"],
        "posterior": verdict["posterior"],
        "votes": votes,
    }


def pseudonyms(secret: bytes, number: int) -> Callable[[str], str]:
    """Annotator key → worker name, for one version: 80 bits under a key that only it has.

    Within a version one person is one name; between versions, and without the dataset's secret,
    nothing links the names to each other or to the person.
    """
    key = hmac.digest(secret, f"version {number}".encode(), hashlib.sha256)
    known: dict[str, str] = {}

    def worker(annotator: str) -> str:
        if annotator not in known:
            mark = hmac.digest(key, annotator.encode(), hashlib.sha256)
            known[annotator] = base64.b32encode(mark)[:16].decode().lower()
        return known[annotator]

    return worker


def canonical(value: Any) -> bytes:  # Any: whatever JSON holds
    """Canonical JSON: sorted keys, UTF-8, no spaces. The same value gives the same bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def face(body: RecordBody) -> bytes:
    """What a version's digest is made of: the record without the pseudonyms, votes sorted.

    The same selection of the same ledger has the same digest in every version, although each
    names its workers anew.
    """
    nameless = [
        {
            **verdict,
            "votes": sorted(
                canonical([v["value"], v["imported"]]).decode() for v in verdict["votes"]
            ),
        }
        for verdict in body["verdicts"]
    ]
    return canonical({**body, "verdicts": nameless})


def answers(body: RecordBody, choices: frozenset[str]) -> dict[str, Any]:
    """The verdicts in the shape of `protocols.base`, the responses named "0" and "1"."""
    said: dict[str, Any] = {}
    for verdict in body["verdicts"]:
        key, value = verdict["question"], verdict["value"]
        if verdict["response"] is not None:
            said.setdefault(key, {})[str(verdict["response"])] = value
        else:
            said[key] = str(value) if key in choices else value
    return said
