"""Rows of CSV, strictly: a header of distinct names, and as many cells in every row."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

from datasets_app.readers.base import BadRow, ReadOptions, Row, UnreadableFile
from datasets_app.readers.rows.files import DataFile, data_files, lines
from datasets_app.readers.rows.json_rows import counted
from datasets_app.readers.rows.limits import COLUMNS, LINE, MEGABYTE

SUFFIXES = (".csv", ".tsv")
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
# Of the whole process, but nobody else reads CSV.
csv.field_size_limit(LINE)


def csv_rows(
    source: Path, options: ReadOptions, *, needs: Collection[str] = ()
) -> Iterator[Row | BadRow]:
    """The rows of CSV files. Raises UnreadableFile, also when a column of `needs` is missing."""
    for file in data_files(source, options, suffixes=SUFFIXES):
        yield from rows_of(file, needs=needs)


def rows_of(file: DataFile, *, needs: Collection[str]) -> Iterator[Row | BadRow]:
    """The rows of one file."""

    def rows(stream: BinaryIO, file: DataFile) -> Iterator[Row | BadRow]:
        yield from _rows(stream, file, needs)

    yield from counted(file, rows)


def _rows(stream: BinaryIO, file: DataFile, needs: Collection[str]) -> Iterator[Row | BadRow]:
    separator = _SEPARATORS[file.suffix]
    table = csv.reader(_text(stream, file), delimiter=separator, strict=True)
    start = 1
    try:
        header = _header(next(table, []), file, separator, needs)
        start = table.line_num + 1
        for cells in table:
            if cells:
                yield _row(header, cells, start, file)
            start = table.line_num + 1
    except csv.Error as error:
        yield BadRow(file.name, start, _why(str(error)))


def _text(stream: BinaryIO, file: DataFile) -> Iterator[str]:
    """Lines as text. A byte that is no UTF-8 becomes a lone surrogate, for its row to say so."""
    for number, line in lines(stream):
        if line is None:
            raise UnreadableFile(f"{file.name}:{number}: is longer than {LINE // MEGABYTE} MB")
        yield line.decode(errors="surrogateescape")


def _header(cells: list[str], file: DataFile, separator: str, needs: Collection[str]) -> list[str]:
    if not cells:
        raise UnreadableFile(f"{file.name}: holds no rows")
    names = [cell.strip() for cell in cells]
    if len(names) > COLUMNS:
        raise UnreadableFile(f"{file.name}: has more than {COLUMNS} columns")
    if len(names) == 1 and any(other in names[0] for other in ",;\t|" if other != separator):
        shown = {",": "commas", "\t": "tabs"}[separator]
        raise UnreadableFile(f"{file.name}: has a single column; separate columns by {shown}")
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise UnreadableFile(f"{file.name}: has the column {twins[0]!r} twice")
    refuse_missing(file.name, names, needs)
    return names


def refuse_missing(file: str, names: Collection[str], needs: Collection[str]) -> None:
    """Raise UnreadableFile when a table lacks a column."""
    missing = [name for name in needs if name not in names]
    if missing:
        there = ", ".join(list(names)[:20])
        raise UnreadableFile(f"{file}: has no column {missing[0]!r}; it has: {there}")


def _row(header: list[str], cells: list[str], line: int, file: DataFile) -> Row | BadRow:
    if len(cells) != len(header):
        reason = f"has {len(cells)} cells, the header has {len(header)}"
        return BadRow(file.name, line, f"{reason}: look for a comma or a quote that is not closed")
    if any(not cell.isascii() and _has_surrogate(cell) for cell in cells):
        return BadRow(file.name, line, "is not UTF-8: save the file as UTF-8")
    values = dict(zip(header, cells, strict=True))
    return Row(file.name, line, values, file.folder, file.root, textual=True, split=file.split)


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _why(message: str) -> str:
    if "unexpected end of data" in message:
        return "opens a quote that is never closed"
    if "field larger" in message:
        return f"has a cell of more than {LINE // MEGABYTE} MB: is a quote not closed?"
    return f"is not CSV: {message}"
