"""Who judges, how far each has come, and what each gave back."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast, Left, Now

from annotation.vocabulary import SkipReason


def pseudonym_of(key: uuid.UUID | str) -> str:
    """What an annotator's key is called wherever people read it: `A-3F9C-07BD-E21A`.

    48 bits in groups that can be read aloud. Random ones of 100,000 people are all different but
    for a chance of 1 in 56,000, and then a constraint lets the second of them have no such key.
    """
    digits = str(key).replace("-", "")[:12].upper()
    return "-".join(["A", digits[:4], digits[4:8], digits[8:]])


class Annotator(models.Model):
    """A person as a judge; `key` stands for the person wherever nobody is meant to know who it is.

    Leasing locks this row first: two tabs are one annotator. Who came by an entry has no account:
    `participant` is the id that the provider of the workforce knows the person by. It is for who
    pays, and stands on no page. Until `readmit_until` the next browser that names it is let in.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="annotator")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    settings = models.JSONField(
        default=dict, help_text="What the person chose for the labelling page: keys, blur, theme."
    )
    entry = models.ForeignKey(
        "annotation.Entry", models.PROTECT, null=True, related_name="people", db_index=False
    )
    participant = models.CharField(max_length=64, blank=True, db_default="")
    readmit_until = models.DateTimeField(null=True)
    # What this person left for a break, and when: that page's last word gives nothing away.
    paused = models.UUIDField(null=True)
    paused_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            # What `pseudonym` is made of: no two people go by the same one.
            models.UniqueConstraint(
                Left(Cast("key", models.CharField()), 14), name="annotator_pseudonym_once"
            ),
            # One person for each id: who sends the same id twice is the same annotator.
            models.UniqueConstraint(
                fields=("entry", "participant"),
                name="annotator_once_per_participant",
                condition=models.Q(entry__isnull=False),
            ),
            models.CheckConstraint(
                name="annotator_of_an_entry_has_an_id",
                condition=models.Q(entry__isnull=True, participant="")
                | models.Q(entry__isnull=False) & ~models.Q(participant=""),
            ),
        )

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def pseudonym(self) -> str:
        """A name that says nothing of the person, for the pages of curators."""
        return pseudonym_of(self.key)


class Progress(models.Model):
    """How far an annotator has walked down the slots of one step at one priority.

    Leasing starts after `position`, so that the next slot is found as fast after 100,000 items
    as after none. Slots that come back get a new position, ahead of everybody. The latest
    `walked_at` tells the step last worked on.
    """

    annotator = models.ForeignKey(
        Annotator, models.CASCADE, related_name="progress", db_index=False
    )
    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, related_name="progress")
    step = models.CharField(max_length=40)
    priority = models.PositiveSmallIntegerField()
    position = models.BigIntegerField(default=0)
    walked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("annotator", "campaign", "step", "priority"), name="progress_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.annotator_id} at {self.position}"


class Skip(models.Model):
    """That an annotator gave a step of an item back; it does not come to the same person again."""

    annotator = models.ForeignKey(Annotator, models.CASCADE, related_name="skips", db_index=False)
    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, related_name="skips")
    item = models.ForeignKey("datasets_app.Item", models.CASCADE, related_name="+")
    step = models.CharField(max_length=40)
    reason = models.CharField(max_length=20, choices=SkipReason)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("annotator", "item", "step", "campaign"), name="skip_once"
            ),
            models.CheckConstraint(
                name="skip_reason_known", condition=models.Q(reason__in=SkipReason.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.annotator_id} skipped {self.item_id}"
