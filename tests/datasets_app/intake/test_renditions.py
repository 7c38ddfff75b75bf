"""Renditions made anew, and the traces of killed loads."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from datasets_app.intake import renditions
from datasets_app.media import MediaChild, MediaRefused, Prepared
from datasets_app.models import Event, Item, Media
from datasets_app.storage import media_key, storage
from datasets_app.tasks import prepare_media
from datasets_app.vocabulary import ItemState, MediaState
from tests import build
from tests.datasets_app.intake.rows import loaded, row, written
from tests.datasets_app.media.corpus import encoded, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def media(tmp_path: Path, media_root: Path) -> Media:
    """An image that an open item shows."""
    (tmp_path / "pond.png").write_bytes(encoded(picture(), "PNG"))
    loaded(written(tmp_path, row(1, image="pond.png")))
    build.moved([Item.objects.get()], ItemState.OPEN)
    return Media.objects.get()


def test_lost_renditions_are_made_again(media: Media) -> None:
    storage().delete(media_key(media.preview))
    assert renditions.renew([media.digest]) == 1
    media.refresh_from_db()
    assert media.state == MediaState.RECEIVED
    prepare_media()
    before = media.preview
    media.refresh_from_db()
    assert (media.state, media.preview) == (MediaState.READY, before)
    assert storage().size(media_key(media.preview))


def test_with_nothing_waiting_nothing_is_done(media: Media) -> None:
    assert renditions.prepare_waiting() == 0


def test_a_file_that_fails_three_times_takes_its_items_out_of_sight(
    media: Media, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: MediaChild, source: Path | bytes, **words: Any) -> Prepared:
        raise MediaRefused("pond.png crashed the decoder (SIGSEGV)")

    monkeypatch.setattr(MediaChild, "prepare", refuse)
    renditions.renew([media.digest])
    assert renditions.prepare_waiting() == 0
    media.refresh_from_db()
    assert (media.state, media.attempts) == (MediaState.REFUSED, 3)
    assert media.error == "pond.png crashed the decoder (SIGSEGV)"
    item = Item.objects.get()
    assert item.state == ItemState.QUARANTINED
    assert Event.objects.get(item=item.pk, verb="quarantine").before == ItemState.OPEN


def test_a_crash_counts_as_an_attempt(media: Media, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(self: MediaChild, source: Path | bytes, **words: Any) -> Prepared:
        raise KeyboardInterrupt

    monkeypatch.setattr(MediaChild, "prepare", crash)
    renditions.renew([media.digest])
    with pytest.raises(KeyboardInterrupt):
        renditions.prepare_waiting()
    media.refresh_from_db()
    assert (media.state, media.attempts) == (MediaState.RECEIVED, 1)


def test_a_file_without_bytes_is_given_up(media: Media) -> None:
    storage().delete(media_key(media.digest))
    renditions.renew([media.digest])
    renditions.prepare_waiting()
    media.refresh_from_db()
    assert media.state == MediaState.REFUSED


def test_what_killed_loads_left_is_cleared_after_a_week(media_root: Path) -> None:
    old, new = media_root / "incoming" / "load-old", media_root / "incoming" / "load-new"
    for folder in (old, new):
        (folder / "notes").mkdir(parents=True)
    week = time.time() - 8 * 86_400
    os.utime(old, (week, week))
    prepare_media()
    assert (old.exists(), new.exists()) == (False, True)
