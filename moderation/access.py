"""Who may see what machines held back: the moderators of its dataset."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import QuerySet

from datasets_app import access
from datasets_app.models import Dataset
from datasets_app.models.item import ItemQuerySet
from datasets_app.vocabulary import Role


def datasets(user: User) -> QuerySet[Dataset]:
    """The datasets that this person moderates."""
    return access.datasets_of(user, Role.MODERATOR)


def quarantine(user: User, slug: str) -> tuple[Dataset, ItemQuerySet]:
    """A dataset that this person moderates, and what is held back there. Raises Http404."""
    dataset = access.dataset_for(user, slug, Role.MODERATOR)
    return dataset, dataset.items.all().quarantined()
