"""Conduct: the rules of a campaign about its people's records, and what they brought about."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotation import guidelines
from annotation.vocabulary import ConsequenceKind


class ConductRule(models.Model):
    """Below an accuracy of `below` over the last `over` checks of a group of questions: `then`.

    An empty `group` stands for every group by itself.
    """

    campaign = models.ForeignKey(
        "annotation.Campaign", models.CASCADE, related_name="conduct_rules"
    )
    group = models.CharField(max_length=40, blank=True)
    below = models.FloatField()
    over = models.PositiveSmallIntegerField()
    then = models.CharField(max_length=10, choices=ConsequenceKind)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("campaign", "group", "then"), name="conduct_rule_once"),
            models.CheckConstraint(
                name="conduct_rule_sound",
                condition=Q(below__gt=0, below__lte=1, over__gte=1, over__lte=100)
                & Q(then__in=ConsequenceKind.values),
            ),
        )

    def __str__(self) -> str:
        return f"{self.group or 'any group'} below {self.below} over {self.over}: {self.then}"

    @property
    def group_in_words(self) -> str:
        return guidelines.group_name(self.group)


class Consequence(models.Model):
    """What a person's record brought about, by which rule, in figures. It stands until lifted.

    `read_at` is when the person was shown it.
    """

    annotator = models.ForeignKey(
        "annotation.Annotator", models.CASCADE, related_name="consequences", db_index=False
    )
    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, related_name="consequences")
    group = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=ConsequenceKind)
    accuracy = models.FloatField()
    below = models.FloatField()
    over = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("annotator", "campaign", "group", "kind"),
                name="consequence_stands_once",
                condition=Q(lifted_at__isnull=True),
            ),
            models.CheckConstraint(
                name="consequence_kind_known", condition=Q(kind__in=ConsequenceKind.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.annotator_id} in {self.group}"

    @property
    def group_in_words(self) -> str:
        return guidelines.group_name(self.group)


class Reading(models.Model):
    """Which version of a campaign's guideline a person has read to its end, and when."""

    annotator = models.ForeignKey(
        "annotation.Annotator", models.CASCADE, related_name="readings", db_index=False
    )
    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    read_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("annotator", "campaign", "version"), name="reading_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.annotator_id} read version {self.version}"
