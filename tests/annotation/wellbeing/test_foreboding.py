"""What is told of what waits: shares that are never nothing, and never more than the whole."""

from __future__ import annotations

import pytest

from annotation.wellbeing.foreboding import Foreboding


@pytest.mark.parametrize(
    ("moderate", "severe", "items", "shares"),
    [
        (0, 0, 0, (0, 0)),
        (0, 0, 3, (0, 0)),
        (1, 1, 3, (34, 34)),
        (1, 7, 8, (13, 87)),
        (7, 1, 8, (87, 13)),
        (1, 999, 1000, (1, 99)),
        (1, 1, 2, (50, 50)),
        (1, 0, 1000, (1, 0)),
    ],
)
def test_shares_are_rounded_up_and_together_no_more_than_the_whole(
    moderate: int, severe: int, items: int, shares: tuple[int, int]
) -> None:
    told = Foreboding(moderate, severe, items)
    assert (told.moderate_share, told.severe_share) == shares
    assert sum(shares) <= 100
