"""An item: what is judged at once, a prompt with one response or two."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower, Now, Trim
from uuid_utils.compat import uuid7

from datasets_app.vocabulary import ItemState, Severity


class ItemQuerySet(models.QuerySet["Item"]):
    """Sets of items, as adjectives."""

    def waiting(self) -> ItemQuerySet:
        """Nobody has looked at them yet, machine or person."""
        return self.filter(state=ItemState.SCREENING)

    def quarantined(self) -> ItemQuerySet:
        return self.filter(state=ItemState.QUARANTINED)

    def open(self) -> ItemQuerySet:
        return self.filter(state=ItemState.OPEN)

    def disputed(self) -> ItemQuerySet:
        return self.filter(state=ItemState.DISPUTED)

    def settled(self) -> ItemQuerySet:
        return self.filter(state=ItemState.SETTLED)


class Item(models.Model):
    """The unit of judging. Its content never changes once a person may have seen it.

    `digest` covers the prompt and both responses in either order: the same pair twice is refused.
    `machine_severity` and `machine_categories` are null until screened; they route, nothing else.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    dataset = models.ForeignKey(
        "datasets_app.Dataset", models.PROTECT, related_name="items", db_index=False
    )
    prompt = models.ForeignKey("datasets_app.Prompt", models.PROTECT, related_name="items")
    first = models.ForeignKey("datasets_app.Response", models.PROTECT, related_name="as_first")
    second = models.ForeignKey(
        "datasets_app.Response", models.PROTECT, null=True, related_name="as_second"
    )
    external_id = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=ItemState, default=ItemState.SCREENING)
    machine_severity = models.PositiveSmallIntegerField(null=True, choices=Severity)
    machine_categories = ArrayField(models.CharField(max_length=80), null=True)
    meta = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("dataset", "external_id"), name="item_external_id_once"
            ),
            models.UniqueConstraint(fields=("dataset", "digest"), name="item_content_once"),
            models.CheckConstraint(
                name="item_state_known", condition=models.Q(state__in=ItemState.values)
            ),
            models.CheckConstraint(
                name="item_responses_differ",
                condition=models.Q(second__isnull=True) | ~models.Q(first=models.F("second")),
            ),
            models.CheckConstraint(
                name="item_machine_severity_known",
                condition=models.Q(machine_severity__isnull=True)
                | models.Q(machine_severity__in=Severity.values),
            ),
        )
        indexes = (
            # The queue of every state, and the curator's list by state, in id order.
            models.Index(fields=("dataset", "state", "id"), name="item_state_queue"),
            # Most items name no author; who wrote one is not to judge it. Of lists of authors
            # there is one beside it, item_by_authors, by its migration.
            models.Index(
                "dataset",
                Lower(Trim(KeyTextTransform("author", "meta"))),
                name="item_by_author",
                condition=models.Q(meta__has_key="author"),
            ),
            models.Index(
                fields=("id",), name="item_screening", condition=models.Q(state=ItemState.SCREENING)
            ),
            models.Index(
                fields=("id",), name="item_open", condition=models.Q(state=ItemState.OPEN)
            ),
        )

    def __str__(self) -> str:
        return f"item {self.external_id}"


class ImportedVote(models.Model):
    """What somebody had answered before the item came to us.

    `answers` is canonical (responses by id, see `protocols.base`). `worker` is the source's own
    name for the person or, where it gives none, the ordinal of the vote among the item's in its
    file. `source` is the file, or the name under which all were loaded.
    """

    item = models.ForeignKey(Item, models.CASCADE, related_name="imported_votes", db_index=False)
    source = models.CharField(max_length=200)
    worker = models.CharField(max_length=120)
    answers = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("item", "source", "worker"), name="imported_vote_once_per_worker"
            ),
        )

    def __str__(self) -> str:
        return f"imported vote on {self.item_id}"


class Holdback(models.Model):
    """That an item is kept out of versions, and why: what measures people must not be public."""

    item = models.OneToOneField(Item, models.PROTECT, related_name="holdback")
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.item_id} held back: {self.reason}"
