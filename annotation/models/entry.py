"""Entries: links by which people of an outside workforce come into one campaign."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models.functions import Now

PARAMETER = RegexValidator(r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$")


class Entry(models.Model):
    """A link into one campaign for people without an account, known by an id of their provider.

    The query of the link carries the id under the name `participant_parameter`, and the study
    under `study_parameter`. The link lets in whoever holds it, so it is kept to be shown again;
    what it makes of a visitor is one annotator, who gets at nothing but this campaign.
    """

    campaign = models.ForeignKey("annotation.Campaign", models.PROTECT, related_name="entries")
    token = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    study = models.CharField(max_length=64, blank=True)
    study_parameter = models.CharField(max_length=40, default="STUDY_ID", validators=(PARAMETER,))
    participant_parameter = models.CharField(
        max_length=40, default="PROLIFIC_PID", validators=(PARAMETER,)
    )
    places = models.PositiveIntegerField(validators=(MinValueValidator(1),))
    places_left = models.PositiveIntegerField()
    answers = models.PositiveIntegerField(
        null=True,
        validators=(MinValueValidator(1),),
        help_text="After how many answers a person is done; none: when nothing is left.",
    )
    code = models.CharField(max_length=40)
    return_url = models.URLField(
        max_length=500, blank=True, validators=(URLValidator(schemes=("https",)),)
    )
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="entry_places_in_range",
                condition=models.Q(places_left__lte=models.F("places"), places__gte=1),
            ),
        )

    def __str__(self) -> str:
        return f"entry {self.pk} into {self.campaign_id}"
