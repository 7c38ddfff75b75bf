"""Exposures: for how long harm was before somebody's eyes, by the server's clock."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from datasets_app.vocabulary import Severity


class Exposure(models.Model):
    """One reveal: from `began_at` to `ended_at`; null while it is open.

    The page gives a sign of life while content is in sight: `seen_at` is the last. One that falls
    silent counts for `exposures.GRACE_SECONDS` more. `token` is the lease, or the annotation's
    where it is looked at again.
    """

    annotator = models.ForeignKey(
        "annotation.Annotator", models.PROTECT, related_name="exposures", db_index=False
    )
    campaign = models.ForeignKey("annotation.Campaign", models.PROTECT, related_name="+")
    item = models.ForeignKey("datasets_app.Item", models.PROTECT, related_name="+")
    token = models.UUIDField()
    severity = models.PositiveSmallIntegerField(choices=Severity)
    began_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            # Two tabs show one item to one person: it counts once.
            models.UniqueConstraint(
                fields=("annotator", "token"),
                name="exposure_one_open",
                condition=models.Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="exposure_severity_known",
                condition=models.Q(severity__in=[1, 2, 3]),
            ),
            models.CheckConstraint(
                name="exposure_goes_forward",
                condition=models.Q(seen_at__gte=models.F("began_at"))
                & (models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("began_at"))),
            ),
        )
        indexes = (models.Index(fields=("annotator", "began_at"), name="exposure_of_day"),)

    def __str__(self) -> str:
        return f"{self.annotator_id} saw {self.item_id}"
