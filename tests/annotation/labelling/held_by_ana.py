"""An item that Ana holds, loses, or answers."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F

from annotation import assigning, holding
from annotation.assigning import Assignment
from annotation.models import Slot
from tests.annotation.one_item import OneItem

UNSAFE = {
    "safe": {"a": True, "b": False},
    "categories": {"b": ["Violence", "Drugs"]},
    "severity": {"b": 2},
}


class HeldByAna(OneItem):
    def held(self) -> Assignment:
        """What Ana is given, or has."""
        return assigning.leases(self.ana, self.campaign, want=1)[0]

    def lose(self, held: Assignment) -> None:
        """Let the lease run out and be swept up."""
        Slot.objects.filter(pk=held.slot_id).update(
            expires_at=F("leased_at") - timedelta(seconds=1)
        )
        assert holding.expire_leases() == 1

    def by_id(self, held: Assignment, a: object, b: object) -> dict[str, object]:
        """What was said of A and B, by the ids of the responses that stood there."""
        first, second = str(self.item.first_id), str(self.item.second_id)
        return {second: a, first: b} if held.flipped else {first: a, second: b}
