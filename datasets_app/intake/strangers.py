"""Tells what has certainly not come before from what may have, in a fixed amount of memory."""

from __future__ import annotations

from mmap import mmap

_BITS = 1 << 28  # 32 MB: of three million keys, one in a hundred is looked for in vain


class Strangers:
    """Keys that were asked for, as one bit each.

    Into an empty dataset only this load writes. What it has not seen need not be looked for in
    the database, which is nearly everything: a fifth of the time that a row takes.
    """

    def __init__(self, bits: int = _BITS) -> None:
        # Anonymous memory, zeroed page by page when it is touched: a small load touches little.
        self._bits = mmap(-1, bits // 8)
        self._mask = bits - 1

    def may_be_known(self, key: str) -> bool:
        """False if this key was never asked for; from now on it was."""
        place = hash(key) & self._mask
        byte, bit = place >> 3, 1 << (place & 7)
        held = self._bits[byte]
        if held & bit:
            return True
        self._bits[byte] = held | bit
        return False


class NoStrangers:
    """For a dataset that holds something already: anything may be known."""

    def may_be_known(self, key: str) -> bool:
        return True
