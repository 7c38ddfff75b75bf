"""The process that decodes Parquet; `parquet_rows` starts it, nobody else.

It runs as a script, by its path: importing the package of the readers would bring Django along.
The file is its standard input, its only argument the limits as JSON (`Caps`). It writes frames on
its standard output: 8 bytes of length, a JSON object, then the binary cells that the object's
`binary` lists as [row, path, length]. The first frame names the columns, the last says `over`;
`refused` gives a reason.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from datasets_app.media.confinement import confine
from datasets_app.media.limits import MEGABYTE, Limits

_NESTING = 6
_ROWS_PER_FRAME = 64
_LONGEST_HEADER = 64 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Caps:
    """How much a file may ask for; `memory` and `row_group` in bytes."""

    columns: int
    rows: int
    memory: int
    row_group: int


class Refused(Exception):
    """The file asks for too much, or is not what it says."""


def main() -> None:
    """Read the one file, then end."""
    out = os.fdopen(os.dup(1), "wb")
    source = os.fdopen(os.dup(0), "rb")
    caps = Caps(**orjson.loads(sys.argv[1]))
    _rehearse(caps)
    confine(Limits(memory=caps.memory, output=0))
    try:
        for frame, blobs in _frames(source, caps):
            _say(out, frame, blobs)
    except Refused as refusal:
        _say(out, {"refused": str(refusal)}, [])
    except (pa.ArrowException, OSError, ValueError) as error:
        said = re.sub(r"\s+", " ", str(error))[:120]
        _say(out, {"refused": f"cannot be decoded: {type(error).__name__}: {said}"}, [])
    except MemoryError:
        _say(out, {"refused": f"needs more than {caps.memory // MEGABYTE} MB to decode"}, [])


def _frames(source: BinaryIO, caps: Caps) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
    file = pq.ParquetFile(
        source,
        pre_buffer=False,
        thrift_string_size_limit=_LONGEST_HEADER,
        thrift_container_size_limit=1_000_000,
    )
    _look_at(file, caps)
    yield {"columns": file.schema_arrow.names}, []
    count = 0
    for batch in file.iter_batches(batch_size=_ROWS_PER_FRAME, use_threads=False):
        batch.validate(full=True)
        count += batch.num_rows
        if count > file.metadata.num_rows:
            raise Refused("holds more rows than it says")
        yield _packed(batch.to_pylist())
    if count != file.metadata.num_rows:
        raise Refused("holds fewer rows than it says")
    yield {"over": True}, []


def _look_at(file: pq.ParquetFile, caps: Caps) -> None:
    about = file.metadata
    if about.num_columns > caps.columns or about.num_rows > caps.rows:
        raise Refused(f"has more than {caps.columns} columns or {caps.rows:,} rows")
    if any(
        about.row_group(at).total_byte_size > caps.row_group for at in range(about.num_row_groups)
    ):
        raise Refused(
            f"has a row group of more than {caps.row_group // MEGABYTE} MB: write smaller ones"
        )
    for field in file.schema_arrow:
        _look_at_type(field.type, field.name, 0)


def _look_at_type(kind: pa.DataType, name: str, depth: int) -> None:
    """Extension types may bring code to be unpickled, decimals and times have no place in JSON."""
    if depth > _NESTING:
        raise Refused(f"nests the column {name!r} more than {_NESTING} deep")
    if isinstance(kind, pa.BaseExtensionType):
        raise Refused(f"has an extension type in the column {name!r}")
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    inside = [kind.field(at).type for at in range(kind.num_fields)]
    for each in inside:
        _look_at_type(each, name, depth + 1)
    if not inside and not any(known(kind) for known in _KNOWN):
        raise Refused(f"has the type {kind} in the column {name!r}; cast it to text or numbers")


_KNOWN = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_null,
    pa.types.is_struct,  # one without fields
)


def _packed(rows: list[dict[str, Any]]) -> tuple[dict[str, Any], list[bytes]]:
    """Rows for JSON, and their binary cells taken out of them."""
    blobs: list[bytes] = []
    places: list[list[Any]] = []
    for number, row in enumerate(rows):
        for path in _binary(row, []):
            holder = row
            for step in path[:-1]:
                holder = holder[step]
            blobs.append(holder[path[-1]])
            holder[path[-1]] = None
            places.append([number, path, len(blobs[-1])])
    return {"rows": rows, "binary": places}, blobs


def _binary(value: Any, path: list[Any]) -> list[list[Any]]:
    if isinstance(value, bytes):
        return [path]
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in _binary(each, [*path, key])]
    if isinstance(value, list):
        return [found for at, each in enumerate(value) for found in _binary(each, [*path, at])]
    return []


def _say(out: BinaryIO, frame: dict[str, Any], blobs: list[bytes]) -> None:
    message = orjson.dumps(frame)
    out.write(len(message).to_bytes(8, "big") + message)
    for blob in blobs:
        out.write(blob)
    out.flush()


def _rehearse(caps: Caps) -> None:
    """Do each kind of work once while modules can still be loaded; confined, it would fail."""
    table = pa.table(
        {
            "text": pa.array(["a", None, "a"]).dictionary_encode(),
            "image": [{"bytes": b"x", "path": "y"}] * 3,
            "list": [[{"role": "user", "content": "hi"}]] * 3,
            "rate": [1, -1, 2],
        }
    )
    for compression in ("snappy", "zstd", "gzip", "brotli", "lz4", "none"):
        memory = io.BytesIO()
        pq.write_table(table, memory, compression=compression)
        memory.seek(0)
        for frame, _ in _frames(memory, caps):
            orjson.dumps(frame)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
