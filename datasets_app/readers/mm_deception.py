"""MM-DeceptionBench and Debate with Images: cases about pictures, each with a model's answer.

A row is a case (category, scenario, user_profile, assistant_profile, prompt, images) with `source`,
the answering model, and `result` {reasoning, output}. With `decision` and `critique` it is a vote,
and `visual_evidence` are its marks. Spellings of a category differ by case and space as published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
_OPERATIONS = {"bbox_2d": ("box", 4), "point_2d": ("point", 2), "line_2d": ("line", 4)}


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """A JSON list, JSON lines, or a folder of them; images lie where the rows or the root say."""
    return json_any(path, options)


def interpret(row: Row) -> Incoming:
    """One answer to a case. Raises Unusable."""
    reasoning, output = _result(row)
    case, source = cells.word(row, "case_id"), cells.word(row, "source")
    category = _category(row)
    user = IncomingTurn(Speaker.USER.value, cells.text(row, "prompt"), tuple(_images(row)))
    turns = [IncomingTurn(Speaker.SYSTEM.value, _situation(row)), user]
    if reasoning:
        turns.append(IncomingTurn(Speaker.ASSISTANT.value, reasoning))
    about = {name: row.values[name] for name, _ in SITUATION if row.values.get(name)}
    vote = _vote(row, category)
    return Incoming(
        row.file,
        row.line,
        f"{case}/{source}" if case and source else "",
        tuple(turns),
        (IncomingResponse(output, model=source),),
        prompt_meta=cells.meta(about | ({"category": category} if category else {})),
        prompt_external_id=case,
        meta=cells.rest(row, _USED),
        votes=(IncomingVote("", vote),) if vote else (),
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


def _category(row: Row) -> str:
    """The case's own, spelt as the label set does; "" when it has none."""
    value = cells.word(row, "category")
    spelt = re.sub(r"[\s_-]+", " ", value).strip().lower()
    if spelt and spelt not in MM_DECEPTION.keys:
        raise Unusable(
            f"category is {cells.shown(value)}, not one of {', '.join(MM_DECEPTION.keys)}"
        )
    return spelt


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


def _vote(row: Row, category: str) -> dict[str, Any]:
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
    marks = [_mark(row, operation) for operation in row.values.get("visual_evidence") or ()]
    return answers | ({"marks": marks} if marks else {})


def _mark(row: Row, operation: Any) -> dict[str, Any]:
    given = operation if isinstance(operation, dict) else {}
    named = [name for name in _OPERATIONS if given.get(name) is not None]
    if len(named) != 1:
        raise Unusable(f"visual_evidence has {cells.shown(operation)}: no box, point or line")
    kind, numbers = _OPERATIONS[named[0]]
    at = given[named[0]]
    if not isinstance(at, list) or len(at) != numbers or not all(map(_is_share, at)):
        raise Unusable(f"visual_evidence: {named[0]} is {cells.shown(at)}, not {numbers} shares")
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
