"""What the sheet says of a response."""

from __future__ import annotations

import pytest

from annotation.page.sheets import Pane


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("two words", 2),
        ("  it's\n\nthree, really ", 3),
        ("我喜欢猫。", 5),
        ("用 Python 写", 3),
    ],
)
def test_words_are_counted_in_any_script(text: str, words: int) -> None:
    assert Pane("a", text, None).words == words
