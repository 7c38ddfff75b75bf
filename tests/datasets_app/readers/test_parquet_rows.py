"""Parquet, decoded in a confined child that may die."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from datasets_app.readers.rows import limits, parquet_rows
from tests.datasets_app.readers.reading import read, refusal

GOOD: dict[str, list[Any]] = {
    "id": ["1", "2"],
    "prompt": ["Why?", "Who?"],
    "response_0": ["So.", "I."],
    "response_1": ["Because.", "You."],
}


def parquet(folder: Path, *, name: str = "rows.parquet", **columns: Any) -> Path:
    path = folder / name
    pq.write_table(pa.table({**GOOD, **columns}), path)
    return path


def test_it_reads_rows_with_nested_and_binary_cells(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        prompt=[[{"role": "user", "content": "Why?"}]] * 2,
        image=[{"bytes": b"\x89PNG", "path": "a/b.png"}, {"bytes": b"\0" * 70_000, "path": None}],
        rate=[1.5, None],
        tags=pa.array(["x", "y"]).dictionary_encode(),
    )
    first, second = read("parquet", path).items
    assert (first.external_id, first.line, first.turns[0].text) == ("1", 1, "Why?")
    assert first.meta == {"rate": 1.5, "tags": "x"}
    assert first.media[0].content == b"\x89PNG"
    assert first.media[0].name == "b.png"
    assert second.media[0].content == b"\0" * 70_000


def test_it_reads_more_rows_than_one_frame_holds(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({name: values * 150 for name, values in GOOD.items()}), path)
    assert [item.line for item in read("parquet", path).items] == list(range(1, 301))


@pytest.mark.parametrize("compression", ["snappy", "zstd", "gzip", "brotli", "lz4", "none"])
def test_it_reads_every_usual_compression(tmp_path: Path, compression: str) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table(GOOD), path, compression=compression)
    assert len(read("parquet", path).items) == 2


def test_it_refuses_a_file_that_is_cut_short(tmp_path: Path) -> None:
    path = parquet(tmp_path)
    path.write_bytes(path.read_bytes()[:-10])
    assert refusal("parquet", path) == "rows.parquet: is cut short: fetch it again"


def test_it_refuses_a_file_whose_middle_is_torn(tmp_path: Path) -> None:
    path = parquet(tmp_path)
    content = bytearray(path.read_bytes())
    content[8:200] = b"\xff" * 192
    path.write_bytes(content)
    assert "rows.parquet: cannot be decoded" in refusal("parquet", path)


def test_it_refuses_a_footer_of_nonsense(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1" + b"\x15" * 100 + (80).to_bytes(4, "little") + b"PAR1")
    assert "rows.parquet: cannot be decoded" in refusal("parquet", path)


def test_it_refuses_a_lying_number_of_rows(tmp_path: Path) -> None:
    path = parquet(tmp_path)
    content = path.read_bytes()
    # An i64 in zigzag: two rows are written as 4. One of these places is the footer's own count.
    for at in (found.start() for found in re.finditer(rb"\x16\x04", content)):
        path.write_bytes(content[:at] + b"\x16\x06" + content[at + 2 :])
        if pq.read_metadata(path).num_rows == 3:
            break
    assert refusal("parquet", path) == "rows.parquet: holds fewer rows than it says"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "holds no rows"),
        (b"ARROW1\0\0" + b"\0" * 100, "is an Arrow (Feather) file, not Parquet"),
        (b"PARE" + b"\0" * 100 + b"PARE", "is encrypted"),
        (b"PAR1" + b"\0" * 100 + b"PARE", "is encrypted"),
        (b"<html>", "is not Parquet"),
        (b"version https://git-lfs.github.com/spec/v1", "is a Git LFS pointer"),
    ],
)
def test_it_refuses_what_is_no_parquet(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(content)
    assert refusal("parquet", path).startswith(f"rows.parquet: {reason}")


def test_it_refuses_a_feather_file_by_another_name(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pyarrow.feather.write_feather(pa.table(GOOD), path)
    assert "is an Arrow (Feather) file" in refusal("parquet", path)


def test_it_refuses_text_that_is_no_utf_8(tmp_path: Path) -> None:
    broken = pa.array([b"caf\xe9", b"x"]).view(pa.string())
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({**GOOD, "prompt": broken}), path)
    assert "cannot be decoded" in refusal("parquet", path)


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (pa.array([1, 2], pa.timestamp("us")), "has the type timestamp[us] in the column 'x'"),
        (pa.array([1, 2], pa.decimal128(38, 0)), "has the type decimal128(38, 0)"),
        (pa.array([1, 2], pa.duration("s")), "has the type duration[s]"),
        (pa.array([b"0" * 16] * 2, pa.uuid().storage_type).cast(pa.uuid()), "extension type"),
    ],
)
def test_it_refuses_types_that_have_no_place_in_json(
    tmp_path: Path, column: pa.Array, reason: str
) -> None:
    assert reason in refusal("parquet", parquet(tmp_path, x=column))


def test_it_refuses_lists_in_lists_in_lists(tmp_path: Path) -> None:
    value: Any = "deep"
    for _ in range(9):
        value = [value]
    assert "more than 6 deep" in refusal("parquet", parquet(tmp_path, x=[value, value]))


def test_it_names_a_column_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"question": ["Why?"]}), path)
    assert refusal("parquet", path) == "rows.parquet: has no column 'prompt'; it has: question"


def test_a_table_without_rows_holds_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table(GOOD).slice(0, 0), path)
    assert refusal("parquet", path) == "rows.parquet: holds no rows"


def test_null_in_a_required_column_is_a_bad_row(tmp_path: Path) -> None:
    found = read("parquet", parquet(tmp_path, prompt=["Why?", None]))
    assert len(found.items) == 1
    assert found.reasons == ["rows.parquet:2: prompt is null, not a text or a list of messages"]


def test_it_refuses_a_row_group_beyond_the_cap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path, x=["y" * 3_000_000, "z"])
    monkeypatch.setitem(parquet_rows._CAPS, "row_group", limits.MEGABYTE)
    assert "a row group of more than 1 MB: write smaller ones" in refusal("parquet", path)


def test_it_refuses_what_needs_more_memory_than_the_child_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path, x=[b"\0" * 30_000_000, b""])
    assert read("parquet", path).reasons  # decoded, though such bytes cannot be kept
    monkeypatch.setitem(parquet_rows._CAPS, "memory", 16 * limits.MEGABYTE)
    assert "cannot be decoded" in refusal("parquet", path)


def test_a_child_that_dies_is_a_refusal_and_not_our_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path)
    start = subprocess.Popen

    def killed(command: list[str], **words: Any) -> subprocess.Popen[bytes]:
        return start([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], **words)

    monkeypatch.setattr(subprocess, "Popen", killed)
    assert "it broke the decoder, or needs too much memory" in refusal("parquet", path)


def test_a_child_that_falls_silent_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = parquet(tmp_path)
    start = subprocess.Popen

    def silent(command: list[str], **words: Any) -> subprocess.Popen[bytes]:
        return start([sys.executable, "-c", "import time; time.sleep(60)"], **words)

    monkeypatch.setattr(subprocess, "Popen", silent)
    monkeypatch.setattr(parquet_rows, "SECONDS_PER_FRAME", 0.2)
    assert "took more than 0.2 seconds" in refusal("parquet", path)


@pytest.mark.parametrize(
    "said",
    [
        "b'\\x00' * 7",
        "(1 << 62).to_bytes(8, 'big')",
        "(5).to_bytes(8, 'big') + b'nope!'",
        "(2).to_bytes(8, 'big') + b'[]'",
        '(51).to_bytes(8, \'big\') + b\'{"rows": [{}], "binary": [[0, ["x"], 99999999999]]}\'',
    ],
)
def test_it_believes_nothing_that_a_child_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    path = parquet(tmp_path)
    start = subprocess.Popen
    script = f"import sys; sys.stdout.buffer.write({said})"

    def lying(command: list[str], **words: Any) -> subprocess.Popen[bytes]:
        return start([sys.executable, "-c", script], **words)

    monkeypatch.setattr(subprocess, "Popen", lying)
    assert "cannot be decoded" in refusal("parquet", path)
