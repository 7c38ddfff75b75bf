"""Text as it is shown: nothing in it works, nothing in it hides."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.legible import _BEGINNING, _HIDDEN, legible


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "<svg/onload=alert(1)>",
        '"><a href="javascript:alert(1)">x</a>',
        "![beacon](https://example.org/x.png)",
        "<math><style><img src=x></style></math>",
        "{{ 7|add:7 }} {% debug %}",
    ],
)
def test_markup_is_shown_and_not_obeyed(attack: str) -> None:
    html = legible(attack)
    assert not re.search(r"<(?!/?span)", html)
    assert html == attack.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace(
        '"', "&quot;"
    )


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\u202e", "RLO"),
        ("\u2066", "LRI"),
        ("\u200b", "ZWSP"),
        ("\ufeff", "BOM"),
        ("\x00", "␀"),
        ("\x1b", "␛"),
        ("\x85", "U+0085"),
        ("\u2028", "LS"),
        ("\ud800", "U+D800"),
        ("\u206f", "U+206F"),
        ("\U000e0048\U000e0069", "TAG Hi"),
        ("a" + "\u0300" * 30, "+22"),
        ("\u00a0", "NBSP"),
        ("\u202f", "NNBSP"),
        ("\u2003", "U+2003"),
        ("\u2800", "U+2800"),
        ("\ufe01", "VS×1"),
        ("\U000e0101\U000e0102", "VS×2"),
    ],
)
def test_a_hidden_character_becomes_a_mark(hidden: str, shown: str) -> None:
    html = legible(f"pay {hidden} now")
    assert f">{shown}</span>" in html
    assert hidden not in html


@pytest.mark.parametrize(
    "text",
    [
        "first\n\n\tsecond",
        "caf\u00e9 cafe\u0301",
        "👩\u200d🚀 👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥",
        "می\u200cخواهم",
        "क्\u200dष",
        "مرحبا بالعالم",
    ],
)
def test_ordinary_writing_stays_as_it_is(text: str) -> None:
    assert legible(text) == text


def test_a_joiner_between_latin_letters_is_shown() -> None:
    assert "ZWJ" in legible("pass\u200dword")


def test_line_ends_of_windows_are_line_ends() -> None:
    assert legible("a\r\nb") == "a\nb"
    assert "␍" in legible("a\rb")


@given(st.text())
def test_no_text_brings_a_tag_or_a_direction_of_its_own(text: str) -> None:
    html = legible(text)
    assert (
        re.sub(r'<span class="hidden-char" title="[^"<>]*">[^<>]*</span>', "", html).count("<") == 0
    )
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b]", html)


def test_whatever_may_hide_is_looked_for() -> None:
    """Most texts are passed over at one look; none of what hides may get past it."""
    missed = [
        code
        for code in range(sys.maxunicode + 1)
        if _HIDDEN.search(f"x{chr(code) * 9}x") and not _BEGINNING.search(chr(code))
    ]
    assert not missed
