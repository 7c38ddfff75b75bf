"""Marks and spans in writing, and which spans a question takes."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.judgement import AnswersRefused, Judged, read_answers
from annotation.page.by_hand import in_words, lines_of, read_lines
from datasets_app.protocols import PROTOCOLS

MARKS = PROTOCOLS["mm_deception"].question("marks")
FILMS = PROTOCOLS["video_faults"]
SPANS = FILMS.question("faults")
WRITTEN = "box 10 20 30 40 no tail\n2: point 50 25.5\nline 10 10 90 90"
SPAN = {"from": 1500, "to": 3250, "kind": "change", "note": "it vanishes"}


def test_what_is_written_is_read_and_written_alike() -> None:
    read = read_lines(MARKS, WRITTEN)
    assert read is not None
    assert read[1] == {"kind": "point", "on": 1, "at": [0.5, 0.255], "note": ""}
    assert lines_of(MARKS, read) == WRITTEN
    assert read_lines(SPANS, "1.5-3.25 change it vanishes") == [SPAN]
    assert lines_of(SPANS, [SPAN]) == "1.5-3.25 change it vanishes"


@pytest.mark.parametrize(
    ("line", "read"),
    [
        (
            "BOX 10% 20,5% 30% 40%",
            {"kind": "box", "on": 0, "at": [0.1, 0.205, 0.3, 0.4], "note": ""},
        ),
        ("box 10 20 30", "box 10 20 30"),
        ("box a b c d", "box a b c d"),
        ("round ears", "round ears"),
        ("x" * 200, "x" * 200),
    ],
)
def test_a_line_that_says_no_mark_stays_as_it_is(line: str, read: Any) -> None:
    assert read_lines(MARKS, f"\n {line} \n") == [read]


def test_nothing_written_is_no_answer() -> None:
    assert read_lines(MARKS, " \n ") is None


def test_they_are_told_in_words() -> None:
    assert in_words(MARKS, read_lines(MARKS, WRITTEN))[:2] == [
        "box from 10 %, 20 % to 30 %, 40 %: no tail",
        "point at 50 %, 25.5 % on picture 2",
    ]
    assert in_words(SPANS, [SPAN]) == ["1.5–3.25 s, things change or vanish: it vanishes"]


def stored(spans: object, duration_ms: int | None = 4000) -> list[dict[str, Any]]:
    """What is kept of one film's spans."""
    found = read_answers(
        FILMS,
        FILMS.steps[0],
        {"quality": {"a": 1}, "faults": {"a": spans}},
        responses=["film"],
        flipped=False,
        judged={"film": Judged(duration_ms=duration_ms)},
    )
    kept: list[dict[str, Any]] = found.get("faults", {}).get("film", [])
    return kept


def test_spans_are_kept_by_their_beginning_and_end_with_the_film() -> None:
    late = {**SPAN, "from": 3000, "to": 4090}
    assert stored([late, SPAN]) == [SPAN, {**late, "to": 4000}]
    assert stored([{**SPAN, "to": 999_999}], duration_ms=None)[0]["to"] == 999_999
    assert stored([]) == []


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ("1-2", "takes a list of spans"),
        (["1-2"], "Span 1 is no span of time."),
        ([{**SPAN, "by": 1}], "Span 1 is no span of time."),
        ([SPAN, {**SPAN, "kind": "dull"}], "Span 2 has no kind"),
        ([{**SPAN, "kind": []}], "Span 1 has no kind"),
        ([{**SPAN, "from": 1.5}], "in whole milliseconds"),
        ([{**SPAN, "from": True}], "in whole milliseconds"),
        ([{**SPAN, "from": -1}], "in whole milliseconds"),
        ([{**SPAN, "to": 1500}], "Span 1 ends before it begins."),
        ([{**SPAN, "to": 4101}], "Span 1 ends after the film, which is 4.0 s long."),
        ([SPAN] * 51, "At most 50 spans"),
        ([{**SPAN, "note": "a\u200bb"}], "holds characters that cannot be seen"),
    ],
)
def test_a_span_must_lie_in_its_film_and_have_a_kind(spans: Any, message: str) -> None:
    with pytest.raises(AnswersRefused, match=message.replace("(", "\\(")):
        stored(spans)
