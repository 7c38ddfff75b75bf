"""Rows of whatever a file holds, told by its ending: JSON, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from datasets_app.readers.base import BadRow, ReadOptions, Row
from datasets_app.readers.rows import csv_rows, json_rows, parquet_rows
from datasets_app.readers.rows.files import data_files

SUFFIXES = (*parquet_rows.SUFFIXES, *json_rows.SUFFIXES, *csv_rows.SUFFIXES)


def rows_by_ending(
    source: Path, options: ReadOptions, *, needs: Collection[str] = ()
) -> Iterator[Row | BadRow]:
    """The rows of every file of a source. Raises UnreadableFile, as the readers of each kind do."""
    for file in data_files(source, options, suffixes=SUFFIXES):
        if file.suffix in parquet_rows.SUFFIXES:
            yield from parquet_rows.rows_of(file, needs=needs)
        elif file.suffix in csv_rows.SUFFIXES:
            yield from csv_rows.rows_of(file, needs=needs)
        else:
            yield from json_rows.rows_of(file)
