"""The doors in the head of every page: the parts of Castor that a person's roles open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from datasets_app.models import Membership
from datasets_app.vocabulary import Role


@dataclass(frozen=True)
class Door:
    """One entry of the main navigation."""

    name: str
    address: str
    is_current: bool


def doors(request: HttpRequest) -> dict[str, Any]:  # Any: lazy, so that only pages ask the database
    """Context processor: `doors`, those that this person may use, in a fixed order."""
    return {"doors": SimpleLazyObject(lambda: open_doors(request))}


def open_doors(request: HttpRequest) -> list[Door]:
    """The doors that the person's roles open, in any dataset; a superuser sees all of them."""
    held = roles_anywhere(getattr(request, "user", AnonymousUser()))
    all_doors = (
        (Role.ANNOTATOR, _("Label"), "/label/"),
        (Role.CURATOR, _("Curate"), "/curate/"),
        (Role.MODERATOR, _("Moderate"), "/moderate/"),
    )
    return [
        Door(name, address, request.path.startswith(address))
        for role, name, address in all_doors
        if role in held
    ]


def roles_anywhere(user: User | AnonymousUser) -> frozenset[str]:
    """The roles that this person holds in one dataset or another."""
    if not user.is_authenticated:
        return frozenset()
    if user.is_superuser:
        return frozenset(Role)
    return frozenset(Membership.objects.filter(user=user).values_list("role", flat=True).distinct())
