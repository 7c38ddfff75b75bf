"""Invitations: links that make whoever opens them a member."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from datasets_app import ledger
from datasets_app.models import Dataset, Event, Invitation, Membership
from datasets_app.vocabulary import Role


class InvitationRefused(Exception):
    """The link is unknown, expired, revoked or used up; one text for all, so as to tell nothing."""


class LetGo(InvitationRefused):
    """The link was made before its holder was set aside in the dataset, or taken out of it."""


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
        expires_at=Now() + timedelta(days=days),
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
            expires_at__gt=Now(),
        )
        .select_related("dataset")
        .first()
    )
    if invitation is None:
        raise InvitationRefused
    return invitation


@transaction.atomic
def accept(token: str, *, user: User) -> Membership:
    """Make `user` a member; the same role twice uses nothing up.

    Raises InvitationRefused, LetGo to who had to go since the link was made.
    """
    invitation = find(token)
    membership, is_new = Membership.objects.get_or_create(
        dataset=invitation.dataset, user=user, role=invitation.role
    )
    if is_new:
        # Asked after the row is made: that has waited for whoever was just taking the old one away.
        if _was_let_go(user, since=invitation):
            raise LetGo
        _use_up(invitation)
        ledger.note(
            "join",
            by=user.pk,
            dataset=invitation.dataset_id,
            subject=f"invitation:{invitation.pk}",
            after=invitation.role,
        )
    return membership


def _was_let_go(user: User, *, since: Invitation) -> bool:
    """Whether the ledger says that this person had to leave the dataset after the link was made."""
    had_to_leave = Q(verb__in=("revoke", "set_aside")) | Q(verb="member") & ~Q(before="")
    told = Event.objects.filter(had_to_leave, dataset=since.dataset_id, item=None)
    return told.filter(subject=f"user:{user.pk}", at__gte=since.created_at).exists()


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
    Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True).update(revoked_at=Now())
    ledger.note(
        "revoke invitation",
        by=by.pk,
        dataset=invitation.dataset_id,
        subject=f"invitation:{invitation.pk}",
    )
