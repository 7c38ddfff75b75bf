"""Takes out of a text what no reader sees, before a classifier reads it."""

from __future__ import annotations

import re
import unicodedata

# Enters every classifier's revision: change it with what `readable` does, and with how windows are
# cut or outputs are read.
READING_VERSION = "1"

# Zero-width and joining marks, soft hyphens, bidirectional controls, variation selectors, byte
# order marks, the TAG block: characters by which text is hidden from people or cut up for models.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]+"
)
# Lone surrogates cannot be encoded; what stands in Postgres has none, what a caller made up may.
_SURROGATES = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """The text without unseen characters, in normal form NFKC, its length otherwise unchanged."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", _SURROGATES.sub("\ufffd", text)))
