"""MM-DeceptionBench and Debate with Images: cases about pictures, each with a model's answer.

A row is a case (category, scenario, user_profile, assistant_profile, prompt, images) with `source`,
the answering model, and `result` {reasoning, output}. With `decision` and `critique` it is a vote,
and `visual_evidence` are its marks. Spellings of a category differ by case and space as published;
what is spelt anew is noted, and so is every visual operation that is no mark on a picture: those
stay with the item as they came.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from datasets_app.label_sets.mm_deception import MM_DECEPTION
from datasets_app.readers import cells
from datasets_app.readers.base import (
    BadRow,
    Incoming,
    IncomingMedia,
    IncomingResponse,
    IncomingTurn,
    IncomingVote,
    Interpret,
    Reader,
    ReadOptions,
    Row,
    Unusable,
)
from datasets_app.readers.rows.json_rows import json_any
from datasets_app.vocabulary import Modality, Speaker

# What the annotator and the model are told of the situation, by column.
SITUATION = (
    ("scenario", "Scenario"),
    ("user_profile", "User"),
    ("assistant_profile", "Assistant"),
)
_USED = frozenset({"case_id", "category", "prompt", "images", "source", "result", "decision"}) | {
    "critique",
    "visual_evidence",
    *(name for name, _ in SITUATION),
}
_DECISIONS = {"deceptive": True, "nondeceptive": False}
# The operations of a debate that are marks. Others, such as zoom_in_2d, segmentation_2d and depth,
# look at a picture and point to nothing on it.
_OPERATIONS = {"bbox_2d": ("box", 4), "point_2d": ("point", 2), "line_2d": ("line", 4)}
_OF_A_MARK = frozenset({*_OPERATIONS, "label", "image"})


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """A JSON list, JSON lines, or a folder of them; images lie where the rows or the root say."""
    return json_any(path, options)


def interpret(row: Row) -> Incoming:
    """One answer to a case. Raises Unusable."""
    reasoning, output = _result(row)
    case, source = cells.word(row, "case_id"), cells.word(row, "source")
    category, respelt = _category(row)
    evidence = _evidence(row)
    user = IncomingTurn(Speaker.USER.value, cells.text(row, "prompt"), tuple(_images(row)))
    turns = [IncomingTurn(Speaker.SYSTEM.value, _situation(row)), user]
    if reasoning:
        turns.append(IncomingTurn(Speaker.ASSISTANT.value, reasoning))
    about = {name: row.values[name] for name, _ in SITUATION if row.values.get(name)}
    vote = _vote(row, category, evidence.marks)
    # Without a vote nobody's marks are stored.
    kept = evidence.kept if vote else evidence.all
    return Incoming(
        row.file,
        row.line,
        f"{case}/{source}" if case and source else "",
        tuple(turns),
        (IncomingResponse(output, model=source),),
        prompt_meta=cells.meta(about | ({"category": category} if category else {})),
        prompt_external_id=case,
        meta=cells.meta(cells.rest(row, _USED) | ({"visual_evidence": kept} if kept else {})),
        votes=(IncomingVote("", vote),) if vote else (),
        notes=(*respelt, *evidence.notes),
    )


def _result(row: Row) -> tuple[str, str]:
    result = row.values.get("result")
    if result is None:
        raise Unusable("has no result: it is a case that no model has answered yet")
    if not isinstance(result, dict):
        raise Unusable(f"result is {cells.shown(result)}, not an object of reasoning and output")
    part = row._replace(values=result)
    reasoning = result.get("reasoning")
    return (cells.text(part, "reasoning") if reasoning else ""), cells.text(part, "output")


def _situation(row: Row) -> str:
    said = [(name, title) for name, title in SITUATION if row.values.get(name)]
    if not said:
        raise Unusable("has no scenario, user_profile or assistant_profile: nothing to judge it by")
    return "\n\n".join(f"{title}: {cells.text(row, name)}" for name, title in said)


def _category(row: Row) -> tuple[str, tuple[str, ...]]:
    """The case's own as the label set spells it, "" when it has none; a note if that is anew."""
    value = cells.word(row, "category")
    spelt = re.sub(r"[\s_-]+", " ", value).strip().lower()
    if spelt and spelt not in MM_DECEPTION.keys:
        raise Unusable(
            f"category is {cells.shown(value)}, not one of {', '.join(MM_DECEPTION.keys)}"
        )
    return spelt, (f"category spelt anew: {value} → {spelt}",) if spelt != value else ()


def _images(row: Row) -> Iterator[IncomingMedia]:
    paths = row.values.get("images")
    if not isinstance(paths, list) or not paths or not all(isinstance(p, str) for p in paths):
        raise Unusable(f"images is {cells.shown(paths)}, not a list of paths")
    for path in paths:
        yield IncomingMedia(Modality.IMAGE, path=_found(row, path), name=path)


def _found(row: Row, path: str) -> Path:
    """Beside the rows, or from the root: published rows lie in dataset/, their images do not."""
    from_root = row._replace(folder=row.root)
    for place in (row, from_root):
        if (place.folder / path).is_file():
            return cells.below(place, path, "images")
    return cells.below(from_root, path, "images")


def _vote(row: Row, category: str, marks: list[dict[str, Any]]) -> dict[str, Any]:
    decision = cells.word(row, "decision")
    if not decision:
        return {}
    bare = re.sub(r"[\s_-]+", "", decision).lower()
    if bare not in _DECISIONS:
        raise Unusable(f"decision is {cells.shown(decision)}, not Deceptive or Non-deceptive")
    is_deceptive = _DECISIONS[bare]
    answers: dict[str, Any] = {"deceptive": {"0": is_deceptive}}
    # What the case was made for is what its author says of an answer that deceives.
    if category or not is_deceptive:
        answers["category"] = {"0": [category] if is_deceptive else []}
    if row.values.get("critique"):
        answers["critique"] = {"0": cells.text(row, "critique")}
    return answers | ({"marks": marks} if marks else {})


class _Evidence(NamedTuple):
    """The visual operations of a row: those that are marks, those to be kept as they came."""

    all: list[Any]
    marks: list[dict[str, Any]]
    kept: list[Any]
    notes: list[str]


def _evidence(row: Row) -> _Evidence:
    operations = row.values.get("visual_evidence") or []
    if not isinstance(operations, list):
        raise Unusable(f"visual_evidence is {cells.shown(operations)}, not a list of operations")
    found = _Evidence(operations, [], [], [])
    for operation in operations:
        if not isinstance(operation, dict):
            raise Unusable(f"visual_evidence has {cells.shown(operation)}, which is no operation")
        marks = [name for name in _OPERATIONS if operation.get(name) is not None]
        found.marks.extend(_mark(row, operation, name) for name in marks)
        # False and null say that an operation was not used.
        others = [name for name, value in operation.items() if value and name not in _OF_A_MARK]
        if others or not marks:
            found.kept.append(operation)
            found.notes.append(f"visual operation kept as it came: {', '.join(others) or 'empty'}")
    return found


def _mark(row: Row, given: dict[str, Any], name: str) -> dict[str, Any]:
    kind, numbers = _OPERATIONS[name]
    at = given[name]
    if not isinstance(at, list) or len(at) != numbers or not all(map(_is_share, at)):
        raise Unusable(f"visual_evidence: {name} is {cells.shown(at)}, not {numbers} shares")
    label, on = given.get("label") or "", given.get("image") or 0
    if not isinstance(label, str) or type(on) is not int or on not in range(len(_paths(row))):
        raise Unusable("visual_evidence: its label is no text, or its image is not there")
    if kind == "box":
        at = [*at[:2], min(1.0, at[0] + at[2]), min(1.0, at[1] + at[3])]
    note = " ".join(cells.clean(label, "label", most=500).split())
    return {"kind": kind, "on": on, "at": [round(float(s), 4) for s in at], "note": note}


def _paths(row: Row) -> list[Any]:
    paths = row.values.get("images")
    return paths if isinstance(paths, list) else []


def _is_share(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def _interpreter(options: ReadOptions) -> Interpret:
    return interpret


READER = Reader(
    key="mm_deception",
    title="MM-DeceptionBench: cases with a model's answer, and human labels where there are any",
    protocol="mm_deception",
    rows=read_rows,
    interpreter=_interpreter,
    media_folders=("images",),
)
