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
        return self._share(self.moderate)

    @property
    def severe_share(self) -> int:
        return self._share(self.severe)

    def _share(self, number: int) -> int:
        """In hundredths, rounded up: what there is, is not told as nothing."""
        return -(-100 * number // self.items) if self.items else 0


def of(campaign: Campaign) -> Foreboding:
    """What the next items of the campaign's dataset are like."""
    values = {"dataset": campaign.dataset_id, "limit": LOOKED_AT}
    return Foreboding(*prepared.fetch(_COUNT, values)[0])
