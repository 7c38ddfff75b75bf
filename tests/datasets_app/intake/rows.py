"""Rows of pairs as files, and loads of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from datasets_app.intake import LoadReport, Source, Wishes, load
from datasets_app.readers import reader_named
from datasets_app.readers.base import ReadOptions


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A pair that differs from every other number's."""
    return {
        "id": f"row-{number}",
        "prompt": f"How deep is pond {number}?",
        "response_0": f"Pond {number} is two metres deep.",
        "response_1": f"Ask the beaver of pond {number}.",
        **changes,
    }


def written(folder: Path, *rows: dict[str, Any], name: str = "pairs.jsonl") -> Path:
    """The rows as lines of a file."""
    path = folder / name
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return path


def loaded(
    path: Path, *, key: str = "jsonl", dataset: str = "ponds", named: str = "", **words: Any
) -> LoadReport:
    """Load a file, its votes `named`. `columns` and `wishes` are passed on, the rest to `load`."""
    options = ReadOptions(columns=words.pop("columns", {}))
    wishes = Wishes(dataset, **words.pop("wishes", {}))
    return load(Source(path, reader_named(key), path.name, options, named), wishes, **words)


def labelled(number: int, **changes: Any) -> dict[str, Any]:
    """A pair as PKU-SafeRLHF has it, with labels."""
    pair = row(number)
    del pair["id"]
    return {
        **pair,
        "is_response_0_safe": True,
        "is_response_1_safe": False,
        "better_response_id": 1,
        "safer_response_id": 0,
        **changes,
    }
