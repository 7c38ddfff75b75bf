"""Slots: the k places that an item has in a step of a campaign."""

from __future__ import annotations

from django.db import models

from annotation.vocabulary import SlotState


class Slot(models.Model):
    """One place. Overlap k is k rows, so that more than k annotations have nowhere to go.

    A leased slot is an assignment: `token` is its random name, `expires_at` by the database's
    clock. `flipped` is drawn for the assignment: whether the item's first response stands at the
    right. `position` comes from one sequence and grows whenever the slot comes back, `reserved_for`
    keeps a follow-up step for the person who did the step before it.
    """

    # Foreign keys without an index of their own are the first column of one below.
    campaign = models.ForeignKey(
        "annotation.Campaign", models.PROTECT, related_name="slots", db_index=False
    )
    item = models.ForeignKey("datasets_app.Item", models.PROTECT, related_name="slots")
    step = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=6, choices=SlotState, default=SlotState.OPEN)
    priority = models.PositiveSmallIntegerField(default=1)
    position = models.BigIntegerField()
    reserved_for = models.ForeignKey(
        "annotation.Annotator",
        models.SET_NULL,
        null=True,
        related_name="reserved_slots",
        db_index=False,
    )
    annotator = models.ForeignKey(
        "annotation.Annotator", models.PROTECT, null=True, related_name="slots", db_index=False
    )
    token = models.UUIDField(null=True)
    flipped = models.BooleanField(null=True)
    leased_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("campaign", "item", "step", "number"), name="slot_number_once"
            ),
            # Open slots have none: they are most of the rows, and stay out of this index.
            models.UniqueConstraint(
                fields=("token",),
                name="slot_token_once",
                condition=models.Q(token__isnull=False),
            ),
            # I2: one live lease and one counted annotation per item, step and annotator.
            models.UniqueConstraint(
                fields=("annotator", "item", "step", "campaign"),
                name="slot_once_per_annotator",
                condition=models.Q(annotator__isnull=False),
            ),
            models.CheckConstraint(
                name="slot_open_is_nobodys",
                condition=models.Q(state=SlotState.OPEN, annotator__isnull=True)
                | models.Q(state__in=(SlotState.LEASED, SlotState.DONE), annotator__isnull=False),
            ),
            models.CheckConstraint(
                name="slot_lease_is_whole",
                condition=~models.Q(state=SlotState.LEASED)
                | models.Q(token__isnull=False, expires_at__isnull=False, flipped__isnull=False),
            ),
        )
        indexes = (
            # The walk of every lease: open slots of a step, by priority, in order of position.
            models.Index(
                fields=("campaign", "step", "priority", "position"),
                name="slot_open_walk",
                condition=models.Q(state=SlotState.OPEN, reserved_for__isnull=True),
            ),
            models.Index(
                fields=("reserved_for", "campaign", "position"),
                name="slot_reserved",
                condition=models.Q(state=SlotState.OPEN, reserved_for__isnull=False),
            ),
            # At most a few for each annotator at work; the sweep reads it whole.
            models.Index(
                fields=("annotator", "campaign"),
                name="slot_live_lease",
                condition=models.Q(state=SlotState.LEASED),
            ),
        )

    def __str__(self) -> str:
        return f"slot {self.number} of {self.item_id} {self.step}"
