"""What counts as the same."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.digests import item_digest, normalised, prompt_digest, response_digest

Turns = list[tuple[str, str, list[str]]]
_NO_SURROGATES = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a  b", "a b"),
        (" a\tb\r\n", "a b"),
        ("a\u00a0b", "a b"),
        ("a\x1cb", "a b"),
        ("caf\u00e9", "cafe\u0301"),
        ("", " \n"),
    ],
)
def test_white_space_and_composition_make_no_difference(one: str, other: str) -> None:
    assert response_digest(one) == response_digest(other)


@pytest.mark.parametrize(("one", "other"), [("a", "A"), ("ab", "a b"), ("1", "１"), ("a", "а")])
def test_everything_else_does(one: str, other: str) -> None:
    assert response_digest(one) != response_digest(other)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_fast_way_for_ascii_gives_what_the_slow_one_gives(text: str) -> None:
    assert normalised(text) == " ".join(normalize("NFC", text).split()).encode()


@given(_NO_SURROGATES)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalised(text)
    assert normalised(once.decode()) == once


def test_a_pair_is_the_same_in_either_order() -> None:
    a, b = response_digest("a"), response_digest("b")
    assert item_digest("p", [a, b]) == item_digest("p", [b, a])
    assert item_digest("p", [a, b]) != item_digest("p", [a])
    assert item_digest("p", [a, b]) != item_digest("q", [a, b])


def test_who_speaks_and_what_is_shown_belongs_to_a_prompt() -> None:
    said: Turns = [("user", "Hello", [])]
    assert prompt_digest(said) != prompt_digest([("system", "Be brief.", []), *said])
    assert prompt_digest(said) != prompt_digest([("assistant", "Hello", [])])
    assert prompt_digest(said) != prompt_digest([("user", "Hello", ["0" * 64])])


def test_no_text_can_imitate_a_boundary() -> None:
    two: Turns = [("user", "a", []), ("user", "b", [])]
    one: Turns = [("user", "a\x1euser\x1fb", [])]
    assert prompt_digest(two) != prompt_digest(one)
    assert response_digest("a", "b") != response_digest("a\x1fb")


def test_a_medium_belongs_to_a_response() -> None:
    assert response_digest("", "0" * 64) != response_digest("", "1" * 64)


def test_a_lone_surrogate_has_no_digest() -> None:
    with pytest.raises(UnicodeEncodeError):
        response_digest("\ud800")
