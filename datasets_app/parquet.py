"""Parquet: writing rows, and counting those of a file. Only a reader knows pyarrow besides."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datasets_app.formats.base import Feature, Features, Row
from datasets_app.formats.reading import Picture
from datasets_app.hashed_file import HashedFile, Written

# A row group ends after so many rows or so many bytes of pictures, whichever comes first. Forty
# files (twenty categories on two sides) may be open at once, so this bounds the memory of all.
GROUP_ROWS = 4096
GROUP_PICTURE_BYTES = 2 << 20

_PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
# What holds a file, and what the `datasets` library calls its feature.
_INSIDE = {"image": "Image", "audio": "Audio"}


class UnreadableParquet(Exception):
    """A file that is no Parquet, or a broken one."""


class ParquetRows:
    """A file of rows. The same rows give the same bytes under the same version of pyarrow."""

    def __init__(
        self, file: HashedFile, features: Features, read_media: Callable[[str], bytes]
    ) -> None:
        self._file = file
        self._schema = schema_of(features)
        self._pictures = {name: feature for name, feature in features.items() if _shows(feature)}
        self._read_media = read_media
        self._writer = pq.ParquetWriter(
            file,
            self._schema,
            version="2.6",
            compression="zstd",
            compression_level=1,
            data_page_version="1.0",
            use_dictionary=True,
            write_statistics=False,
        )
        self._waiting: list[Row] = []
        self._picture_bytes = 0
        self._rows = 0

    def extend(self, rows: Sequence[Row]) -> None:
        if self._pictures:
            rows = [self._with_pictures(row) for row in rows]
        self._waiting += rows
        if len(self._waiting) >= GROUP_ROWS or self._picture_bytes >= GROUP_PICTURE_BYTES:
            self._spill()

    def finish(self) -> Written:
        self._spill()
        self._writer.close()
        return self._file.finish(self._rows)

    def close(self) -> None:
        self._file.close()

    def _with_pictures(self, row: Row) -> Row:
        return row | {
            name: self._shown(row[name], feature) for name, feature in self._pictures.items()
        }

    def _shown(self, value: Picture | list[Picture], feature: Feature) -> Any:
        """A file as the `datasets` library stores one: its bytes and a name, or bytes alone."""
        if isinstance(value, list):
            return [self._shown(picture, feature) for picture in value]
        content = self._read_media(value.digest)
        self._picture_bytes += len(content)
        return content if feature == "binary" else {"bytes": content, "path": value.name}

    def _spill(self) -> None:
        if not self._waiting:
            return
        # Row by row into columns at the speed of C. Rows name their values in the schema's order;
        # to make sure is cheap beside a value that slips into another column unseen.
        assert set(map(tuple, self._waiting)) == {tuple(self._schema.names)}
        values = zip(*(row.values() for row in self._waiting), strict=True)
        fields = zip(values, self._schema, strict=True)
        columns = [pa.array(column, type=field.type) for column, field in fields]
        batch = pa.RecordBatch.from_arrays(columns, schema=self._schema)
        self._writer.write_batch(batch)
        self._rows += len(self._waiting)
        self._waiting.clear()
        self._picture_bytes = 0


def schema_of(features: Features) -> pa.Schema:
    """The Arrow schema, with the feature types that the `datasets` library reads from a file."""
    fields = [pa.field(name, _type(feature)) for name, feature in features.items()]
    said = {"info": {"features": {name: _said(feature) for name, feature in features.items()}}}
    return pa.schema(fields, metadata={"huggingface": json.dumps(said)})


def _type(feature: Feature) -> pa.DataType:
    if isinstance(feature, dict):
        return pa.struct([(name, _type(part)) for name, part in feature.items()])
    if isinstance(feature, list):
        return pa.list_(_type(feature[0]))
    plain = {
        "string": pa.string(),
        "bool": pa.bool_(),
        "int64": pa.int64(),
        "float64": pa.float64(),
        "binary": pa.binary(),
    }
    return _PICTURE if feature in _INSIDE else plain[feature]


def _said(feature: Feature) -> Any:
    if isinstance(feature, dict):
        return {name: _said(part) for name, part in feature.items()}
    if isinstance(feature, list):
        # A plain list, which every release of the library understands; "List" is new in 4.
        return [_said(feature[0])]
    inside = _INSIDE.get(feature)
    return {"_type": inside} if inside else {"dtype": feature, "_type": "Value"}


def _shows(feature: Feature) -> bool:
    each = feature[0] if isinstance(feature, list) else feature
    return isinstance(each, str) and (each in _INSIDE or each == "binary")


def count_rows(path: Path) -> int:
    """How many rows a file holds. Raises UnreadableParquet."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableParquet(str(error).split("\n")[0]) from error
