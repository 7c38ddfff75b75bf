"""Where the last sentence of a text begins: what somebody may correct, after what is fixed.

The guards err to one side: a cut that is missed leaves two sentences to correct, a cut in the
middle of a sentence would leave half of one.
"""

from __future__ import annotations

import re
from bisect import bisect

_CLOSERS = r"\"'”’»›)\]}」』】）》*_"
_OPENERS = "\"'“‘«‹([{「『【（《*_ "
# Of Chinese and Japanese a sentence may follow at once; behind a quotation it may go on as well.
_WIDE = "。？！｡"
_STOPS = rf".?!…{_WIDE}"
# A run of stops is looked at once and as a whole, so that a million of them take no longer.
_END = re.compile(
    rf"(?<![{_WIDE}])[{_WIDE}]++(?![{_CLOSERS}\s])"
    rf"|(?<![{_STOPS}])(?P<stop>[{_STOPS}]++)[{_CLOSERS}]*+(?=\s)"
    # A blank line, or a line that begins an entry of a list.
    r"|\n(?=[ \t]*(?:\n|[-*•][ \t]|\d{1,3}[.)][ \t]))"
)
_NEXT = re.compile(r"\S")
_FENCE = re.compile("```")
_WORD = re.compile(r"[^\s(\[“\"‘'«—–]*\Z")
_LONGEST_WORD = 24
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_LETTERS = re.compile(r"[a-z.]+")
_ABBREVIATIONS = frozenset(
    _LETTERS.findall(
        "dr mr mrs ms mx prof rev hon gen col capt lt sgt st mt jr sr vs cf ca al approx dept est"
        " inc ltd co corp bros ph.d esp incl resp tel hr fr nr bzw ggf vgl evtl usw abb"
    )
)
# These shorten only before a number: “No. 5”, but “The answer is no.”
_BEFORE_NUMBERS = frozenset(
    _LETTERS.findall(
        "no nos nr p pp vol fig figs eq sec art ch jan feb mar apr jun jul aug sep sept oct nov dec"
    )
)


def cut_before_last(text: str) -> tuple[str, str]:
    """All before the last sentence and that sentence; together they are `text`, letter by letter.

    The first is "" where it is one sentence. The white space between stays with the first.
    """
    fences = [found.start() for found in _FENCE.finditer(text)]
    for end in reversed(list(_END.finditer(text, 0, len(text.rstrip())))):
        if bisect(fences, end.start()) % 2:
            continue  # within a block of code
        following = _NEXT.search(text, end.end())
        if following and (end["stop"] is None or _ends(text, end, following.start())):
            return text[: following.start()], text[following.start() :]
    return "", text


def _ends(text: str, end: re.Match[str], following: int) -> bool:
    """Whether a stop with white space behind it ends a sentence."""
    after = text[following : following + 8].lstrip(_OPENERS)
    if after[:1].islower():
        return False
    return end["stop"] != "." or not _shortens(text, end.start(), after)


def _shortens(text: str, dot: int, after: str) -> bool:
    """Whether the dot belongs to the word before it."""
    found = _WORD.search(text[max(0, dot - _LONGEST_WORD) : dot])
    word = found.group() if found else ""
    if word.isdecimal():
        line = text[text.rfind("\n", 0, dot) + 1 : dot]
        return line.strip() == word  # the number of an entry
    is_short = word.lower() in _ABBREVIATIONS or (_INITIALS.fullmatch(word) and word != "I")
    return bool(is_short) or (word.lower() in _BEFORE_NUMBERS and after[:1].isdecimal())
