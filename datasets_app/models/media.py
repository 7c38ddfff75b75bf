"""Media: one file, addressed by the SHA-256 of its bytes, with its safe rendition."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from datasets_app.vocabulary import MediaState, Modality


class Media(models.Model):
    """A verified file without metadata. The bytes lie in storage under `digest`.

    `source_digest` is that of the bytes as they came, so that loading them again decodes nothing.
    `poster`, `preview` (blurred beyond recognition) and `peaks` are digests of renditions.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    source_digest = models.CharField(max_length=64, db_index=True)
    state = models.CharField(max_length=10, choices=MediaState, default=MediaState.RECEIVED)
    modality = models.CharField(max_length=10, choices=Modality)
    mime = models.CharField(max_length=40)
    size = models.PositiveBigIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    frames = models.PositiveIntegerField(null=True)
    frame_rate = models.CharField(max_length=20, blank=True, help_text="A fraction, such as 24/1.")
    has_audio = models.BooleanField(default=False)
    is_animated = models.BooleanField(default=False)
    poster = models.CharField(max_length=64, blank=True)
    preview = models.CharField(max_length=64, blank=True)
    peaks = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "media"
        constraints = (
            models.CheckConstraint(
                name="media_state_known", condition=models.Q(state__in=MediaState.values)
            ),
            models.CheckConstraint(
                name="media_modality_known", condition=models.Q(modality__in=Modality.values)
            ),
        )
        indexes = (
            models.Index(
                fields=("created_at",),
                name="media_waiting",
                condition=models.Q(state=MediaState.RECEIVED),
            ),
        )

    def __str__(self) -> str:
        return f"{self.modality} {self.digest[:12]}"
