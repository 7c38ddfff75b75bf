"""What people and models wrote, as HTML: every character escaped, every hidden one made visible.

Nothing in a text is read as markup, so nothing in it can load or run. Characters that steer or
hide (controls, directions, zero-width, tags, odd spaces) are replaced by a named mark; they have
no effect.
"""

from __future__ import annotations

import re
import unicodedata

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

# Latin letters that are merely decomposed carry one or two marks; Zalgo carries dozens.
MARKS_SHOWN = 8

_NAMES = {
    0x00A0: "NBSP",
    0x00AD: "SHY",
    0x034F: "CGJ",
    0x061C: "ALM",
    0x115F: "HCF",
    0x1160: "HJF",
    0x1680: "OGSP",
    0x180E: "MVS",
    0x200B: "ZWSP",
    0x200C: "ZWNJ",
    0x200D: "ZWJ",
    0x200E: "LRM",
    0x200F: "RLM",
    0x2007: "FIGSP",
    0x2028: "LS",
    0x2029: "PS",
    0x202A: "LRE",
    0x202B: "RLE",
    0x202C: "PDF",
    0x202D: "LRO",
    0x202E: "RLO",
    0x202F: "NNBSP",
    0x2060: "WJ",
    0x2066: "LRI",
    0x2067: "RLI",
    0x2068: "FSI",
    0x2069: "PDI",
    0x3000: "IDSP",
    0x3164: "HF",
    0xFEFF: "BOM",
    0xFFFC: "OBJ",
}

# A variation selector picks the shape of the emoji, ideograph or Mongolian letter before it.
_SELECTORS = r"\u180b-\u180d\u180f\ufe00-\ufe0f"
_SELECTORS_BEYOND = r"\U000e0100-\U000e01ef"
# What an ideographic space is at home beside: Chinese, Japanese, Korean, and full-width forms.
_WIDE = (
    r"\u1100-\u115e\u1161-\u11ff\u2e80-\u2fff\u3001-\u3163\u3165-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    r"\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff9f\uffa1-\uffef\U0001f200-\U0001f2ff"
    r"\U00020000-\U000323af"
)
_ONE = (
    r"\x00-\x08\x0b-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180e"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3164\ud800-\udfff\ufeff\uffa0"
    r"\ufff0-\ufffc\ufffe\uffff"
)
_ONE_BEYOND = (
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
)
_MARKS = r"\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"

_HIDDEN = re.compile(
    r"(?P<tags>[\U000e0000-\U000e007f]+)"
    # Joiners belong to the writing of Arabic, of India, of emoji and of hieroglyphs, and a space
    # of its own to that of Ogham; elsewhere they hide.
    r"|(?P<joined>(?<=[\u0600-\u0dff\u200d\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
    r"(?=[\u0600-\u0dff\u2190-\u2bff\U0001f000-\U0001faff])"
    r"|(?<=[\U00013000-\U0001342f])[\U00013430-\U0001343f]"
    r"|[\U00013430-\U0001343f](?=[\U00013000-\U0001342f])"
    r"|(?<=[\u1681-\u169c])\u1680|\u1680(?=[\u1681-\u169c]))"
    # Alone it parts two pieces of Markdown, of which each comes by itself.
    rf"|(?P<wide>(?<=[{_WIDE}])\u3000+|\u3000+(?=[{_WIDE}])|\A\u3000+\Z)"
    # Elsewhere than behind what they shape, and in heaps, selectors carry bytes that nobody sees.
    r"|(?P<shape>(?:(?<=[#*0-9\u00a9\u00ae\u2010-\u2bff\u3030-\u9fff\uf900-\ufaff"
    r"\U0001f000-\U0003ffff])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    rf"|(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f])(?![{_SELECTORS}{_SELECTORS_BEYOND}]))"
    rf"|(?P<selectors>[{_SELECTORS}{_SELECTORS_BEYOND}]+)"
    rf"|(?P<marks>[{_MARKS}]{{{MARKS_SHOWN + 1},}})"
    # A run at once: each of its spaces would look along the whole of it.
    r"|(?P<lost>\u3000+)"
    rf"|(?P<one>[{_ONE}{_ONE_BEYOND}])"
)
_SHOWN_AS_IT_IS = ("joined", "shape", "wide")

# With what any of it begins, which most texts are without: one look at each character, not eight.
# Each range beyond U+FFFF costs a look of its own, so there they are two, wider than they need be.
_BEGINNING = re.compile(rf"[{_ONE}{_MARKS}{_SELECTORS}\U00013430-\U0001d17a\U000e0000-\U000e0fff]")
# Apart, since Chinese and Japanese are full of it.
_LOST = re.compile(rf"(?<![{_WIDE}\u3000])\u3000+(?![{_WIDE}\u3000])")


def _is_plain(text: str) -> bool:
    """Whether nothing in it may hide."""
    return not _BEGINNING.search(text) and not ("\u3000" in text and _LOST.search(text))


def legible(text: str) -> SafeString:
    """`text` as HTML for an element with `white-space: pre-wrap` and `dir="auto"`."""
    text = text.replace("\r\n", "\n")
    if _is_plain(text):
        return escape(text)
    parts: list[str] = []
    done = 0
    for found in _HIDDEN.finditer(text):
        parts += [escape(text[done : found.start()]), _shown(found)]
        done = found.end()
    parts.append(escape(text[done:]))
    return mark_safe("".join(parts))  # noqa: S308  every part is escaped or a mark of ours


def _shown(found: re.Match[str]) -> str:
    kind, hidden = found.lastgroup, found.group()
    if kind in _SHOWN_AS_IT_IS:
        return hidden
    if kind == "marks":
        return hidden[:MARKS_SHOWN] + _mark(f"+{len(hidden) - MARKS_SHOWN}", "combining marks")
    if kind == "lost":
        times = f"×{len(hidden)}" if len(hidden) > 1 else ""
        return _mark(f"{_NAMES[0x3000]}{times}", "U+3000 IDEOGRAPHIC SPACE")
    if kind == "selectors":
        return _mark(f"VS×{len(hidden)}", "variation selectors without anything to vary")
    if kind == "tags":
        said = "".join(chr(ord(tag) - 0xE0000) for tag in hidden)
        return _mark(f"TAG {''.join(c for c in said if c.isprintable())}", "hidden tag characters")
    return _mark(_name(ord(hidden)), f"U+{ord(hidden):04X} {unicodedata.name(hidden, '')}".strip())


def _name(code: int) -> str:
    if code < 0x20:
        return chr(0x2400 + code)  # Unicode has pictures of the control characters
    return _NAMES.get(code, f"U+{code:04X}")


def _mark(shown: str, title: str) -> str:
    return format_html('<span class="hidden-char" title="{}">{}</span>', title, shown)
