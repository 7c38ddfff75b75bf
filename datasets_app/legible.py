"""What people and models wrote, as HTML: every character escaped, every hidden one made visible.

Nothing in a text is read as markup, so nothing in it can load or run. Characters that steer or
hide (controls, directions, zero-width, tags) are replaced by a named mark; they have no effect.
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
    0x3164: "HF",
    0xFEFF: "BOM",
    0xFFFC: "OBJ",
}

_HIDDEN = re.compile(
    r"(?P<tags>[\U000e0000-\U000e007f]+)"
    # Joiners belong to the writing of Arabic, of India and of emoji; elsewhere they hide.
    r"|(?P<joined>(?<=[\u0600-\u0dff\u200d\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
    r"(?=[\u0600-\u0dff\u2190-\u2bff\U0001f000-\U0001faff]))"
    # A variation selector picks the shape of the emoji or ideograph before it; elsewhere, and in
    # heaps, selectors carry bytes that nobody sees.
    r"|(?P<shape>(?<=[#*0-9\u00a9\u00ae\u2010-\u2bff\u3030-\u9fff\uf900-\ufaff\U0001f000-\U0003ffff])"
    r"[\ufe00-\ufe0f\U000e0100-\U000e01ef](?![\ufe00-\ufe0f\U000e0100-\U000e01ef]))"
    r"|(?P<selectors>[\ufe00-\ufe0f\U000e0100-\U000e01ef]+)"
    r"|(?P<marks>[\u0300-\u036f\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
    rf"{{{MARKS_SHOWN + 1},}})"
    r"|(?P<one>[\x00-\x08\x0b-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u180e\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3164\uffa0\ufeff\ufff0-\ufffc\ufffe\uffff\ud800-\udfff])"
)

# With what any of it begins, which most texts are without: one look at each character, not seven.
_BEGINNING = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\xa0\u00ad\u0300-\u036f\u0489\u061c\u115f\u1160\u180e"
    r"\u1ab0-\u1aff\u1dc0-\u1dff\u2000-\u200f\u2028-\u202f\u205f-\u206f\u20d0-\u20ff\u2800\u3164"
    r"\uffa0\ufe00-\ufe0f\ufeff\ufff0-\ufffc\ufffe\uffff\ud800-\udfff\U000e0000-\U000e01ef]"
)


def legible(text: str) -> SafeString:
    """`text` as HTML for an element with `white-space: pre-wrap` and `dir="auto"`."""
    text = text.replace("\r\n", "\n")
    if not _BEGINNING.search(text):
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
    if kind in ("joined", "shape"):
        return hidden
    if kind == "marks":
        return hidden[:MARKS_SHOWN] + _mark(f"+{len(hidden) - MARKS_SHOWN}", "combining marks")
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
