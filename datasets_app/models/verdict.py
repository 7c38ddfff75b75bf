"""Verdicts: the settled answers, and the rulings that curators give."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from datasets_app.vocabulary import VerdictMethod


class Ruling(models.Model):
    """A verdict given by a curator. Append-only: a second ruling stands beside the first."""

    item = models.ForeignKey("datasets_app.Item", models.PROTECT, related_name="rulings")
    question = models.CharField(max_length=60)
    response = models.ForeignKey(
        "datasets_app.Response", models.PROTECT, null=True, related_name="+"
    )
    value = models.JSONField()
    reason = models.TextField()
    ruled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"ruling on {self.question} of {self.item_id}"


class Verdict(models.Model):
    """The answer to one question of one item (of one response, where the question is about one).

    `value` is as in `protocols.base`, a choice by response id. `votes` is a list of
    [annotator key, value, imported]: copied here, because a verdict must not change when an
    annotator later revises. `agreement` is the share of votes for the leading value, `posterior`
    its probability under `method`, both 0-1. `dispute` says why it does not stand; "" if it does.
    """

    item = models.ForeignKey("datasets_app.Item", models.PROTECT, related_name="verdicts")
    question = models.CharField(max_length=60)
    response = models.ForeignKey(
        "datasets_app.Response", models.PROTECT, null=True, related_name="+"
    )
    value = models.JSONField(null=True)
    votes = models.JSONField(default=list)
    agreement = models.FloatField(null=True)
    posterior = models.FloatField(null=True)
    method = models.CharField(max_length=12, choices=VerdictMethod)
    dispute = models.CharField(max_length=200, blank=True)
    ruling = models.ForeignKey(Ruling, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("item", "question", "response"),
                name="verdict_once_per_question",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="verdict_method_known", condition=models.Q(method__in=VerdictMethod.values)
            ),
            models.CheckConstraint(
                name="verdict_ruling_where_ruled",
                condition=models.Q(method=VerdictMethod.RULING, ruling__isnull=False)
                | (~models.Q(method=VerdictMethod.RULING) & models.Q(ruling__isnull=True)),
            ),
            models.CheckConstraint(
                name="verdict_agreement_is_a_share",
                condition=models.Q(agreement__isnull=True)
                | models.Q(agreement__gte=0, agreement__lte=1),
            ),
        )

    def __str__(self) -> str:
        return f"{self.question} of {self.item_id}"
