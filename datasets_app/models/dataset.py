"""A dataset: a named body of items, with a language, a licence and its members."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


def new_secret() -> bytes:
    """32 random bytes: the key under which annotators' pseudonyms are made."""
    return secrets.token_bytes(32)


class Dataset(models.Model):
    """The whole that a person loads, curates and publishes.

    `protocol` says what its items are made for (`key@version`); the label set follows from it.
    """

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    language = models.CharField(max_length=35, default="en", help_text=_("A BCP 47 tag."))
    licence = models.CharField(
        max_length=60,
        default="other",
        help_text=_("As a dataset card names it, for example cc-by-nc-4.0."),
    )
    protocol = models.CharField(max_length=80)
    counts_imported_votes = models.BooleanField(
        default=False,
        help_text=_("Votes that came with the data count beside those given here."),
    )
    pseudonym_key = models.BinaryField(max_length=32, default=new_secret, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug
