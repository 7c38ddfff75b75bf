"""Reward Generalization: trees of responses, leaf pairs of them, or the flat published pairs.

{prompt, nodes: [{id, parent, text}]} is a tree: its leaf pairs are those of `pairs`, a list of two
leaves' ids each, or else one for each two branches that part (`trees.leaf_pairs`). {prompt,
segments_0, segments_1} is one leaf pair, {prompt, response_0, response_1} one without its tree;
with `better_response_id` 0 or 1 either is a vote. Segments are joined as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets_app import trees
from datasets_app.readers import cells
from datasets_app.readers.base import (
    BadRow,
    Incoming,
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
from datasets_app.vocabulary import Speaker

_SIDES = ("0", "1")
_MODELS = tuple(f"response_{side}_source" for side in _SIDES)
_USED = frozenset(
    {"id", "prompt", "prompt_id", "tree", "shared", "better_response_id", *_MODELS}
) | {f"{name}_{side}" for name in ("segments", "response") for side in _SIDES}


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """A JSON list, JSON lines, or a folder of them; of a tree one row for each of its pairs."""
    for row in json_any(path, options):
        if isinstance(row, BadRow) or "nodes" not in row.values:
            yield row
            continue
        try:
            pairs = list(_pairs(row))
        except (Unusable, trees.NoTree) as refusal:
            yield row.bad(str(refusal))
        else:
            yield from pairs


def _pairs(row: Row) -> Iterator[Row]:
    first = trees.tree_of([_node(each) for each in _listed(row, "nodes")])
    paths = trees.paths_of(first)
    wanted = _stated(row, paths) if "pairs" in row.values else trees.leaf_pairs(first)
    if not wanted:
        raise Unusable("has no two branches: there is nothing to compare")
    about = {name: v for name, v in row.values.items() if name not in {"nodes", "pairs", "id"}}
    name = cells.word(row, "id")
    for one, other in wanted:
        texts = {
            f"segments_{side}": [node.text for node in paths[leaf]]
            for side, leaf in zip(_SIDES, (one, other), strict=True)
        }
        known = {"id": f"{name}/{one}+{other}", "prompt_id": name} if name else {}
        yield row._replace(values={**about, **known, **texts})


def _listed(row: Row, name: str) -> list[Any]:
    value = row.values[name]
    if not isinstance(value, list) or not value:
        raise Unusable(f"{name} is {cells.shown(value)}, not a list")
    return value


def _node(value: Any) -> tuple[str, str, str]:
    if not isinstance(value, dict):
        raise Unusable(f"nodes holds {cells.shown(value)}, not an object with id, parent and text")
    key, parent, text = value.get("id"), value.get("parent"), value.get("text")
    if type(key) not in (str, int) or key == "" or type(parent) not in (str, int, type(None)):
        raise Unusable(f"nodes holds {cells.shown(value)}: its id or its parent is none")
    if not isinstance(text, str):
        raise Unusable(f"the node {key!r} has no text")
    return str(key), "" if parent is None else str(parent), cells.said(text, f"the node {key!r}")


def _stated(row: Row, paths: dict[str, Any]) -> list[tuple[str, str]]:
    wanted = []
    for pair in _listed(row, "pairs"):
        leaves = [str(leaf) for leaf in pair] if isinstance(pair, list) else []
        if len(leaves) != len(_SIDES) or not set(leaves) <= set(paths):
            raise Unusable(f"pairs holds {cells.shown(pair)}, not the ids of two leaves")
        wanted.append((leaves[0], leaves[1]))
    return wanted


def interpret(row: Row) -> Incoming:
    """One pair. Raises Unusable."""
    better = cells.whole(row, "better_response_id", low=0, high=1)
    return Incoming(
        row.file,
        row.line,
        cells.word(row, "id"),
        (IncomingTurn(Speaker.USER.value, cells.text(row, "prompt")),),
        tuple(_response(row, side) for side in _SIDES),
        prompt_external_id=cells.word(row, "prompt_id") or cells.word(row, "tree"),
        meta=cells.rest(row, _USED),
        votes=() if better is None else (IncomingVote("", {"better": str(better)}),),
    )


def _response(row: Row, side: str) -> IncomingResponse:
    model = cells.word(row, f"response_{side}_source")
    name = f"segments_{side}"
    if name not in row.values:
        return IncomingResponse(cells.text(row, f"response_{side}"), model=model)
    parts = _listed(row, name)
    if len(parts) > trees.DEEPEST:
        raise Unusable(f"{name} has more than {trees.DEEPEST} segments")
    if not all(isinstance(part, str) for part in parts):
        raise Unusable(f"{name} is {cells.shown(parts)}, not a list of texts")
    texts = tuple(cells.said(part, name) for part in parts)
    return IncomingResponse(cells.said("".join(texts), name), model=model, segments=texts)


def _interpreter(options: ReadOptions) -> Interpret:
    return interpret


READER = Reader(
    key="tree",
    title="Reward Generalization: trees of responses, leaf pairs, or flat pairs",
    protocol="tree",
    rows=read_rows,
    interpreter=_interpreter,
)
