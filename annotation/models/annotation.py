"""Annotations: one annotator's answers to one step of one item, and drafts of them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from annotation.vocabulary import Standing


class Annotation(models.Model):
    """Answers as given, canonical (responses by id, see `protocols.base`). Append-only.

    `key` is the submit's idempotency key and `body_digest` the SHA-256 of what came with it: the
    same key with another body is refused. `overrides` holds the reasons given against warnings,
    by rule. `seconds` is the time from first shown to submitted, as the page measured it,
    but never longer than from the lease to the submit by the server's clock. `is_first` says that
    it is the first answer to what its person then held: not a revision, a trial, or what came after
    the lease was over, all of which may be of what was given long ago.
    """

    key = models.UUIDField(unique=True)
    body_digest = models.CharField(max_length=64)
    # Foreign keys without an index of their own are the first column of one below.
    campaign = models.ForeignKey(
        "annotation.Campaign", models.PROTECT, related_name="annotations", db_index=False
    )
    item = models.ForeignKey("datasets_app.Item", models.PROTECT, related_name="annotations")
    step = models.CharField(max_length=40)
    annotator = models.ForeignKey(
        "annotation.Annotator", models.PROTECT, related_name="annotations", db_index=False
    )
    slot = models.ForeignKey(
        "annotation.Slot", models.SET_NULL, null=True, related_name="annotations"
    )
    token = models.UUIDField()
    protocol = models.CharField(max_length=80)
    answers = models.JSONField()
    overrides = models.JSONField(default=dict)
    flipped = models.BooleanField()
    seconds = models.FloatField(null=True)
    guideline_version = models.PositiveIntegerField()
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.COUNTED)
    is_first = models.BooleanField(db_default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("item", "step", "annotator", "campaign"),
                name="annotation_counted_once",
                condition=models.Q(standing=Standing.COUNTED),
            ),
            # I3 from the annotation's side: a slot holds one counted annotation.
            models.UniqueConstraint(
                fields=("slot",),
                name="annotation_one_counted_per_slot",
                condition=models.Q(standing=Standing.COUNTED),
            ),
            models.CheckConstraint(
                name="annotation_standing_known", condition=models.Q(standing__in=Standing.values)
            ),
            models.CheckConstraint(
                name="annotation_counted_has_slot",
                condition=~models.Q(standing=Standing.COUNTED) | models.Q(slot__isnull=False),
            ),
            # What measures a person takes nobody's place.
            models.CheckConstraint(
                name="annotation_check_has_no_slot",
                condition=~models.Q(standing__in=(Standing.CHECK, Standing.TRIAL))
                | models.Q(slot__isnull=True),
            ),
        )
        indexes = (
            models.Index(fields=("annotator", "-id"), name="annotation_latest"),
            models.Index(fields=("campaign", "created_at"), name="annotation_by_day"),
        )

    def __str__(self) -> str:
        return f"{self.annotator_id} on {self.step} of {self.item_id}"


class Draft(models.Model):
    """Answers not yet submitted, as the page holds them (responses by side).

    One person has one of each step of an item in a campaign, item or check. It outlives the lease:
    `token` is the one under which it was kept last, and `flipped` says which side was which then.
    `reasons` are those against warnings, by rule. `page` is the open page that kept it, which alone
    may put a newer revision in its place unseen.
    """

    annotator = models.ForeignKey(
        "annotation.Annotator", models.CASCADE, related_name="drafts", db_index=False
    )
    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, related_name="+")
    item = models.ForeignKey("datasets_app.Item", models.CASCADE, related_name="+")
    step = models.CharField(max_length=40)
    flipped = models.BooleanField()
    token = models.UUIDField(unique=True)
    revision = models.PositiveIntegerField(default=0)
    answers = models.JSONField()
    reasons = models.JSONField(default=dict)
    page = models.UUIDField(default=uuid.uuid4)
    updated_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("annotator", "campaign", "item", "step"), name="draft_once"
            ),
        )

    def __str__(self) -> str:
        return f"draft of {self.token}"
