"""Plans batches: windows of like length together, no batch over its budget of tokens."""

from __future__ import annotations

from collections.abc import Sequence


def planned(lengths: Sequence[int], *, budget: int) -> list[list[int]]:
    """Indices of windows by batch, longest first; each index once.

    A batch of n windows costs n times its longest window, padding included, and stays within
    `budget` tokens, save that a window longer than the budget stands alone. Longest first, so
    that memory that does not suffice shows at once, and the allocator grows only once.
    """
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    batches: list[list[int]] = []
    room = 0
    for index in order:
        if room == 0:
            batches.append([])
            room = max(1, budget // max(1, lengths[index]))
        batches[-1].append(index)
        room -= 1
    return batches


def halves(batch: Sequence[int]) -> tuple[list[int], list[int]]:
    """The batch in two parts, the first not smaller."""
    middle = (len(batch) + 1) // 2
    return list(batch[:middle]), list(batch[middle:])
