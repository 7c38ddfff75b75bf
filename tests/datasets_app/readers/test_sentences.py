"""Where the last sentence of an answer begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets_app.readers.sentences import cut_before_last

TABLE = [
    # One sentence
    ("Yeast makes gas.", "", "Yeast makes gas."),
    ("No stop at all", "", "No stop at all"),
    ("It is 3.5 metres deep.", "", "It is 3.5 metres deep."),
    # Stops
    ("Yeast makes gas. The dough rises.", "Yeast makes gas. ", "The dough rises."),
    ("Really? Yes! It does", "Really? Yes! ", "It does"),
    ("What?! It rose.", "What?! ", "It rose."),
    ("One. Two. Three.\n", "One. Two. ", "Three.\n"),
    ("Well… It rose.", "Well… ", "It rose."),
    ("Well… it rose.", "", "Well… it rose."),
    ("Well... it rose. Then it fell.", "Well... it rose. ", "Then it fell."),
    ("Hm", "", "Hm"),
    ("  ", "", "  "),
    # Abbreviations
    ("Use a lodge, e.g. Mud and sticks.", "", "Use a lodge, e.g. Mud and sticks."),
    ("Built by beavers, i.e. Rodents.", "", "Built by beavers, i.e. Rodents."),
    ("Ask Dr. Otter about it.", "", "Ask Dr. Otter about it."),
    ("It is late. Ask Dr. Otter.", "It is late. ", "Ask Dr. Otter."),
    ("J. R. Beaver wrote it.", "", "J. R. Beaver wrote it."),
    ("It did as I. Then it left.", "It did as I. ", "Then it left."),
    ("See No. 5 of the list.", "", "See No. 5 of the list."),
    ("The answer is no. Ask again.", "The answer is no. ", "Ask again."),
    ("It fell in 1999. Then it rose.", "It fell in 1999. ", "Then it rose."),
    ("Das gilt z. B. Für Biber.", "", "Das gilt z. B. Für Biber."),
    # Quotations and brackets behind the stop
    ("He said “Stop.” Then he left.", "He said “Stop.” ", "Then he left."),
    ('He said "Stop." Then he left.', 'He said "Stop." ', "Then he left."),
    ("“Why?” she asked.", "", "“Why?” she asked."),
    ("It rose. (It always does.) “Why?”", "It rose. (It always does.) ", "“Why?”"),
    ("**Note.** Keep it warm.", "**Note.** ", "Keep it warm."),
    # Chinese and Japanese
    ("酵母产生气体。面团膨胀。", "酵母产生气体。", "面团膨胀。"),
    ("真的吗？是的！它会。", "真的吗？是的！", "它会。"),
    ("为什么？！因为。", "为什么？！", "因为。"),
    ("「なぜ？」と聞いた。", "", "「なぜ？」と聞いた。"),
    ("「なぜ？」\n生地が膨らむ。", "「なぜ？」\n", "生地が膨らむ。"),
    # Lines
    ("Steps:\n1. Mix.\n2. Bake.", "Steps:\n1. Mix.\n", "2. Bake."),
    ("You need\n- flour\n- yeast", "You need\n- flour\n", "- yeast"),
    ("A heading\n\nA text", "A heading\n\n", "A text"),
    ("A long\nsentence.", "", "A long\nsentence."),
    ("Run it.\n```\na = 1.\n\nb = 2.\n```", "Run it.\n", "```\na = 1.\n\nb = 2.\n```"),
]


@pytest.mark.parametrize(("text", "before", "last"), TABLE)
def test_a_text_is_cut_before_its_last_sentence(text: str, before: str, last: str) -> None:
    assert cut_before_last(text) == (before, last)


@given(st.text(alphabet='ab B1.?!…。？\n "”`-*', max_size=60))
def test_nothing_is_lost_and_a_sentence_is_left(text: str) -> None:
    before, last = cut_before_last(text)
    assert before + last == text
    assert bool(last.strip()) is bool(text.strip())
