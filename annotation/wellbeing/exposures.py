"""Exposures: what is revealed is counted by the server's clock, and stops at the day's budget.

The law is in docs/wellbeing.md. The page says when something comes into sight, gives a sign of
life while it stays there, and says when it is covered. How long that was is never the page's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from uuid import UUID

from django.db import transaction

from annotation import eligibility, openness, prepared, walking
from annotation.gravity import GRAVITY
from annotation.models import Annotator, Campaign
from annotation.prepared import compact
from annotation.vocabulary import RestCause

# How often the page gives a sign of life; several fit into the grace that a silent one has.
BEAT_SECONDS = 20
DOTS = 5


@dataclass(frozen=True, slots=True)
class Gauge:
    """Today's exposure, severity × seconds in all campaigns, and what this campaign allows.

    `budget` is None where neither the campaign nor the person set one.
    """

    spent: float
    budget: int | None

    @property
    def is_over(self) -> bool:
        return self.budget is not None and self.spent >= self.budget

    @property
    def level(self) -> int:
        """How many of five dots are full: none only when nothing was seen."""
        if not self.budget:
            return 0
        return min(DOTS, ceil(DOTS * self.spent / self.budget))

    @property
    def dots(self) -> list[bool]:
        return [number < self.level for number in range(DOTS)]

    @property
    def minutes_left(self) -> int | None:
        """Minutes of severe content that are left; of moderate content half as many again."""
        return None if self.budget is None else max(0, int(self.budget - self.spent) // 180)


class NotHeld(Exception):
    """This person has no such item, or it is no longer open."""


# One that is open lives on; else a new one begins. Looked at again after it was answered, an item
# is exposed under its annotation's token, which its slot keeps; so does a check, which is told
# apart from a slot by nothing.
_REVEAL = compact(f"""
INSERT INTO annotation_exposure AS e (annotator_id, campaign_id, item_id, token, severity)
SELECT %(annotator)s, %(campaign)s, i.id, %(token)s, greatest({GRAVITY}, 1)
FROM datasets_app_item i
WHERE i.id = (SELECT s.item_id FROM annotation_slot s
              WHERE s.annotator_id = %(annotator)s AND s.campaign_id = %(campaign)s
                AND s.token = %(token)s AND s.state IN ('leased', 'done'))
      AND i.state = 'open'
   OR i.id = (SELECT k.item_id FROM annotation_check k
              WHERE k.annotator_id = %(annotator)s AND k.campaign_id = %(campaign)s
                AND k.token = %(token)s AND (k.state = 'leased'
                    OR k.state = 'answered' AND {openness.check_is_open("k")}))
      AND {openness.JUDGED}
ON CONFLICT (annotator_id, token) WHERE ended_at IS NULL
DO UPDATE SET seen_at = clock_timestamp()
RETURNING e.id
""")  # noqa: S608  pieces of ours

_COVER = compact("""
UPDATE annotation_exposure e SET ended_at = clock_timestamp()
WHERE e.annotator_id = %(annotator)s AND e.token = %(token)s AND e.ended_at IS NULL
RETURNING e.id
""")


def reveal(annotator: Annotator, campaign: Campaign, token: UUID) -> Gauge:
    """Note that an item is in sight, at first and as its sign of life; today's gauge.

    When the budget is used up nothing is opened, and what was open ends: the gauge says so.
    Raises NotHeld.
    """
    names = {"annotator": annotator.pk, "campaign": campaign.pk, "token": token}
    with transaction.atomic():
        # A lease in another tab is over first, or waits and then sees this.
        prepared.fetch(walking.LOCK, names)
        eligibility.close_reveals(annotator)
        found = gauge(annotator, campaign)
        if found.is_over:
            prepared.fetch(_COVER, names)
            return found
        if not prepared.fetch(_REVEAL, names):
            raise NotHeld
    return found


def cover(annotator: Annotator, campaign: Campaign, token: UUID) -> Gauge:
    """Note that an item is out of sight; today's gauge. Nothing happens if it was."""
    with transaction.atomic():
        prepared.fetch(walking.LOCK, {"annotator": annotator.pk})
        eligibility.close_reveals(annotator)
        prepared.fetch(_COVER, {"annotator": annotator.pk, "token": token})
        return gauge(annotator, campaign)


def gauge(annotator: Annotator, campaign: Campaign) -> Gauge:
    """Today's exposure of this person, by what the campaign and he himself allow."""
    terms = eligibility.terms_of(annotator, campaign)
    return Gauge(terms.spent, terms.exposure)


def is_at_rest(annotator: Annotator, campaign: Campaign) -> RestCause | None:
    """Why this person is given nothing more today; None while there is something to give."""
    return eligibility.terms_of(annotator, campaign).rest
