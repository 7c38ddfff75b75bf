"""What machines said, and the claims under which they said it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from datasets_app.vocabulary import Severity


class Screening(models.Model):
    """What one classifier revision said of one response, or of a prompt by itself.

    `probabilities` maps each category of `label_set` to 0-1. Never shown to annotators, never a
    label: it routes. A failed judgement has an `error` and counts as severe, never as safe.
    """

    prompt = models.ForeignKey("datasets_app.Prompt", models.PROTECT, related_name="screenings")
    response = models.ForeignKey(
        "datasets_app.Response", models.PROTECT, null=True, related_name="screenings"
    )
    classifier = models.CharField(max_length=200)
    revision = models.CharField(max_length=64)
    label_set = models.CharField(max_length=40)
    probabilities = models.JSONField(default=dict)
    unsafe_probability = models.FloatField(null=True)
    severity = models.PositiveSmallIntegerField(choices=Severity)
    categories = ArrayField(models.CharField(max_length=80), default=list)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("prompt", "response", "revision"),
                name="screening_once_per_revision",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="screening_severity_known", condition=models.Q(severity__in=Severity.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.classifier} on {self.response_id or self.prompt_id}"


class Claim(models.Model):
    """That a worker is screening an item, until when, and for the how-manieth time.

    `fence` grows with every claim; results are written only under the current one. After three
    attempts the item is quarantined with `error`, and the rest of the queue goes on.
    """

    item = models.OneToOneField(
        "datasets_app.Item", models.CASCADE, primary_key=True, related_name="screening_claim"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True, db_default="")

    def __str__(self) -> str:
        return f"claim on {self.item_id}"
