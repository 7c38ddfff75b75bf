"""Checks: places beside the slots, at which a person is measured and nothing is voted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation.vocabulary import CheckPurpose, CheckState


class Check(models.Model):
    """One step of one item, handed to one person to be measured by.

    It has what a leased slot has, so that nobody can tell the two apart: a random `token`, sides,
    a time. `gold` is what it is measured by; a repeat and what follows it have the person's own
    earlier annotation instead. `faults` are 0 to 1 by question, once it is answered: those of the
    first answers, whatever is answered anew. `annotation` is what stands; `first`, once that was
    answered anew, what was graded. `endurance`, drawn when it was handed out, above 0 and at most
    1, says how large a share of the answers around it may be closed before it is (`openness`).
    """

    campaign = models.ForeignKey(
        "annotation.Campaign", models.PROTECT, related_name="checks", db_index=False
    )
    annotator = models.ForeignKey(
        "annotation.Annotator", models.PROTECT, related_name="checks", db_index=False
    )
    item = models.ForeignKey("datasets_app.Item", models.PROTECT, related_name="+")
    step = models.CharField(max_length=40)
    purpose = models.CharField(max_length=13, choices=CheckPurpose)
    gold = models.ForeignKey("annotation.Gold", models.PROTECT, null=True, related_name="checks")
    repeats = models.ForeignKey(
        "annotation.Annotation", models.PROTECT, null=True, related_name="+", db_index=False
    )
    attempt = models.PositiveSmallIntegerField(default=1)
    token = models.UUIDField(unique=True)
    flipped = models.BooleanField()
    state = models.CharField(max_length=8, choices=CheckState, default=CheckState.LEASED)
    leased_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    endurance = models.FloatField(default=1)
    annotation = models.OneToOneField(
        "annotation.Annotation", models.PROTECT, null=True, related_name="checked"
    )
    first = models.ForeignKey(
        "annotation.Annotation", models.PROTECT, null=True, related_name="+", db_index=False
    )
    faults = models.JSONField(default=dict)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            # Gold comes once to a person, a repeat once; an attempt at qualifying asks anew.
            models.UniqueConstraint(
                fields=("annotator", "campaign", "item", "step", "purpose", "attempt"),
                name="check_once",
            ),
            models.CheckConstraint(
                name="check_purpose_known", condition=Q(purpose__in=CheckPurpose.values)
            ),
            models.CheckConstraint(
                name="check_answered_is_whole",
                condition=Q(state=CheckState.ANSWERED, annotation__isnull=False)
                & Q(answered_at__isnull=False)
                | ~Q(state=CheckState.ANSWERED) & Q(annotation__isnull=True),
            ),
        )
        indexes = (
            models.Index(
                fields=("annotator", "campaign"),
                name="check_live",
                condition=Q(state=CheckState.LEASED),
            ),
            models.Index(fields=("annotator", "campaign", "-answered_at"), name="check_record"),
        )

    def __str__(self) -> str:
        return f"{self.purpose} of {self.annotator_id} on {self.step} of {self.item_id}"


class Pace(models.Model):
    """How many ordinary items a person still gets in a campaign before the next check.

    Drawn anew after each check, from the distribution that has no memory: whatever came before,
    the next item is a check with the same chance.
    """

    annotator = models.ForeignKey(
        "annotation.Annotator", models.CASCADE, related_name="paces", db_index=False
    )
    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, related_name="+")
    wait = models.IntegerField()
    drawn_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (models.UniqueConstraint(fields=("annotator", "campaign"), name="pace_once"),)

    def __str__(self) -> str:
        return f"{self.annotator_id} waits {self.wait}"
