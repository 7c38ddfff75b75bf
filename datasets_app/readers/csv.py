"""CSV whose columns are named with a column mapping."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from datasets_app.readers import mapped
from datasets_app.readers.base import BadRow, Reader, ReadOptions, Row
from datasets_app.readers.rows.csv_rows import csv_rows


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """The rows of CSV files that have every column asked for."""
    return csv_rows(path, options, needs=mapped.needed(options))


READER = Reader(
    key="csv",
    title="CSV with a header, with a column mapping",
    protocol="pku_saferlhf",
    rows=read_rows,
    interpreter=mapped.interpreter,
)
