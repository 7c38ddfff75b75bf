"""JSON lines whose keys are named with a column mapping."""

from __future__ import annotations

from datasets_app.readers import mapped
from datasets_app.readers.base import Reader
from datasets_app.readers.rows.json_rows import json_lines

READER = Reader(
    key="jsonl",
    title="JSON lines, with a column mapping",
    protocol="pku_saferlhf",
    rows=json_lines,
    interpreter=mapped.interpreter,
)
