"""Where files lie: a folder, and a bucket of a server that speaks S3."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings

from datasets_app.storage import Storage, StorageFault, export_key, media_key, storage
from datasets_app.storage.bucket import Bucket
from datasets_app.storage.folder import Folder

DIGEST = "ab" * 32


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def bucket(s3: str, tmp_path: Path) -> Bucket:
    name = tmp_path.name.replace("_", "-").lower()[-60:]
    made = boto3.client(
        "s3",
        endpoint_url=s3,
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
    )
    made.create_bucket(Bucket=name)
    return Bucket(
        name, endpoint=s3, region="us-east-1", key="k", secret="s", incoming=tmp_path / "incoming"
    )


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return Folder(tmp_path / "root")
    found: Bucket = request.getfixturevalue("bucket")
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"beaver" * 1000)
    return path


def content(place: Storage, key: str) -> bytes:
    with place.open(key) as file:
        return file.read()


def test_what_is_put_is_found(place: Storage, source: Path) -> None:
    key = export_key("ponds@1/votes", "data/train.jsonl")
    assert place.size(key) is None
    place.put(key, source)
    assert (content(place, key), place.size(key)) == (b"beaver" * 1000, 6000)
    assert source.exists()
    place.delete(key)
    assert place.size(key) is None
    with pytest.raises(FileNotFoundError):
        place.open(key)
    place.delete(key)


def test_a_name_is_replaced_and_a_digest_is_kept(place: Storage, source: Path) -> None:
    assert place.keep(DIGEST, source)
    assert not place.keep(DIGEST, source)
    key = export_key("ponds@1", "README.md")
    place.put(key, source)
    source.write_bytes(b"otter")
    place.put(key, source)
    assert content(place, key) == b"otter"


def test_it_lists_a_folder(place: Storage, source: Path) -> None:
    for name in ("b.txt", "a/c.txt"):
        place.put(export_key("ponds@1", name), source)
    place.put(export_key("ponds@10", "d.txt"), source)
    assert list(place.keys("exports/ponds@1")) == [
        "exports/ponds@1/a/c.txt",
        "exports/ponds@1/b.txt",
    ]
    assert list(place.keys("exports/lakes@1")) == []


def test_a_workplace_goes_with_its_block_but_stays_after_an_interruption(place: Storage) -> None:
    with place.workplace("load-ponds") as folder:
        (folder / "x").write_text("x")
        assert place.workplaces() == [folder]
    assert not folder.exists()
    with pytest.raises(ValueError, match="bad"), place.workplace("load-ponds") as folder:
        raise ValueError("bad")
    assert not folder.exists()
    with pytest.raises(KeyboardInterrupt), place.workplace("load-ponds") as folder:
        _work_and_be_interrupted(folder)
    with place.workplace("load-ponds") as again:
        assert (again / "x").read_text() == "x"
    assert place.workplaces() == []


def _work_and_be_interrupted(folder: Path) -> None:
    (folder / "x").write_text("x")
    raise KeyboardInterrupt


def test_a_folder_has_paths_and_no_links(tmp_path: Path, source: Path) -> None:
    place = Folder(tmp_path / "root")
    place.keep(DIGEST, source)
    assert place.path(media_key(DIGEST)) == tmp_path / "root/media/ab" / DIGEST
    assert place.path(media_key("0" * 64)) is None
    assert place.link(media_key(DIGEST), mime="image/png") == ""


def test_a_folder_never_shows_half_a_file(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Folder(tmp_path / "root")
    key = export_key("ponds@1", "README.md")
    place.put(key, source)

    def full(*words: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        place.put(key, source)
    assert content(place, key) == b"beaver" * 1000
    assert list(place.keys("exports")) == [key]
    assert [path.name for path in (tmp_path / "root/exports/ponds@1").iterdir()] == ["README.md"]


def test_a_bucket_gives_links_that_say_what_they_are(bucket: Bucket, source: Path) -> None:
    bucket.keep(DIGEST, source)
    link = bucket.link(media_key(DIGEST), mime="image/png", download='a"b.png', seconds=60)
    assert "X-Amz-Expires=60" in link
    with urlopen(link) as answer:  # noqa: S310  moto's own
        assert answer.read() == b"beaver" * 1000
        assert answer.headers["Content-Type"] == "image/png"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="a_b.png"'
    with urlopen(bucket.link(media_key(DIGEST), mime="image/png")) as answer:  # noqa: S310  moto's
        assert answer.headers["Content-Disposition"] == "inline"
        assert "no-store" not in (answer.headers["Cache-Control"] or "")
    fleeting = bucket.link(media_key(DIGEST), mime="image/png", is_fleeting=True)
    with urlopen(fleeting) as answer:  # noqa: S310  moto's
        assert "no-store" in answer.headers["Cache-Control"]
    assert bucket.path(media_key(DIGEST)) is None


def test_links_may_point_to_the_name_that_browsers_know(s3: str, tmp_path: Path) -> None:
    place = Bucket(
        "ponds", endpoint=s3, region="us-east-1", key="k", secret="s",
        incoming=tmp_path, origin="https://files.example.org",
    )  # fmt: skip
    assert place.link(media_key(DIGEST), mime="image/png").startswith(
        "https://files.example.org/ponds/media/ab/"
    )


def test_a_bucket_that_is_not_there_is_one_clear_line(
    s3: str, tmp_path: Path, source: Path
) -> None:
    words = {"region": "us-east-1", "key": "k", "secret": "s", "incoming": tmp_path}
    gone = Bucket("not-there", endpoint=s3, **words)  # type: ignore[arg-type]  # words of both kinds
    with pytest.raises(StorageFault) as fault:
        gone.put(media_key(DIGEST), source)
    assert "look at CASTOR_S3_*" in str(fault.value)
    assert "\n" not in str(fault.value)
    nobody = Bucket("ponds", endpoint="http://127.0.0.1:9", **words)  # type: ignore[arg-type]  # words of both kinds
    with pytest.raises(StorageFault, match="could not look for a file in the bucket ponds"):
        nobody.size(media_key(DIGEST))


@pytest.mark.parametrize("digest", ["", "../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "/x"])
def test_only_a_digest_becomes_a_media_key(digest: str) -> None:
    with pytest.raises(ValueError, match="is no digest"):
        media_key(digest)


@pytest.mark.parametrize(
    "name", ["", "..", "a/../b", "/etc/passwd", ".hidden", "a//b", "a b", "a\0b", "a\\b", "ä"]
)
def test_only_plain_names_become_export_keys(name: str) -> None:
    with pytest.raises(ValueError, match="is no name for an export's file"):
        export_key("ponds@1", name)


def test_the_settings_choose(settings: Settings, tmp_path: Path) -> None:
    settings.CASTOR_MEDIA_ROOT, settings.CASTOR_S3_BUCKET = tmp_path, ""
    assert isinstance(storage(), Folder)
    settings.CASTOR_S3_BUCKET = "ponds"
    assert isinstance(storage(), Bucket)
    assert storage() is storage()
