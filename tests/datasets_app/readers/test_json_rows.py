"""JSON as it comes: what is taken, what is refused, and in which words."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from datasets_app.readers.rows import files, json_rows, limits, strict
from tests.datasets_app.readers.reading import read, refusal

GOOD = '{"id": "1", "prompt": "Why?", "response_0": "So.", "response_1": "Because."}'


# A megabyte of lines that hold nothing.
BLANK = (b" " * 1023 + b"\n") * 1024


def lines(folder: Path, *rows: str | bytes, name: str = "rows.jsonl") -> Path:
    path = folder / name
    path.write_bytes(b"\n".join(r.encode() if isinstance(r, str) else r for r in rows))
    return path


def with_prompt(prompt: str) -> str:
    """A row whose prompt is written just so."""
    return GOOD.replace('"Why?"', prompt)


def test_it_reads_lines_with_and_without_a_last_line_break(tmp_path: Path) -> None:
    assert len(read("jsonl", lines(tmp_path, GOOD, GOOD)).items) == 2
    assert len(read("jsonl", lines(tmp_path, GOOD, GOOD, "")).items) == 2


def test_it_takes_a_byte_order_mark_windows_line_ends_and_empty_lines(tmp_path: Path) -> None:
    path = lines(tmp_path, b"\xef\xbb\xbf" + GOOD.encode() + b"\r", "\r", GOOD + "\r", "")
    assert [item.line for item in read("jsonl", path).items] == [1, 3]


def test_it_takes_line_separators_of_unicode_inside_a_text(tmp_path: Path) -> None:
    path = lines(tmp_path, with_prompt('"one\u2028two\u0085three"'))
    assert read("jsonl", path).items[0].turns[0].text == "one\u2028two\u0085three"


def test_it_reads_packed_lines(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(GOOD.encode(), mtime=0))
    assert len(read("jsonl", path).items) == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "is not JSON: it ends too soon"),
        (GOOD[:-20], "is not JSON: "),
        (GOOD[:-1] + ",}", "is not JSON: "),
        ("// a comment", "is not JSON: "),
        (with_prompt('"a\x01b"'), "is not JSON: invalid control character at character"),
        (GOOD.replace('"id": "1"', '"id": [null, true]'), "id is [null, true], not a text"),
        ('"only a text"', "is a text, not an object"),
        ("[1, 2]", "is a list, not an object"),
        ("17", "is a number, not an object"),
        ("null", "is null, not an object"),
        ("true", "is a truth value, not an object"),
        (GOOD[:-1] + ', "id": "2"}', "has the key 'id' twice"),
        (GOOD[:-1] + ', "x": {"a": 1, "b": 2, "a": 1}}', "has the key 'a' twice"),
        (GOOD[:-1] + ', "x": NaN}', "holds NaN, which is no JSON"),
        (GOOD[:-1] + ', "x": -Infinity}', "holds -Infinity, which is no JSON"),
        (GOOD[:-1] + ', "x": 1e400}', "holds the number 1e400, which is too large"),
        (GOOD[:-1] + f', "x": {"9" * 5000}}}', "holds a number of 5000 digits"),
        (GOOD[:-1] + ', "x": 9223372036854775808}', "more than 64 bits"),
        (GOOD[:-1] + f', "x": {"[" * 40}{"]" * 40}}}', "nested more than 32 deep"),
        (GOOD[:-1] + f', "x": {"[" * 100_000}{"]" * 100_000}}}', "nested more than 32 deep"),
        (GOOD[:-1] + ', "__proto__": 1}', "has a key that cannot be kept: '__proto__'"),
        (GOOD[:-1] + f', "{"k" * 300}": 1}}', "has a key that cannot be kept"),
        (GOOD[:-1] + f', "x": "{"y" * 70_000}"}}', "has more than 64 kB in columns"),
        (GOOD[:-1] + ', "x": "\\u0000"}', "holds a NUL character"),
        (GOOD[:-1] + ', "x": "\\ud800"}', "broken characters"),
        (with_prompt('"a\\u0000b"'), "prompt holds a NUL character"),
        (with_prompt('"a\\ud800b"'), "prompt holds half of a surrogate pair (U+D800)"),
        (with_prompt('"a\\uffff"'), "prompt holds U+FFFE or U+FFFF"),
        (with_prompt('""'), "prompt is empty"),
        (with_prompt('" \\n\\t "'), "prompt is empty"),
        (with_prompt("null"), "prompt is null, not a text"),
        (with_prompt("17"), "prompt is 17, not a text"),
        (with_prompt("[]"), "prompt is [], not a text"),
        (with_prompt('[{"role": "robot", "content": "x"}]'), "has a message of 'robot'"),
        (with_prompt(f'"{"x" * 300_000}"'), "prompt is longer than 262,144 characters"),
        (GOOD.replace('"prompt"', '"question"'), "has no prompt"),
        (GOOD.replace('"id": "1"', '"id": true'), "id is true, not a text or a whole number"),
        (GOOD.replace('"id": "1"', f'"id": "{"i" * 201}"'), "id is longer than 200 characters"),
        (b'{"prompt": "caf\xe9"}', "is not UTF-8 (byte 0xe9 at 16)"),
        (b'{"prompt": "\xc0\xaf"}', "is not UTF-8 (byte 0xc0"),
    ],
)
def test_it_refuses_a_row_with_its_line_and_reason(
    tmp_path: Path, row: str | bytes, reason: str
) -> None:
    found = read("jsonl", lines(tmp_path, GOOD, row, GOOD))
    assert [item.line for item in found.items] == [1, 3]
    assert [row.line for row in found.bad] == [2]
    assert reason in found.reasons[0]
    assert found.reasons[0].startswith("rows.jsonl:2: ")
    assert "\n" not in found.reasons[0]


@pytest.mark.parametrize("value", ["-0.0", "1.5e-300", "9223372036854775807", '"\\ud83e\\uddab"'])
def test_it_takes_values_that_survive(tmp_path: Path, value: str) -> None:
    found = read("jsonl", lines(tmp_path, GOOD[:-1] + f', "x": {value}}}'))
    assert found.items[0].meta["x"] == json.loads(value)


def test_without_the_strict_decoder_the_last_of_two_keys_would_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strict, "_decoder", json.JSONDecoder())
    found = read("jsonl", lines(tmp_path, GOOD[:-1] + ', "id": "2"}'))
    assert found.items[0].external_id == "2"


def test_a_line_beyond_the_limit_is_passed_over(tmp_path: Path) -> None:
    path = lines(tmp_path, GOOD, with_prompt(f'"{"x" * (limits.LINE + 10)}"'), GOOD)
    found = read("jsonl", path)
    assert [item.line for item in found.items] == [1, 3]
    assert found.reasons == ["rows.jsonl:2: is longer than 8 MB"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "holds no rows"),
        (b"\xef\xbb\xbf", "holds no rows"),
        (b"\n\n  \n", "holds no rows"),
        (b"[" + GOOD.encode() + b"]", "is a JSON list, not one object a line; `jq -c"),
        (b"<!DOCTYPE html><html>sign in</html>", "is HTML or XML; perhaps an error page"),
        (b"  <html>", "is HTML or XML"),
        (GOOD.encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (gzip.compress(b"{}", mtime=0), "is packed with gzip: end its name in .gz"),
        (b"\x28\xb5\x2f\xfd\0", "is packed with zstd"),
        (b"PK\x03\x04", "is a ZIP archive"),
        (b"PAR1\0\0\0\0PAR1", "is Parquet: give --format parquet"),
        (b"ARROW1\0\0", "is an Arrow file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
    ],
)
def test_it_refuses_a_file_that_holds_no_lines_of_json(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(content)
    assert reason in refusal("jsonl", path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (GOOD.encode(), "its name says gzip, but it is not"),
        (gzip.compress(GOOD.encode() * 100, mtime=0)[:-30], "its gzip is cut short or damaged"),
        (
            gzip.compress(GOOD.encode(), mtime=0)[:-8] + b"\0" * 8,
            "its gzip is cut short or damaged",
        ),
        (gzip.compress(gzip.compress(GOOD.encode(), mtime=0), mtime=0), "is packed with gzip"),
        (gzip.compress(b"", mtime=0), "holds no rows"),
    ],
)
def test_it_refuses_damaged_gzip(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(content)
    assert reason in refusal("jsonl", path)


def test_it_gives_up_on_a_gzip_bomb_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "GZIP_FREE", limits.MEGABYTE)
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(BLANK * 64, mtime=0))
    assert "unpacks to more than 300 times its size" in refusal("jsonl", path)


def test_without_the_cap_the_bomb_would_be_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(BLANK * 32, mtime=0))
    assert "holds no rows" in refusal("jsonl", path)  # below what is free


def test_it_says_that_a_file_is_missing(tmp_path: Path) -> None:
    assert "there is no such file or folder" in refusal("jsonl", tmp_path / "nothing.jsonl")


def test_it_says_which_endings_it_takes(tmp_path: Path) -> None:
    path = lines(tmp_path, GOOD, name="rows.xlsx")
    assert "this reader takes .jsonl, .json, .ndjson (and .gz)" in refusal("jsonl", path)


def test_it_reads_the_files_of_a_folder_in_order_and_leaves_out_what_holds_no_rows(
    tmp_path: Path,
) -> None:
    for name in ("b/test.jsonl", "a/train.jsonl", "manifest.json", ".hidden/x.jsonl", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(GOOD)
    found = read("jsonl", tmp_path)
    assert [(item.file, item.meta) for item in found.items] == [
        ("a/train.jsonl", {"split": "train"}),
        ("b/test.jsonl", {"split": "test"}),
    ]


def test_a_folder_of_data_hides_what_lies_beside_it(tmp_path: Path) -> None:
    for name in ("data/train.jsonl", "other.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(GOOD)
    assert [item.file for item in read("jsonl", tmp_path).items] == ["data/train.jsonl"]


def test_it_takes_one_split_and_one_config_of_a_folder(tmp_path: Path) -> None:
    for config in ("alpaca", "beaver"):
        for split in ("train-00000-of-00001", "test"):
            path = tmp_path / "data" / config / f"{split}.jsonl"
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(GOOD)
    found = read("jsonl", tmp_path, split="train", config="beaver")
    assert [item.file for item in found.items] == ["data/beaver/train-00000-of-00001.jsonl"]
    assert "no file ending in .jsonl, .json, .ndjson, split dev" in refusal(
        "jsonl", tmp_path, split="dev"
    )


class TestLists:
    """One JSON list, as PKU-SafeRLHF and SafeSora have it."""

    ROW = '{"prompt": "Why?", "response_0": "So.", "response_1": "Because."}'

    def file(self, folder: Path, text: str | bytes) -> Path:
        path = folder / "train.json"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def test_it_counts_rows_where_there_are_no_lines(self, tmp_path: Path) -> None:
        found = read("pku_saferlhf", self.file(tmp_path, f"[{self.ROW},{self.ROW}]"))
        assert [item.line for item in found.items] == [1, 2]

    def test_it_reads_lines_behind_the_same_ending(self, tmp_path: Path) -> None:
        found = read("pku_saferlhf", self.file(tmp_path, f"\n{self.ROW}\n{self.ROW}\n"))
        assert [item.line for item in found.items] == [2, 3]

    def test_it_reads_a_list_longer_than_its_window(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(json_rows, "_CHUNK", 7)
        rows = ",\n ".join(self.ROW.replace("Why", f"Wäreß\U0001f9ab{n}") for n in range(50))
        found = read("pku_saferlhf", self.file(tmp_path, f" [\n{rows}\n]\n "))
        assert [item.turns[0].text for item in found.items] == [
            f"Wäreß\U0001f9ab{n}?" for n in range(50)
        ]

    @pytest.mark.parametrize("chunk", [5, 1 << 20])
    @pytest.mark.parametrize(
        ("text", "read_before", "reason"),
        [
            ("[{ROW}, {ROW}", 2, "train.json:2: is the last row before the list breaks off"),
            ("[{ROW}, {CUT}", 1, "train.json:2: is not JSON: "),
            ("[{ROW} {ROW}]", 1, "train.json:1: is not JSON: no ',' where one must be"),
            ("[{ROW},]", 1, "train.json:2: is not JSON: "),
            ("[{ROW}] tail", 1, "train.json:1: has something after the end of the list"),
            ("[{ROW}, NaN]", 1, "train.json:2: holds NaN"),
            ("[{ROW}, 17]", 1, "train.json:2: is a number, not an object"),
            ('[{ROW}, {"a": 1, "a": 2}]', 1, "train.json:2: has the key 'a' twice"),
        ],
    )
    def test_broken_json_ends_a_list(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        chunk: int,
        text: str,
        read_before: int,
        reason: str,
    ) -> None:
        monkeypatch.setattr(json_rows, "_CHUNK", chunk)
        filled = text.replace("{ROW}", self.ROW).replace("{CUT}", self.ROW[:-10])
        found = read("pku_saferlhf", self.file(tmp_path, filled))
        assert len(found.items) == read_before
        assert [reason in each for each in found.reasons] == [True]

    def test_it_says_that_a_list_is_no_utf_8(self, tmp_path: Path) -> None:
        latin = f"[{self.ROW}]".replace("So", "Sö").encode("latin-1")
        found = read("pku_saferlhf", self.file(tmp_path, latin))
        assert found.reasons == ["train.json:1: is not UTF-8: save the file as UTF-8"]

    def test_an_empty_list_holds_no_rows(self, tmp_path: Path) -> None:
        assert "holds no rows" in refusal("pku_saferlhf", self.file(tmp_path, "[ ]"))

    def test_an_element_beyond_the_limit_ends_the_list(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(json_rows, "LINE", 1000)
        monkeypatch.setattr(json_rows, "_CHUNK", 100)
        long = self.ROW.replace("Why", "W" * 2000)
        found = read("pku_saferlhf", self.file(tmp_path, f"[{self.ROW}, {long}]"))
        assert len(found.items) == 1
        assert "is not JSON, or longer than" in found.reasons[0]
