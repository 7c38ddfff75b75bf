"""Windows: every token is read, the question beside the answer, and cost grows with length only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.classifiers.contract import Passage
from moderation.classifiers.windows import Window, WindowCutter
from tests.moderation.classifiers.tiny import WORDS, tokenizer

SIZE = 16


def cutter(size: int = SIZE, reads: str = "pair") -> WindowCutter:
    return WindowCutter(tokenizer(), size=size, reads=reads, wants_sides=True)


def words(window: Window) -> str:
    return " ".join(WORDS[token] for token in window.ids)


def test_a_pair_that_fits_is_one_window_with_two_sides() -> None:
    ((window,),) = cutter().cut([Passage("how do i fold it", "no")])
    assert words(window) == "[CLS] how do i fold it [SEP] no [SEP]"
    assert window.sides == [0] * 7 + [1, 1]


def test_a_prompt_alone_has_one_side() -> None:
    ((window,),) = cutter().cut([Passage("fold it")])
    assert (words(window), window.sides) == ("[CLS] fold it [SEP]", [0, 0, 0, 0])


def test_nothing_at_all_is_still_one_window() -> None:
    assert [len(windows) for windows in cutter().cut([Passage(""), Passage("", "")])] == [1, 1]


def test_a_model_of_one_text_reads_the_response_or_else_the_prompt() -> None:
    (pair,), (alone,) = cutter(reads="response").cut([Passage("how", "no"), Passage("how")])
    assert (words(pair), words(alone)) == ("[CLS] no [SEP]", "[CLS] how [SEP]")


def test_a_long_prompt_is_cut_with_overlap() -> None:
    (windows,) = cutter().cut([Passage("a " * 30 + "burn " + "b " * 9)])
    assert sum("burn" in words(window) for window in windows) >= 1
    starts = [window.ids[1:-1] for window in windows]
    assert all(len(window.ids) <= SIZE for window in windows)
    assert sum(len(ids) for ids in starts) > 40  # more than there are: parts overlap


@given(st.integers(0, 90), st.none() | st.integers(0, 90))
def test_every_token_of_both_sides_is_read_in_its_order(asked: int, answered: int | None) -> None:
    """With words that are all different, so that each place can be told from its word."""
    made = tokenizer([f"w{n}" for n in range(200)])
    cut = WindowCutter(made, size=SIZE, reads="pair", wants_sides=True).cut
    first = [f"w{n}" for n in range(asked)]
    second = None if answered is None else [f"w{n}" for n in range(100, 100 + answered)]
    (windows,) = cut([Passage(" ".join(first), None if second is None else " ".join(second))])
    for side, there in ((0, first), (1, second or [])):
        read = set()
        for window in windows:
            tokens = [t for t, s in zip(window.ids, window.sides, strict=True) if s == side]
            part = [word for t in tokens if (word := str(made.id_to_token(t))).startswith("w")]
            assert " ".join(part) in " ".join(there)
            read.update(part)
        assert read == set(there)
    assert all(len(window.ids) <= SIZE for window in windows)


def test_long_on_both_sides_the_number_of_windows_grows_by_their_sum() -> None:
    (short,) = cutter().cut([Passage("a " * 100, "b " * 100)])
    (long,) = cutter().cut([Passage("a " * 1000, "b " * 1000)])
    assert len(long) < 12 * len(short)


def test_every_part_of_a_long_answer_is_read_beside_the_question() -> None:
    (windows,) = cutter().cut([Passage("how do i burn it", "a " * 60)])
    assert all("how do i burn it" in words(window) for window in windows)


def test_truncation_asked_for_by_a_tokenizers_file_is_switched_off() -> None:
    made = tokenizer()
    made.enable_truncation(4)
    (windows,) = WindowCutter(made, size=SIZE, reads="pair", wants_sides=False).cut(
        [Passage("a " * 12 + "burn")]
    )
    assert "burn" in " ".join(words(window) for window in windows)


def test_left_on_it_would_have_hidden_the_end() -> None:
    made = tokenizer()
    made.enable_truncation(4)
    assert WORDS.index("burn") not in made.encode("a " * 12 + "burn").ids


@pytest.mark.parametrize("hidden", ["b\u200burn", "ｂｕｒｎ", "bu\u00adrn"])
def test_a_word_in_disguise_is_read_as_the_word(hidden: str) -> None:
    ((window,),) = cutter().cut([Passage(hidden)])
    assert words(window) == "[CLS] burn [SEP]"
