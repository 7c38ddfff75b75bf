"""What was asked, and what models answered."""

from __future__ import annotations

from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Lower, Trim
from uuid_utils.compat import uuid7

from datasets_app.vocabulary import Speaker


class Prompt(models.Model):
    """What was asked: turns, with media.

    `turns` is a list of {"speaker", "text", "media": [digest, …]}. `digest` is the SHA-256 of the
    normalised turns and media: the same question asked twice is one prompt.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No index of its own: the unique constraint below begins with it. So it is with the other
    # foreign keys that say `db_index=False`; loading pays for every index on every row.
    dataset = models.ForeignKey(
        "datasets_app.Dataset", models.PROTECT, related_name="prompts", db_index=False
    )
    external_id = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    turns = models.JSONField()
    meta = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("dataset", "digest"), name="prompt_once_per_dataset"),
        )
        indexes = (
            # Most name no author; who wrote one is not to judge what answers it.
            models.Index(
                "dataset",
                Lower(Trim(KeyTextTransform("author", "meta"))),
                name="prompt_by_author",
                condition=models.Q(meta__has_key="author"),
            ),
        )

    def __str__(self) -> str:
        return f"prompt {self.id}"

    @property
    def text(self) -> str:
        """The text of the last user turn."""
        spoken = [turn["text"] for turn in self.turns if turn["speaker"] == Speaker.USER]
        return spoken[-1] if spoken else ""


class PromptMedia(models.Model):
    """That a prompt shows a file; keeps the file from being dropped while it does."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="media_links", db_index=False)
    media = models.ForeignKey("datasets_app.Media", models.PROTECT, related_name="prompt_links")
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("prompt", "position"), name="prompt_media_position"),
        )

    def __str__(self) -> str:
        return f"{self.prompt_id} shows {self.media_id}"


class Response(models.Model):
    """One model's answer to a prompt: text, media or both.

    `parent` is the response whose text this one continues, in a tree of segments.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    prompt = models.ForeignKey(Prompt, models.PROTECT, related_name="responses", db_index=False)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="continuations", db_index=False
    )
    digest = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    media = models.ForeignKey(
        "datasets_app.Media", models.PROTECT, null=True, related_name="responses", db_index=False
    )
    model = models.CharField(max_length=200, blank=True)
    meta = models.JSONField(default=dict)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("prompt", "digest"), name="response_once_per_prompt"),
        )
        indexes = (
            # Most responses have neither.
            models.Index(
                fields=("parent",),
                name="response_parent",
                condition=models.Q(parent__isnull=False),
            ),
            models.Index(
                fields=("media",), name="response_media", condition=models.Q(media__isnull=False)
            ),
            models.Index(
                Lower(Trim(KeyTextTransform("author", "meta"))),
                name="response_by_author",
                condition=models.Q(meta__has_key="author"),
            ),
        )

    def __str__(self) -> str:
        return f"response {self.id}"
