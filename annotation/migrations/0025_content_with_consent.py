"""Kinds of content that a campaign gives only to who said yes, and to what a person said it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

KINDS = [
    "violence",
    "horror",
    "children",
    "sexual",
    "trafficking",
    "animals",
    "self_harm",
    "manipulation",
    "hate",
    "terror",
    "drugs",
    "crime",
    "privacy",
    "health",
    "politics",
    "environment",
    "other",
    "severe",
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("annotation", "0024_breaks_are_remembered")]

    operations: ClassVar = [
        migrations.AddField(
            "campaign",
            "needs_consent",
            ArrayField(
                models.CharField(max_length=40),
                default=list,
                db_default=[],
                help_text=(
                    "Kinds of content, keys of themes or severe, given only to who said yes to them."
                ),
            ),
        ),
        migrations.AddConstraint(
            "campaign",
            models.CheckConstraint(
                name="campaign_consent_known",
                condition=models.Q(needs_consent__contained_by=KINDS),
            ),
        ),
        migrations.AddField(
            "wishes",
            "wanted",
            ArrayField(models.CharField(max_length=40), default=list, db_default=[]),
        ),
    ]
