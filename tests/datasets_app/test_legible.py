"""Text as it is shown: nothing in it works, nothing in it hides."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.legible import _HIDDEN, _is_plain, legible


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
        ("\u180b", "VS×1"),
        ("\u3000", "IDSP"),
        ("\u3000\u3000\u3000", "IDSP×3"),
        ("\u1680", "OGSP"),
        ("\U000e0fff", "U+E0FFF"),
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
        "\u3000\u3000河狸筑坝。\n\u3000\u3000水位升高。",
        "ビーバー\u3000は木を\u3000かじる。\u3000",
        "ＡＢＣ\u3000ＤＥＦ",
        "第1章\u3000Introduction",
        "\u182d\u180b\u182d",
        "\u1681\u1680\u1682",
        "\U00013000\U00013430\U00013437\U00013001\U00013438",
    ],
)
def test_ordinary_writing_stays_as_it_is(text: str) -> None:
    assert legible(text) == text


# Unicode's property Default_Ignorable_Code_Point, which `unicodedata` does not know.
IGNORABLE = {
    *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFF9),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0000, 0xE1000),
}
# Format characters that have a sign of their own: signs before numbers, the end of a verse.
SEEN = {
    *(ord(each) for each in " \t\n"),
    *range(0x0600, 0x0606),
    *(0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD),
}


def may_hide(code: int) -> bool:
    is_odd = unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zs", "Zl", "Zp")
    return (is_odd or code in IGNORABLE) and code not in SEEN


def test_of_all_characters_none_hides_between_two_letters() -> None:
    unseen = [
        f"U+{code:04X}"
        for code in filter(may_hide, range(sys.maxunicode + 1))
        if not re.fullmatch(
            r'a<span class="hidden-char" title="[^"]+">[^<]+</span>b', legible(f"a{chr(code)}b")
        )
    ]
    assert not unseen


def test_a_character_with_a_sign_of_its_own_is_left_alone() -> None:
    for code in SEEN:
        assert legible(f"a{chr(code)}b") == f"a{chr(code)}b"


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
        if _HIDDEN.search(f"x{chr(code) * 9}x") and _is_plain(f"x{chr(code) * 9}x")
    ]
    assert not missed
