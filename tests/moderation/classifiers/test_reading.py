"""Reading: what people cannot see, no classifier reads."""

from __future__ import annotations

import pytest

from moderation.classifiers.reading import readable


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain", "plain"),
        ("", ""),
        ("k\u200bil\u2060l", "kill"),  # cut up by zero-width marks
        ("safe\U000e0069\U000e0067\U000e006e", "safe"),  # hidden in the TAG block
        ("\u202eelbisivni\u202c", "elbisivni"),  # turned round by bidirectional controls
        ("bo\u00admb", "bomb"),  # a soft hyphen
        ("ｂｏｍｂ", "bomb"),  # full-width letters
        ("𝐛𝐨𝐦𝐛", "bomb"),  # mathematical letters
        ("a\ud800b", "a\ufffdb"),  # a lone surrogate
        ("Über 日本語 🙂", "Über 日本語 🙂"),
    ],
)
def test_it_reads_what_a_person_sees(written: str, read: str) -> None:
    assert readable(written) == read
