"""Parquet whose columns are named with a column mapping."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from datasets_app.readers import mapped
from datasets_app.readers.base import BadRow, Reader, ReadOptions, Row
from datasets_app.readers.rows.parquet_rows import parquet_rows


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """The rows of Parquet files that have every column asked for."""
    return parquet_rows(path, options, needs=mapped.needed(options))


READER = Reader(
    key="parquet",
    title="Parquet, with a column mapping",
    protocol="pku_saferlhf",
    rows=read_rows,
    interpreter=mapped.interpreter,
)
