"""Who may do what with a dataset, and how people are asked in."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from datasets_app.vocabulary import Role


class Membership(models.Model):
    """One role of one person in one dataset."""

    dataset = models.ForeignKey("datasets_app.Dataset", models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="dataset_memberships"
    )
    role = models.CharField(max_length=10, choices=Role)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "dataset", "role"), name="membership_once"),
            models.CheckConstraint(
                name="membership_role_known", condition=models.Q(role__in=Role.values)
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} of {self.dataset_id}"


class Invitation(models.Model):
    """A link that gives one role in one dataset until it expires or is used up.

    Only the SHA-256 of the link's token is kept: who reads the table cannot use the link.
    """

    dataset = models.ForeignKey("datasets_app.Dataset", models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=10, choices=Role)
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    uses_left = models.PositiveIntegerField(default=1)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="invitation_role_known", condition=models.Q(role__in=Role.values)
            ),
        )

    def __str__(self) -> str:
        return f"invitation to {self.dataset_id} as {self.role}"
