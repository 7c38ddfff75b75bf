"""Foreboding: how upsetting the items of a campaign can be, told before one begins."""

from __future__ import annotations

from dataclasses import dataclass

from annotation import prepared
from annotation.gravity import GRAVITY
from annotation.models import Campaign
from annotation.prepared import compact

# The next items by the order of loading; more would tell little more and cost more.
LOOKED_AT = 1_000

_COUNT = compact(f"""
SELECT count(*) FILTER (WHERE gravity = 2), count(*) FILTER (WHERE gravity = 3), count(*)
FROM (SELECT {GRAVITY} AS gravity FROM datasets_app_item i
      WHERE i.dataset_id = %(dataset)s AND i.state = 'open'
      ORDER BY i.id LIMIT %(limit)s) AS next
""")  # noqa: S608  pieces of ours


@dataclass(frozen=True, slots=True)
class Foreboding:
    """Of `items` that wait, so many are moderate, so many severe; both stay covered."""

    moderate: int
    severe: int
    items: int

    @property
    def moderate_share(self) -> int:
        return self._shares[0]

    @property
    def severe_share(self) -> int:
        return self._shares[1]

    @property
    def _shares(self) -> tuple[int, int]:
        """In hundredths, rounded up: what there is, is not told as nothing.

        Where that makes more than a hundred of both, the greater one is rounded down.
        """
        moderate, severe = (self._share(number) for number in (self.moderate, self.severe))
        surplus = max(moderate + severe - 100, 0)
        if severe > moderate:
            return moderate, severe - surplus
        return moderate - surplus, severe

    def _share(self, number: int) -> int:
        return -(-100 * number // self.items) if self.items else 0


def of(campaign: Campaign) -> Foreboding:
    """What the next items of the campaign's dataset are like."""
    values = {"dataset": campaign.dataset_id, "limit": LOOKED_AT}
    return Foreboding(*prepared.fetch(_COUNT, values)[0])
