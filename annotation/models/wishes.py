"""Wishes: what a person wants to be spared, says yes to, and how things are shown to him."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from annotation.vocabulary import Blur


class Wishes(models.Model):
    """One annotator's own settings. No reason is asked, and nothing is held against anyone.

    `unwanted` are keys of themes (`themes`), `wanted` those of `themes.KINDS` to which the person
    said yes, `languages` base tags (en, de); all are read when something is leased. A limit
    counts beside the campaign's: the lower one holds. Null limits and reminders are not set.
    """

    annotator = models.OneToOneField(
        "annotation.Annotator", models.CASCADE, related_name="wishes", primary_key=True
    )
    unwanted = ArrayField(models.CharField(max_length=40), default=list)
    wanted = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    languages = ArrayField(models.CharField(max_length=8), default=list)
    daily_answers = models.PositiveIntegerField(null=True, validators=(MinValueValidator(1),))
    daily_exposure = models.PositiveIntegerField(
        null=True, help_text="Severity × seconds revealed in a day."
    )
    reminder_minutes = models.PositiveSmallIntegerField(
        null=True, validators=(MinValueValidator(5), MaxValueValidator(240))
    )
    blur = models.PositiveSmallIntegerField(choices=Blur, default=Blur.NONE)
    greyscale = models.BooleanField(default=False)
    muted = models.BooleanField(default=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "wishes"
        constraints = (
            models.CheckConstraint(
                name="wishes_blur_known", condition=models.Q(blur__in=Blur.values)
            ),
            models.CheckConstraint(
                name="wishes_limits_leave_something",
                condition=models.Q(daily_answers__isnull=True) | models.Q(daily_answers__gte=1),
            ),
        )

    def __str__(self) -> str:
        return f"wishes of {self.annotator_id}"
