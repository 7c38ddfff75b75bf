"""Makes the posters and previews that are asked for anew, and clears what killed loads left behind.

A load stores media with their renditions. When one of those is lost (a folder restored without
its newest files) or the rules for making them change, `renew` puts the medium back to RECEIVED,
and the sweep makes them again from the stored file.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q

from datasets_app import ledger
from datasets_app.media import MediaChild, MediaRefused, Prepared
from datasets_app.models import Item, Media
from datasets_app.storage import media_key, storage
from datasets_app.vocabulary import ItemState, MediaState

MOST_ATTEMPTS = 3
_AT_ONCE = 20
_STALE_SECONDS = 7 * 86_400
_SHOWN = (ItemState.SCREENING, ItemState.OPEN, ItemState.DISPUTED, ItemState.SETTLED)


def renew(digests: Collection[str]) -> int:
    """Have the renditions of these media made anew; how many that will be."""
    return Media.objects.filter(digest__in=digests, state=MediaState.READY).update(
        state=MediaState.RECEIVED, attempts=0, error=""
    )


def prepare_waiting() -> int:
    """Make the renditions of media that wait, twenty at most; how many are ready now.

    A file that fails three times is REFUSED, and the items that show it are quarantined.
    """
    with MediaChild() as child, tempfile.TemporaryDirectory() as folder:
        ready = 0
        for _ in range(_AT_ONCE):
            media = _claim()
            if media is None:
                break
            ready += _render(media, child, Path(folder))
        return ready


def _claim() -> Media | None:
    """One medium that waits, with an attempt counted before it begins: a crash counts too."""
    with transaction.atomic():
        media = (
            Media.objects.select_for_update(skip_locked=True)
            .filter(state=MediaState.RECEIVED, attempts__lt=MOST_ATTEMPTS)
            .order_by("attempts", "created_at")
            .first()
        )
        if media is None:
            return None
        media.attempts = F("attempts") + 1
        media.save(update_fields=["attempts"])
    media.refresh_from_db()
    return media


def _render(media: Media, child: MediaChild, folder: Path) -> bool:
    source = folder / "source"
    try:
        with storage().open(media_key(media.digest)) as stored, source.open("wb") as copy:
            shutil.copyfileobj(stored, copy)
        prepared = child.prepare(source, into=folder / "made", expect=media.modality)
    except (MediaRefused, FileNotFoundError) as error:
        _fail(media, str(error))
        return False
    finally:
        source.unlink(missing_ok=True)
    _keep(media, prepared)
    return True


def _keep(media: Media, prepared: Prepared) -> None:
    for role, kept in prepared.renditions.items():
        storage().keep(kept.digest, kept.path)
        setattr(media, role, kept.digest)
    media.state, media.error = MediaState.READY, ""
    media.save(update_fields=["state", "error", *prepared.renditions])


@transaction.atomic
def _fail(media: Media, reason: str) -> None:
    media.error = reason[:1000]
    if media.attempts >= MOST_ATTEMPTS:
        media.state = MediaState.REFUSED
        _quarantine(media)
    media.save(update_fields=["state", "error"])


def _quarantine(media: Media) -> None:
    shows = Q(first__media=media) | Q(second__media=media) | Q(prompt__media_links__media=media)
    for before in _SHOWN:
        items = Item.objects.filter(shows, state=before).values_list("id", flat=True).distinct()
        ledger.move(
            list(items),
            before=before,
            after=ItemState.QUARANTINED,
            verb="quarantine",
            reason="a file it shows cannot be rendered",
        )


def clear_stale(*, seconds: float = _STALE_SECONDS) -> int:
    """Remove what loads and exports that were killed left on their way; how many folders."""
    removed = 0
    for folder in storage().workplaces():
        if time.time() - folder.stat().st_mtime > seconds:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed
