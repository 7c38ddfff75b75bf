"""What a person chose for the labelling page: how texts are shown, and which key does what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, JSONField, Value
from django.db.models.expressions import CombinedExpression

from annotation.models import Annotator
from datasets_app import ledger


@dataclass(frozen=True, slots=True)
class Preferences:
    """Of one annotator. `apart` lets the texts scroll each by itself, `pictures_apart` lets
    pictures be zoomed and moved so.

    `keys` holds the keys of one's own, act → key; other acts keep theirs. `language` is "" while
    the browser's wish decides. `is_keyless` says that no single key does anything, for whoever
    steers by voice.
    """

    as_written: bool = False
    apart: bool = False
    pictures_apart: bool = False
    is_keyless: bool = False
    language: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)


def of(annotator: Annotator) -> Preferences:
    """What this person chose; anything else that stands in the settings is passed over."""
    kept = annotator.settings if isinstance(annotator.settings, dict) else {}
    keys, language = kept.get("keys"), kept.get("language")
    return Preferences(
        as_written=kept.get("as_written") is True,
        apart=kept.get("apart") is True,
        pictures_apart=kept.get("pictures_apart") is True,
        is_keyless=kept.get("is_keyless") is True,
        language=language if isinstance(language, str) else "",
        keys={act: key for act, key in keys.items() if isinstance(key, str)}
        if isinstance(keys, dict)
        else {},
    )


def of_user(user: User) -> Preferences:
    """The same for somebody who may never have labelled."""
    annotator = Annotator.objects.filter(user=user).first()
    return Preferences() if annotator is None else of(annotator)


def choose(annotator: Annotator, **chosen: Any) -> None:
    """Keep fields of `Preferences` for this person; what is not named stays as it is."""
    added = CombinedExpression(F("settings"), "||", Value(chosen, JSONField()))
    with transaction.atomic():
        Annotator.objects.filter(pk=annotator.pk).update(settings=added)
        ledger.note(
            "prefer",
            by=annotator.user_id,
            subject=f"annotator:{annotator.pk}",
            data=chosen,
        )
