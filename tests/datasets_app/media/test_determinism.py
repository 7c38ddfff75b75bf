"""The same bytes give the same files: today, in another process, and when they come back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from datasets_app.media import MediaChild, parent
from tests.datasets_app.media.corpus import animation, encoded, exif, film, picture, sound

SOURCES: dict[str, Callable[[], bytes]] = {
    "PNG": lambda: encoded(picture(), "PNG"),
    "JPEG turned": lambda: encoded(picture(), "JPEG", exif=exif(orientation=6)),
    "GIF": lambda: animation("GIF"),
    "MP4": lambda: film(sound="aac"),
    "MP4 turned": lambda: film(turned=90),
    "WebM": lambda: film("libvpx", "webm", sound="libopus"),
    "Ogg": lambda: sound("libopus", "ogg"),
    "MP3": lambda: sound("libmp3lame", "mp3"),
}
# What glibc fills fresh memory with; code that reads what it never wrote shows itself.
FILLINGS = ("0", "85", "255")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """For each kind, what came of the same bytes: twice in a child for each filling."""
    into, ours = tmp_path_factory.mktemp("prepared"), parent._environment()
    sources = {kind: make() for kind, make in SOURCES.items()}
    found: dict[str, set[str]] = {kind: set() for kind in SOURCES}
    with pytest.MonkeyPatch.context() as patch:
        for filling in FILLINGS:
            patch.setattr(parent, "_environment", lambda f=filling: ours | {"MALLOC_PERTURB_": f})
            with MediaChild() as child:
                for kind, source in [*sources.items(), *sources.items()]:
                    prepared = child.prepare(source, into=into)
                    kept = (prepared.stored, *prepared.renditions.values())
                    found[kind].add(" ".join(each.digest for each in kept))
    return found


@pytest.mark.parametrize("kind", SOURCES)
def test_the_same_bytes_give_the_same_files(kind: str, found: dict[str, set[str]]) -> None:
    assert len(found[kind]) == 1


_WITH_MACROBLOCK_TREE = """
import hashlib, sys, tempfile
from datasets_app.media import films, kinds
from datasets_app.media.limits import Limits
from datasets_app.media.outputs import ROLES, Outputs
from datasets_app.media.videos import prepare_video
films._X264["mbtree"] = sys.argv[2]
files = [tempfile.TemporaryFile() for _ in ROLES]
with open(sys.argv[1], "rb") as source:
    prepare_video(source, kind=kinds.MP4, outputs=Outputs(*files), limits=Limits())
files[0].seek(0)
print(hashlib.sha256(files[0].read()).hexdigest())
"""


def _encoded_under_each_filling(source: Path, *, tree: str) -> set[str]:
    return {
        subprocess.run(
            [sys.executable, "-c", _WITH_MACROBLOCK_TREE, str(source), tree],
            env={**os.environ, "MALLOC_PERTURB_": filling},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for filling in FILLINGS
    }


def test_with_its_macroblock_tree_the_encoder_gives_other_bytes_each_time(tmp_path: Path) -> None:
    """Why `films` turns it off. An x264 that reads only what it wrote would make both sets one."""
    source = tmp_path / "film.mp4"
    source.write_bytes(film("mpeg4", size=(320, 240), frames=48))
    assert len(_encoded_under_each_filling(source, tree="0")) == 1
    if len(_encoded_under_each_filling(source, tree="1")) == 1:
        pytest.skip("this machine's x264 is the same every time even so")


@pytest.mark.parametrize("kind", SOURCES)
def test_what_was_stored_is_stored_as_it_is_when_it_comes_back(
    kind: str, tmp_path: Path, child: MediaChild
) -> None:
    """An export that is loaded again has the digests it left with."""
    first = child.prepare(SOURCES[kind](), into=tmp_path)
    again = child.prepare(first.stored.path, into=tmp_path)
    assert again.stored.digest == first.stored.digest == again.source_digest
