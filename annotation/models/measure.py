"""Measures: what a person's annotations say of the person, kept up to date by a sweep."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Measure(models.Model):
    """Sums about one person's answers to one group of questions; every figure is a quotient of two.

    `gold_faults` over `gold` is the error on gold and attention checks; `agreed` over `compared`
    the agreement with verdicts; `seconds` is the median of `timed` answers; `left` over `sided`
    the share of choices that named the left one; `runs` over `chained` how often an annotation
    said the very same as the one before; `same` over `repeated` the agreement with oneself on
    swapped repeats.
    `confusion` counts by question: what the verdict says → what the person said → how often; of
    categories, which of them → who named it (`both`, the `verdict` or the `person` alone,
    `neither`) → how often. All of it is about the person's latest annotations (`measuring.LATEST`).
    """

    annotator = models.ForeignKey(
        "annotation.Annotator", models.CASCADE, related_name="measures", db_index=False
    )
    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, related_name="measures")
    group = models.CharField(max_length=40)
    gold = models.FloatField(default=0)
    gold_faults = models.FloatField(default=0)
    compared = models.PositiveIntegerField(default=0)
    agreed = models.FloatField(default=0)
    timed = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    sided = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    chained = models.PositiveIntegerField(default=0)
    runs = models.PositiveIntegerField(default=0)
    repeated = models.FloatField(default=0)
    same = models.FloatField(default=0)
    confusion = models.JSONField(default=dict)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("annotator", "campaign", "group"), name="measure_once"),
        )

    def __str__(self) -> str:
        return f"{self.group} of {self.annotator_id}"
