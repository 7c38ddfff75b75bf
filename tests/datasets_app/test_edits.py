"""What an edit changed, word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.edits import Fate, edit_of

WRITTEN = {Fate.KEPT: "{}", Fate.OUT: "[-{}-]", Fate.IN: "[+{}+]"}


def written(before: str, after: str) -> str:
    pieces = edit_of(before, after).pieces
    return "".join(WRITTEN[piece.fate].format(piece.text) for piece in pieces)


@pytest.mark.parametrize(
    ("before", "after", "shown", "numbers"),
    [
        ("The dam holds.", "The dam holds.", "The dam holds.", (3, 0, 0)),
        ("The dam holds.", "The dam leaks.", "The dam [-holds-][+leaks+].", (3, 1, 1)),
        ("The dam holds.", "The old dam holds.", "The [+old +]dam holds.", (3, 0, 1)),
        ("It never holds.", "It holds!", "It [-never -]holds[-.-][+!+]", (3, 1, 0)),
        ("It don't hold.", "It doesn't hold.", "It [-don't -][+doesn't +]hold.", (3, 1, 1)),
        ("面团膨胀。", "面团发酵。", "面团[-膨胀-][+发酵+]。", (4, 2, 2)),
        ("One\ntwo", "One two", "One two", (2, 0, 0)),
        ("", "New.", "[+New.+]", (0, 0, 1)),
        ("नमस्ते दुनिया", "नमस्ते भाई", "नमस्ते [-दुनिया-][+भाई+]", (2, 1, 1)),
    ],
)
def test_each_word_is_kept_or_went_or_came(
    before: str, after: str, shown: str, numbers: tuple[int, int, int]
) -> None:
    edit = edit_of(before, after)
    assert written(before, after) == shown
    assert (edit.words, edit.out, edit.put_in) == numbers


@given(st.text("ab .。面", max_size=30), st.text("ab .。面", max_size=30))
def test_what_is_kept_and_what_came_is_the_text_afterwards(before: str, after: str) -> None:
    pieces = edit_of(before, after).pieces
    assert "".join(p.text for p in pieces if p.fate is not Fate.OUT).strip() == after.strip()


def test_texts_too_long_to_compare_are_replaced_where_they_differ() -> None:
    before = "Same " + " ".join(f"a{n}" for n in range(1000)) + " end."
    after = "Same " + " ".join(f"b{n}" for n in range(1000)) + " end."
    edit = edit_of(before, after)
    assert [piece.fate for piece in edit.pieces] == [Fate.KEPT, Fate.OUT, Fate.IN, Fate.KEPT]
    assert (edit.out, edit.put_in) == (1000, 1000)
