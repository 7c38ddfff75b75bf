"""Versions: frozen, numbered selections of verdicts, and their records."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from datasets_app.vocabulary import Split


class Version(models.Model):
    """A frozen selection. A trigger refuses UPDATE and DELETE of it and of its records.

    `recipe` says how it was chosen, `refusals` counts by reason what was left out, `digest` is
    the SHA-256 over its records in order. `about` is what the dataset said of itself at the cut
    (name, description, language, licence) and `census` what was counted (`datasets_app.census`):
    kept here, so that an export depends on nothing that can still change.
    """

    dataset = models.ForeignKey("datasets_app.Dataset", models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    protocol = models.CharField(max_length=80)
    recipe = models.JSONField()
    counts = models.JSONField(help_text="Records by split.")
    refusals = models.JSONField(help_text="Items left out, by reason.")
    digest = models.CharField(max_length=64)
    about = models.JSONField(default=dict)
    census = models.JSONField(default=dict)
    cut_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    asked = models.OneToOneField(
        "datasets_app.Cut",
        models.PROTECT,
        null=True,
        related_name="version",
        help_text="The cut that made it: worked off twice, it makes one version.",
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("dataset", "number")
        constraints = (
            models.UniqueConstraint(fields=("dataset", "number"), name="version_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.dataset}@{self.number}"

    @property
    def size(self) -> int:
        """How many records it holds."""
        return sum(self.counts.values())


class Record(models.Model):
    """One frozen row. `body` is canonical JSON (sorted keys, UTF-8) of a `record.RecordBody`."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="records")
    position = models.PositiveIntegerField()
    item = models.ForeignKey("datasets_app.Item", models.PROTECT, related_name="records")
    split = models.CharField(max_length=10, choices=Split)
    group = models.CharField(max_length=64)
    body = models.TextField()

    class Meta:
        ordering = ("version", "position")
        constraints = (
            models.UniqueConstraint(fields=("version", "position"), name="record_position_once"),
            models.UniqueConstraint(fields=("version", "item"), name="record_item_once"),
            models.CheckConstraint(
                name="record_split_known", condition=models.Q(split__in=Split.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.version_id}:{self.position}"
