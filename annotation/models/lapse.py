"""Lapses: leases that ended without an annotation."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from annotation.vocabulary import LapseCause


class Lapse(models.Model):
    """Whose lease it was, on what, and why it ended. Append-only.

    What still arrives under `token` finds its item and its sides here: it takes its place back
    if one is free, else it is kept as late.
    """

    token = models.UUIDField(unique=True)
    annotator = models.ForeignKey("annotation.Annotator", models.PROTECT, related_name="lapses")
    campaign = models.ForeignKey(
        "annotation.Campaign", models.PROTECT, related_name="lapses", db_index=False
    )
    item = models.ForeignKey("datasets_app.Item", models.PROTECT, related_name="+")
    step = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField()
    flipped = models.BooleanField()
    leased_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=10, choices=LapseCause)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="lapse_cause_known", condition=models.Q(cause__in=LapseCause.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.annotator_id} {self.cause} {self.item_id}"
