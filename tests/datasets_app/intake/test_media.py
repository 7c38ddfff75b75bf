"""Media on their way in: verified before anything is stored, stored once, found again."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from datasets_app.intake import LoadRefused, loading, shelf
from datasets_app.media import MediaChild, Prepared
from datasets_app.models import Item, Media, Prompt, PromptMedia
from datasets_app.storage import media_key, storage
from datasets_app.vocabulary import MediaState, Modality
from tests.datasets_app.intake.rows import loaded, row, written
from tests.datasets_app.media.corpus import encoded, exif, film, picture, png_header, shared

pytestmark = pytest.mark.django_db

PNG = encoded(picture(), "PNG")


def image_row(number: int, image: str, **changes: Any) -> dict[str, Any]:
    return row(number, image=image, **changes)


def prepared_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are decoded from now on."""
    names: list[str] = []
    prepare = MediaChild.prepare

    def noted(self: MediaChild, source: Path | bytes, **words: Any) -> Prepared:
        names.append(words["name"])
        return prepare(self, source, **words)

    monkeypatch.setattr(MediaChild, "prepare", noted)
    return names


def stored(root: Path) -> set[str]:
    """The digests of everything in the media folder."""
    folder = root / "media"
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_an_image_is_stored_with_its_renditions(tmp_path: Path, media_root: Path) -> None:
    (tmp_path / "pond.jpg").write_bytes(encoded(picture(), "JPEG", exif=exif()))
    report = loaded(written(tmp_path, image_row(1, "pond.jpg")))
    media = Media.objects.get()
    assert (report.loaded, report.media) == (1, 1)
    assert (media.state, media.modality, media.mime) == (MediaState.READY, "image", "image/jpeg")
    assert (media.width, media.height) == (96, 64)
    assert stored(media_root) == {media.digest, media.poster, media.preview}
    with storage().open(media_key(media.digest)) as file:
        assert hashlib.sha256(file.read()).hexdigest() == media.digest
    prompt = Prompt.objects.get()
    assert prompt.turns[0]["media"] == [media.digest]
    assert PromptMedia.objects.get().media == media


def test_films_are_responses(tmp_path: Path, media_root: Path) -> None:
    for name, frames in (("a", 24), ("b", 48)):
        (tmp_path / f"{name}.mp4").write_bytes(film(frames=frames))
    pair = {
        "prompt": "A disc moves",
        "response_0_video": "a.mp4",
        "response_1_video": "b.mp4",
    }
    report = loaded(written(tmp_path, pair), wishes={"protocol": "safesora"})
    item = Item.objects.select_related("first__media", "second__media").get()
    assert item.first.media is not None
    assert item.second is not None
    assert (report.media, item.first.media.frames, item.first.text) == (2, 24, "")
    assert item.first.media.modality == Modality.VIDEO


def test_the_published_films_are_loaded(media_root: Path) -> None:
    columns = {"response_0_video": "path_A", "response_1_video": "path_B"}
    path = shared("videoalign/example.csv")
    words: dict[str, Any] = {"key": "csv", "columns": columns, "skip_bad": True}
    report = loaded(path, wishes={"protocol": "safesora"}, **words)
    # Twelve rows: two pairs four times, and a third whose films were not published.
    assert report.counts() == {
        "loaded": 2, "updated": 0, "unchanged": 0, "duplicates": 6,
        "refusals": 4, "votes": 0, "media": 4,
    }  # fmt: skip


def test_known_files_are_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_root: Path
) -> None:
    (tmp_path / "pond.png").write_bytes(PNG)
    path = written(tmp_path, image_row(1, "pond.png"))
    loaded(path)
    names = prepared_files(monkeypatch)
    assert loaded(path).unchanged == 1
    assert loaded(path, dataset="lakes").loaded == 1
    assert (names, Media.objects.count()) == ([], 1)


def test_a_file_shown_twice_is_decoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_root: Path
) -> None:
    for name in ("pond.png", "copy.png"):
        (tmp_path / name).write_bytes(PNG)
    names = prepared_files(monkeypatch)
    report = loaded(written(tmp_path, image_row(1, "pond.png"), image_row(2, "copy.png"), row(3)))
    assert (report.loaded, report.media, names) == (3, 1, ["pond.png"])


def test_files_that_differ_only_in_what_is_stripped_are_one(
    tmp_path: Path, media_root: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(encoded(picture(), "JPEG"))
    (tmp_path / "b.jpg").write_bytes(encoded(picture(), "JPEG", exif=exif()))
    report = loaded(written(tmp_path, image_row(1, "a.jpg"), image_row(2, "b.jpg")))
    assert (report.loaded, report.media, Media.objects.count()) == (2, 1, 1)


def test_lost_bytes_come_back_with_the_next_load(tmp_path: Path, media_root: Path) -> None:
    (tmp_path / "pond.png").write_bytes(PNG)
    path = written(tmp_path, image_row(1, "pond.png"))
    loaded(path)
    media = Media.objects.get()
    for digest in (media.digest, media.preview):
        storage().delete(media_key(digest))
    assert loaded(path).unchanged == 1
    assert stored(media_root) == {media.digest, media.poster, media.preview}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE html><html></html>", "pond.png is HTML, not an image"),
        (png_header(100_000, 100_000), "pond.png"),
        (PNG[:-20], "pond.png"),
        (b"#EXTM3U\nhttp://127.0.0.1/x.ts\n", "pond.png is a playlist, not an image"),
        (b"", "pond.png is empty"),
        (film(), "pond.png is a video (MP4), not an image"),
    ],
)
def test_a_refused_file_is_a_bad_row(
    tmp_path: Path, media_root: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "pond.png").write_bytes(content)
    (tmp_path / "good.png").write_bytes(PNG)
    path = written(tmp_path, image_row(1, "good.png"), image_row(2, "pond.png"), row(3))
    report = loaded(path)
    assert [bad.line for bad in report.refused] == [2]
    assert reason in report.refused[0].reason
    assert (Item.objects.count(), Media.objects.count(), stored(media_root)) == (0, 0, set())
    assert loaded(path, skip_bad=True).loaded == 2
    assert Media.objects.count() == 1


def test_a_playlist_is_no_video(tmp_path: Path, media_root: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"#EXTM3U\nhttp://127.0.0.1/x.ts\n")
    (tmp_path / "b.mp4").write_bytes(film())
    pair = {"prompt": "A", "response_0_video": "a.mp4", "response_1_video": "b.mp4"}
    report = loaded(written(tmp_path, pair), wishes={"protocol": "safesora"})
    assert report.refused[0].reason == "a.mp4 is a playlist, not a video"


def test_a_known_image_is_no_video(tmp_path: Path, media_root: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.mp4").write_bytes(film())
    loaded(written(tmp_path, image_row(1, "a.png")))
    pair = {"prompt": "A", "response_0_video": "a.png", "response_1_video": "b.mp4"}
    report = loaded(written(tmp_path, pair), dataset="films", wishes={"protocol": "safesora"})
    assert report.refused[0].reason == "a.png is image, not video"


def test_a_dry_run_stores_no_file(tmp_path: Path, media_root: Path) -> None:
    (tmp_path / "pond.png").write_bytes(PNG)
    path = written(tmp_path, image_row(1, "pond.png"))
    dry = loaded(path, dry_run=True)
    assert (dry.loaded, dry.media, dry.stored) == (1, 1, False)
    assert (Media.objects.count(), stored(media_root)) == (0, set())
    assert not any((media_root / "incoming").iterdir())


def test_a_full_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_root: Path
) -> None:
    (tmp_path / "pond.png").write_bytes(PNG)

    def full(self: MediaChild, source: Path | bytes, **words: Any) -> Prepared:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "pond.png")

    monkeypatch.setattr(MediaChild, "prepare", full)
    with pytest.raises(OSError, match="No space left"):
        loaded(written(tmp_path, image_row(1, "pond.png"), row(2)))
    assert (Item.objects.count(), Media.objects.count(), stored(media_root)) == (0, 0, set())
    assert not any((media_root / "incoming").iterdir())


def test_a_disk_that_fills_up_at_the_last_step_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_root: Path
) -> None:
    (tmp_path / "pond.png").write_bytes(PNG)

    def full(self: shelf.Shelf) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "pond.png")

    monkeypatch.setattr(shelf.Shelf, "keep_all", full)
    with pytest.raises(OSError, match="No space left"):
        loaded(written(tmp_path, image_row(1, "pond.png"), row(2)))
    assert (Item.objects.count(), Media.objects.count()) == (0, 0)


def test_what_an_interrupted_load_has_decoded_is_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_root: Path
) -> None:
    (tmp_path / "pond.png").write_bytes(PNG)
    (tmp_path / "lake.png").write_bytes(encoded(picture(64, 64), "PNG"))
    path = written(tmp_path, image_row(1, "pond.png"), image_row(2, "lake.png"))
    names = prepared_files(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(shelf.Shelf, "keep_all", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            loaded(path)
    assert names == ["pond.png", "lake.png"]
    assert loaded(path).loaded == 2
    assert names == ["pond.png", "lake.png"]
    assert stored(media_root) == {
        digest
        for media in Media.objects.all()
        for digest in (media.digest, media.poster, media.preview)
    }
    assert not any((media_root / "incoming").iterdir())


def _interrupted(self: shelf.Shelf) -> None:
    raise KeyboardInterrupt


def test_what_a_power_cut_tore_is_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_root: Path
) -> None:
    (tmp_path / "pond.png").write_bytes(PNG)
    path = written(tmp_path, image_row(1, "pond.png"))
    with monkeypatch.context() as patch:
        patch.setattr(shelf.Shelf, "keep_all", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            loaded(path)
    for file in list((media_root / "incoming").rglob("files/*")):
        file.write_bytes(b"")
    with pytest.raises(OSError, match="is damaged: load again"):
        loaded(path)
    assert Item.objects.count() == 0
    assert loaded(path).loaded == 1


def test_a_file_that_changes_while_it_is_loaded_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_root: Path
) -> None:
    (tmp_path / "pond.png").write_bytes(PNG)
    take = loading._Load._prepare_media

    def then_change(self: loading._Load, place: shelf.Shelf) -> None:
        take(self, place)
        (tmp_path / "pond.png").write_bytes(encoded(picture(32, 32), "PNG"))

    monkeypatch.setattr(loading._Load, "_prepare_media", then_change)
    with pytest.raises(LoadRefused, match="was changed while it was being loaded"):
        loaded(written(tmp_path, image_row(1, "pond.png")))
    assert Item.objects.count() == 0
