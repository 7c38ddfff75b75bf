"""Invitations: links that make whoever opens them a member."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from datasets_app import ledger
from datasets_app.models import Dataset, Invitation, Membership
from datasets_app.vocabulary import Role


class InvitationRefused(Exception):
    """The link is unknown, expired, revoked or used up; one text for all, so as to tell nothing."""


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(dataset: Dataset, *, role: Role, by: User, days: int = 14, uses: int = 1) -> str:
    """Make an invitation; return the token of its link, which is kept nowhere."""
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        dataset=dataset,
        role=role,
        token_digest=_digest(token),
        invited_by=by,
        expires_at=timezone.now() + timedelta(days=days),
        uses_left=uses,
    )
    ledger.note(
        "invite",
        by=by.pk,
        dataset=dataset.pk,
        subject=f"invitation:{invitation.pk}",
        after=role,
        data={"uses": uses, "days": days},
    )
    return token


def find(token: str) -> Invitation:
    """The live invitation behind a link. Raises InvitationRefused."""
    invitation = (
        Invitation.objects.filter(
            token_digest=_digest(token),
            revoked_at__isnull=True,
            uses_left__gt=0,
            expires_at__gt=timezone.now(),
        )
        .select_related("dataset")
        .first()
    )
    if invitation is None:
        raise InvitationRefused
    return invitation


@transaction.atomic
def accept(token: str, *, user: User) -> Membership:
    """Make `user` a member; the same role twice uses nothing up. Raises InvitationRefused."""
    invitation = find(token)
    membership, is_new = Membership.objects.get_or_create(
        dataset=invitation.dataset, user=user, role=invitation.role
    )
    if is_new:
        _use_up(invitation)
        ledger.note(
            "join",
            by=user.pk,
            dataset=invitation.dataset_id,
            subject=f"invitation:{invitation.pk}",
            after=invitation.role,
        )
    return membership


def _use_up(invitation: Invitation) -> None:
    # Conditional, so that two people cannot share the last use.
    used = Invitation.objects.filter(pk=invitation.pk, uses_left__gt=0).update(
        uses_left=F("uses_left") - 1
    )
    if not used:
        raise InvitationRefused


@transaction.atomic
def revoke(invitation: Invitation, *, by: User) -> None:
    """Close the link; who joined by it stays a member."""
    Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    )
    ledger.note(
        "revoke invitation",
        by=by.pk,
        dataset=invitation.dataset_id,
        subject=f"invitation:{invitation.pk}",
    )
