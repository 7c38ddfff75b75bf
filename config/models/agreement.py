"""How alike people judge, and how machine and people compare: kept by a sweep, read by a page."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Agreement(models.Model):
    """How alike the votes of a campaign on one question were on one day (UTC), as measured last.

    `raw` is the share of pairs of votes that are alike, `alpha` Krippendorff's, at most 1, with
    its interval of 95 % from `low` to `high`; each is null where it is not defined.
    """

    campaign = models.ForeignKey(
        "annotation.Campaign", models.CASCADE, related_name="agreements", db_index=False
    )
    question = models.CharField(max_length=40)
    day = models.DateField()
    votes = models.PositiveIntegerField()
    raw = models.FloatField(null=True)
    alpha = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("campaign", "question", "day"), name="agreement_once_a_day"
            ),
            models.CheckConstraint(
                name="agreement_interval_is_whole",
                condition=models.Q(low__isnull=True, high__isnull=True)
                | models.Q(low__lte=models.F("high")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.question} on {self.day}: {self.alpha}"


class Comparison(models.Model):
    """How machine and people compare in a campaign: responses by what each of them found.

    `items` are those that were looked at, the latest that are judged; the agreement is measured on
    the same. `measured_to` is the last event that was looked at.
    """

    campaign = models.OneToOneField(
        "annotation.Campaign", models.CASCADE, primary_key=True, related_name="comparison"
    )
    both_safe = models.PositiveIntegerField(default=0)
    false_alarms = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    both_unsafe = models.PositiveIntegerField(default=0)
    items = models.PositiveIntegerField(default=0)
    measured_to = models.BigIntegerField(null=True)
    measured_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.campaign_id} on {self.items} items"
