"""CSV, strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets_app.readers.rows import limits
from tests.datasets_app.readers.reading import read, refusal

HEADER = "id,prompt,response_0,response_1"
GOOD = "1,Why?,So.,Because."


def table(folder: Path, *rows: str | bytes, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(b"\r\n".join(r.encode() if isinstance(r, str) else r for r in rows))
    return path


def test_it_reads_rows_with_quotes_line_breaks_and_a_byte_order_mark(tmp_path: Path) -> None:
    quoted = '2,"Why, ""indeed""\nand how?",So.,Because.'
    path = table(tmp_path, "\ufeff" + HEADER, GOOD, quoted, "", "3,Who?,I.,You.")
    found = read("csv", path)
    assert [(item.external_id, item.line) for item in found.items] == [("1", 2), ("2", 3), ("3", 6)]
    assert found.items[1].turns[0].text == 'Why, "indeed"\nand how?'


def test_it_reads_tabs_in_a_tsv(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER.replace(",", "\t"), GOOD.replace(",", "\t"), name="rows.tsv")
    assert len(read("csv", path).items) == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,Why?,So.", "has 3 cells, the header has 4"),
        ("1,Why?,So.,Because.,more", "has 5 cells, the header has 4"),
        (b"1,caf\xe9,So.,Because.", "is not UTF-8"),
        (b"1,a\0b,So.,Because.", "prompt holds a NUL character"),
        ("1,,So.,Because.", "prompt is empty"),
        ("1,Why?,So., ", "response_1 is empty"),
    ],
)
def test_it_refuses_a_row_with_its_line_and_reason(
    tmp_path: Path, row: str | bytes, reason: str
) -> None:
    found = read("csv", table(tmp_path, HEADER, GOOD, row, GOOD))
    assert [item.line for item in found.items] == [2, 4]
    assert found.reasons[0].startswith("rows.csv:3: ")
    assert reason in found.reasons[0]


def test_a_quote_that_is_never_closed_ends_the_table_where_it_began(tmp_path: Path) -> None:
    found = read("csv", table(tmp_path, HEADER, GOOD, '2,"Why?,So.,Because.', GOOD, GOOD))
    assert len(found.items) == 1
    assert found.reasons == ["rows.csv:3: opens a quote that is never closed"]


def test_a_cell_beyond_the_limit_ends_the_table(tmp_path: Path) -> None:
    huge = '2,"' + ("x" * 1000 + "\n") * (limits.LINE // 1000) + '",So.,Because.'
    found = read("csv", table(tmp_path, HEADER, GOOD, huge))
    assert found.reasons == ["rows.csv:3: has a cell of more than 8 MB: is a quote not closed?"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([b""], "holds no rows"),
        ([HEADER], "holds no rows"),
        ([HEADER.replace(",", ";"), GOOD.replace(",", ";")], "has a single column; separate"),
        (["id,prompt,prompt", "1,a,b"], "has the column 'prompt' twice"),
        (["id,question", "1,a"], "has no column 'prompt'; it has: id, question"),
        ([",".join(f"c{n}" for n in range(1500))], "has more than 1000 columns"),
        ([b"\xff\xfei\0d\0"], "is UTF-16"),
        (["<html></html>"], "is HTML or XML"),
    ],
)
def test_it_refuses_what_is_no_such_table(
    tmp_path: Path, rows: list[str | bytes], reason: str
) -> None:
    assert reason in refusal("csv", table(tmp_path, *rows))


def test_a_line_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER, GOOD, "2," + "x" * (limits.LINE + 1) + ",a,b")
    assert refusal("csv", path) == "rows.csv:3: is longer than 8 MB"


def test_it_names_a_mapped_column_that_is_not_there(tmp_path: Path) -> None:
    path = table(tmp_path, HEADER, GOOD)
    reason = refusal("csv", path, columns={"response_0": "answer"})
    assert reason == (
        "rows.csv: has no column 'answer'; it has: id, prompt, response_0, response_1"
    )


def test_it_knows_which_names_may_be_mapped(tmp_path: Path) -> None:
    reason = refusal("csv", table(tmp_path, HEADER, GOOD), columns={"answer": "response_0"})
    assert reason.startswith("--columns: 'answer' is no name of ours; there are id, prompt")
