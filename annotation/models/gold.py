"""Gold: items whose answers are known, by which people are measured or taught."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.vocabulary import GoldPurpose


class Gold(models.Model):
    """What is expected of a step of an item, and of the steps that follow it for the same person.

    `expected` are canonical answers (responses by id); what it leaves out is not measured.
    `tolerance` says by question how far off still is half a fault, for severities and scales; 1
    where it says nothing. `instruction` is shown with the prompt of an attention check. Retired
    gold is never handed out again; while it is live a holdback keeps its item out of versions.
    """

    campaign = models.ForeignKey(
        "annotation.Campaign", models.PROTECT, related_name="gold", db_index=False
    )
    item = models.ForeignKey("datasets_app.Item", models.PROTECT, related_name="+")
    step = models.CharField(max_length=40)
    purpose = models.CharField(max_length=13, choices=GoldPurpose, default=GoldPurpose.SILENT)
    expected = models.JSONField()
    tolerance = models.JSONField(default=dict)
    explanation = models.TextField(blank=True)
    instruction = models.CharField(max_length=500, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    retired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "gold"
        constraints = (
            models.UniqueConstraint(
                fields=("campaign", "item", "step"),
                name="gold_live_once",
                condition=Q(retired_at__isnull=True),
            ),
            models.CheckConstraint(
                name="gold_purpose_known", condition=Q(purpose__in=GoldPurpose.values)
            ),
            models.CheckConstraint(
                name="gold_attention_says_what",
                condition=Q(purpose=GoldPurpose.ATTENTION) & ~Q(instruction="")
                | ~Q(purpose=GoldPurpose.ATTENTION) & Q(instruction=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.purpose} on {self.step} of {self.item_id}"
