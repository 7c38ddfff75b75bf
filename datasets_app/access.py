"""Who may see what of the ledger: the only way a view obtains an object also decides.

Whoever may not see a thing is told the same as if it did not exist: Http404.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet
from django.http import Http404

from datasets_app.models import (
    Dataset,
    Export,
    Item,
    Media,
    Membership,
    PromptMedia,
    Response,
    Version,
)
from datasets_app.vocabulary import Role


class Sight(IntEnum):
    """How far somebody may look at a file; the doors say it, and the freest counts."""

    NOTHING = 0
    # Its preview only: what it shows is covered.
    BLURRED = 1
    # All of it while a reveal is open, and nothing of it is kept by the browser.
    REVEALED = 2
    FREE = 3


# A reason to look: how far a person may, at a file that these items show.
Door = Callable[[User | AnonymousUser, QuerySet[Item]], Sight]


def roles_of(user: User, dataset: Dataset) -> frozenset[Role]:
    """The roles that this person holds in the dataset; a superuser holds all."""
    if user.is_superuser:
        return frozenset(Role)
    held = Membership.objects.filter(user=user, dataset=dataset).values_list("role", flat=True)
    return frozenset(Role(role) for role in held)


def datasets_of(user: User, *roles: Role) -> QuerySet[Dataset]:
    """The datasets in which this person holds one of the roles."""
    if user.is_superuser:
        return Dataset.objects.all()
    return Dataset.objects.filter(
        pk__in=Membership.objects.filter(user=user, role__in=roles).values("dataset")
    )


def dataset_for(user: User, slug: str, *roles: Role) -> Dataset:
    """The dataset, if this person holds one of the roles there. Raises Http404."""
    dataset = datasets_of(user, *roles).filter(slug=slug).first()
    if dataset is None:
        raise Http404
    return dataset


def item_for(user: User, slug: str, item_id: UUID, *roles: Role) -> Item:
    """An item of a dataset in which this person holds one of the roles. Raises Http404."""
    dataset = dataset_for(user, slug, *roles)
    item = (
        Item.objects.filter(dataset=dataset, pk=item_id)
        .select_related("prompt", "first", "second", "dataset")
        .first()
    )
    if item is None:
        raise Http404
    return item


def version_for(user: User, slug: str, number: int) -> Version:
    """A version, for the curators of its dataset. Raises Http404."""
    dataset = dataset_for(user, slug, Role.CURATOR)
    version = Version.objects.filter(dataset=dataset, number=number).first()
    if version is None:
        raise Http404
    return version


def export_for(user: User, slug: str, number: int, export_id: int) -> Export:
    """An export of such a version. Raises Http404."""
    version = version_for(user, slug, number)
    export = Export.objects.filter(version=version, pk=export_id).first()
    if export is None:
        raise Http404
    return export


def items_showing(media: Media) -> QuerySet[Item]:
    """The items whose prompt or responses show this file."""
    # Read first, few each: the planner would walk all items for an OR over three subqueries.
    prompts = list(PromptMedia.objects.filter(media=media).values_list("prompt", flat=True))
    responses = list(Response.objects.filter(media=media).values_list("pk", flat=True))
    return Item.objects.filter(
        Q(prompt__in=prompts) | Q(first__in=responses) | Q(second__in=responses)
    )


def media_for(
    user: User | AnonymousUser,
    digest: str,
    doors: Iterable[Door],
) -> tuple[Media, Sight]:
    """A file, and how far the doors let this person look at it, by the items that show it.

    Raises Http404 where none opens at all.
    """
    found = Media.objects.filter(digest=digest).first()
    if found is None or not user.is_authenticated:
        raise Http404
    items = items_showing(found)
    sight = Sight.NOTHING
    for door in doors:
        sight = max(sight, door(user, items))
        if sight is Sight.FREE:
            break
    if sight is Sight.NOTHING:
        raise Http404
    return found, sight


def may_see_media(user: User | AnonymousUser, items: QuerySet[Item]) -> Sight:
    """Everything, for who curates or moderates a dataset that one of `items` belongs to."""
    if not user.is_authenticated:
        return Sight.NOTHING
    seen = datasets_of(user, Role.CURATOR, Role.MODERATOR)
    return Sight.FREE if items.filter(dataset__in=seen).exists() else Sight.NOTHING
