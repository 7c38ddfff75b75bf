"""People: who is a member of a dataset, and the links that ask others in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from config.curate import annotators
from config.curate.forms import InvitationForm
from config.requests import SignedIn
from datasets_app import access, invitations
from datasets_app.models import Dataset, Invitation, Membership
from datasets_app.vocabulary import Role


@require_safe
def people(request: SignedIn, slug: str) -> HttpResponse:
    """Members by role, live invitations, and the form that makes one."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    context = {
        "dataset": dataset,
        "tab": "people",
        "members": members(dataset),
        "records": annotators.records(dataset),
        "invitations": Invitation.objects.filter(
            dataset=dataset,
            revoked_at__isnull=True,
            uses_left__gt=0,
            expires_at__gt=Now(),
        ).order_by("expires_at"),
        "form": InvitationForm(),
        "link": request.session.pop("invitation_link", ""),
    }
    return render(request, "curate/people.html", context)


@dataclass(frozen=True, slots=True)
class Member:
    """A person with all roles held in a dataset, since the first of them.

    Who only annotates goes by the pseudonym; curators and moderators act under their own name.
    `key` leads to the page of who goes by a pseudonym.
    """

    name: str
    roles: list[str]
    since: datetime
    key: UUID | None = None


def members(dataset: Dataset) -> list[Member]:
    """Everybody with a role in the dataset who has an account, those with a name first."""
    rows = Membership.objects.filter(dataset=dataset, user__annotator__entry=None)
    rows = rows.select_related("user__annotator").order_by("user", "role")
    found = []
    for _user, group in groupby(rows, lambda row: row.user_id):
        own = list(group)
        is_masked = all(row.role == Role.ANNOTATOR for row in own)
        name = _pseudonym(own[0].user) if is_masked else own[0].user.get_username()
        roles = [str(row.get_role_display()) for row in own]
        key = _key(own[0].user) if is_masked else None
        found.append((is_masked, Member(name, roles, min(row.created_at for row in own), key)))
    return [member for _masked, member in sorted(found, key=lambda one: (one[0], one[1].name))]


def _pseudonym(user: User) -> str:
    """As curators know this annotator; who never came in has none yet."""
    annotator = getattr(user, "annotator", None)
    return annotator.pseudonym if annotator else str(_("an annotator who has not come in yet"))


def _key(user: User) -> UUID | None:
    annotator = getattr(user, "annotator", None)
    return annotator.key if annotator else None


@require_POST
def invite(request: SignedIn, slug: str) -> HttpResponse:
    """Make an invitation; its link is shown once, on the next page, and kept nowhere."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    form = InvitationForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The invitation was not made: %s") % form.first_error())
        return redirect("curate:people", slug=slug)
    token = invitations.invite(
        dataset,
        role=Role(form.cleaned_data["role"]),
        by=request.user,
        days=form.cleaned_data["days"],
        uses=form.cleaned_data["uses"],
    )
    request.session["invitation_link"] = request.build_absolute_uri(
        reverse("invitation", args=[token])
    )
    return redirect("curate:people", slug=slug)


@require_POST
def revoke(request: SignedIn, slug: str, invitation_id: int) -> HttpResponse:
    """Close an invitation's link."""
    dataset = access.dataset_for(request.user, slug, Role.CURATOR)
    invitation = get_object_or_404(Invitation, pk=invitation_id, dataset=dataset)
    invitations.revoke(invitation, by=request.user)
    messages.success(request, _("The link is closed."))
    return redirect("curate:people", slug=slug)
