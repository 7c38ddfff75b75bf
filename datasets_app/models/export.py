"""Cuts, exports and publications: work to be done, with its progress and its result."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from datasets_app.vocabulary import JobState


class Job(models.Model):
    """Background work as a row: attempts, a lease and a fence. Postgres is the truth.

    `fence` grows with every claim; a write carries the fence it was claimed under, so that a
    worker that was thought dead cannot overwrite its successor's work.
    """

    state = models.CharField(max_length=8, choices=JobState, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    done_rows = models.PositiveIntegerField(default=0)
    total_rows = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Cut(Job):
    """A version that somebody asked for by a recipe; the version names the cut that made it."""

    dataset = models.ForeignKey("datasets_app.Dataset", models.PROTECT, related_name="cuts")
    recipe = models.JSONField()
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("dataset",),
                name="cut_one_at_a_time",
                condition=models.Q(state__in=(JobState.QUEUED, JobState.RUNNING)),
            ),
            models.CheckConstraint(
                name="cut_state_known", condition=models.Q(state__in=JobState.values)
            ),
        )

    def __str__(self) -> str:
        return f"cut {self.pk} of {self.dataset_id}"


class Export(Job):
    """One version in one format, as files with a manifest; asked for twice, it is the same row."""

    version = models.ForeignKey("datasets_app.Version", models.PROTECT, related_name="exports")
    format = models.CharField(max_length=40)
    manifest = models.JSONField(null=True)
    size = models.PositiveBigIntegerField(null=True, help_text="Bytes of all files.")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("version", "format"), name="export_once"),
            models.CheckConstraint(
                name="export_state_known", condition=models.Q(state__in=JobState.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.version} as {self.format}"

    @property
    def dataset_id(self) -> int:
        """Whose audit log tells of it."""
        return self.version.dataset_id


class Publication(Job):
    """One export at one Hub repository: one commit, then a tag. `commit` is set once uploaded."""

    export = models.ForeignKey(Export, models.PROTECT, related_name="publications")
    repository = models.CharField(max_length=200)
    commit = models.CharField(max_length=64, blank=True)
    tag = models.CharField(max_length=40, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("export", "repository"), name="publication_once"),
            models.CheckConstraint(
                name="publication_state_known", condition=models.Q(state__in=JobState.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.export} to {self.repository}"

    @property
    def dataset_id(self) -> int:
        """Whose audit log tells of it."""
        return self.export.dataset_id
