"""Viewings: how much of a sound or film somebody has played, as far as the server believes it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Extract, Now

from annotation.vocabulary import ViewingEvidence

# Nobody plays faster than twice the speed; the grace is for a request that took its time.
FASTEST = 2
GRACE_MS = 2_000


def _could_be_played() -> CombinedExpression:
    """Milliseconds that could have been played between opening and the last report."""
    seconds = Extract(F("reported_at") - F("opened_at"), "epoch")
    return seconds * (1_000 * FASTEST) + GRACE_MS


class Viewing(models.Model):
    """What of one file was played under one lease, and by which evidence.

    `ranges` are [from, to] in milliseconds, in order and apart; `played_ms` is their sum, or what
    was credited where no page reported. `opened_at` is when the sheet was given out and
    `reported_at` when the last report came, both by the database's clock, which bounds what can
    have been played in between.
    """

    annotator = models.ForeignKey("annotation.Annotator", models.CASCADE, related_name="viewings")
    token = models.UUIDField()
    media = models.CharField(max_length=64)
    ranges = models.JSONField(default=list)
    played_ms = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    reported_at = models.DateTimeField(db_default=Now())
    evidence = models.CharField(
        max_length=9,
        choices=ViewingEvidence,
        default=ViewingEvidence.REPORTED,
        db_default=ViewingEvidence.REPORTED,
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("token", "media"), name="viewing_once"),
            models.CheckConstraint(
                name="viewing_takes_time",
                condition=Q(played_ms__lte=_could_be_played())
                | Q(evidence=ViewingEvidence.SIMULATED),
            ),
            models.CheckConstraint(
                name="viewing_evidence_known", condition=Q(evidence__in=ViewingEvidence.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.played_ms} ms of {self.media[:12]}"
