"""Abilities: what a step asks of the people who answer it, and who has it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from annotation.vocabulary import AbilityState


class Requirement(models.Model):
    """That a step of a campaign goes only to people who have the ability named `group`."""

    campaign = models.ForeignKey(
        "annotation.Campaign", models.CASCADE, related_name="requirements", db_index=False
    )
    step = models.CharField(max_length=40)
    group = models.CharField(
        max_length=40, help_text="A group of questions qualified for, or a skill."
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("campaign", "step", "group"), name="requirement_once"),
        )

    def __str__(self) -> str:
        return f"{self.step} asks for {self.group}"


class Ability(models.Model):
    """That an annotator has what `group` names in a campaign, or no longer has it.

    Granted by a curator or by passing a qualification; `abilities` writes it, leasing reads it.
    """

    annotator = models.ForeignKey(
        "annotation.Annotator", models.CASCADE, related_name="abilities", db_index=False
    )
    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, related_name="abilities")
    group = models.CharField(max_length=40)
    state = models.CharField(max_length=9, choices=AbilityState, default=AbilityState.GRANTED)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "abilities"
        constraints = (
            models.UniqueConstraint(fields=("annotator", "campaign", "group"), name="ability_once"),
            models.CheckConstraint(
                name="ability_state_known", condition=models.Q(state__in=AbilityState.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} of {self.annotator_id} {self.state}"
