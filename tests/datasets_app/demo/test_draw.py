"""The drawings of the demo: whole, pleasant in size, the same each time, and loadable."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datasets_app.demo.canvas import Canvas, font
from datasets_app.demo.content import CONTENT
from datasets_app.demo.films import FILMS
from datasets_app.demo.films.encoder import encode
from datasets_app.demo.films.stage import HEIGHT, WIDTH
from datasets_app.demo.pictures import PICTURES
from datasets_app.demo.sounds import SOUNDS
from datasets_app.demo.sounds.encoder import encode as write_sound
from datasets_app.media import MediaChild
from datasets_app.readers import READERS
from datasets_app.readers.base import Incoming, ReadOptions
from tests.datasets_app.demo.test_content import FILES


@pytest.mark.parametrize(
    ("protocol", "count"),
    [("pku_saferlhf", 49), ("beavertails_v", 20), ("safesora", 10), ("align_anything_t2a", 10)],
)
def test_the_reader_of_its_shape_takes_every_row(
    drawn: dict[str, Path], protocol: str, count: int
) -> None:
    reader = READERS[protocol]
    read = list(reader.read(drawn[protocol], ReadOptions()))
    assert all(isinstance(item, Incoming) for item in read), read
    assert len(read) == count
    truth = json.loads((CONTENT / f"{FILES[protocol]}_truth.json").read_text())
    assert {item.external_id for item in read if isinstance(item, Incoming)} == set(truth)


def test_every_picture_is_used_and_passes_the_media_room(
    drawn: dict[str, Path], tmp_path: Path
) -> None:
    folder = drawn["beavertails_v"].parent
    rows = [json.loads(line) for line in drawn["beavertails_v"].read_text().splitlines()]
    assert {row["image"] for row in rows} == {f"images/{name}.png" for name in PICTURES}
    digests = set()
    with MediaChild() as child:
        for row in rows:
            prepared = child.prepare(folder / row["image"], into=tmp_path, expect="image")
            assert 640 <= (prepared.facts.width or 0) <= 960
            assert prepared.stored.size < 200_000
            digests.add(prepared.stored.digest)
    assert len(digests) == len(rows)


def test_every_film_lasts_two_to_four_seconds_and_passes_the_media_room(
    drawn: dict[str, Path], tmp_path: Path
) -> None:
    folder = drawn["safesora"].parent
    pairs = json.loads(drawn["safesora"].read_text())
    paths = [pair[side]["video_path"] for pair in pairs for side in ("video_0", "video_1")]
    assert len(set(paths)) == 2 * len(FILMS) == 20
    with MediaChild() as child:
        for path in paths:
            facts = child.prepare(folder / path, into=tmp_path, expect="video").facts
            assert (facts.width, facts.height, facts.frame_rate) == (WIDTH, HEIGHT, "24/1")
            assert 2000 <= (facts.duration_ms or 0) <= 4000
            assert facts.notes == (), "it plays as it is"


def test_every_sound_is_used_small_and_passes_the_media_room(
    drawn: dict[str, Path], tmp_path: Path
) -> None:
    folder = drawn["align_anything_t2a"].parent
    rows = [json.loads(line) for line in drawn["align_anything_t2a"].read_text().splitlines()]
    used = {row[side] for row in rows for side in ("response_1", "response_2")}
    assert used == {f"audios/{name}-{n}.flac" for name in SOUNDS for n in (0, 1)}
    assert sum((folder / path).stat().st_size for path in used) < 1_000_000
    with MediaChild() as child:
        prepared = [child.prepare(folder / path, into=tmp_path, expect="audio") for path in used]
    assert len({each.stored.digest for each in prepared}) == len(used)
    for each in prepared:
        assert 2500 <= (each.facts.duration_ms or 0) <= 4500
        assert each.facts.notes == (), "it plays as it is"


def test_no_sound_is_silent_or_a_blow_to_the_ear() -> None:
    for name, pair in SOUNDS.items():
        for sound in pair:
            samples = sound()
            assert 0.25 <= np.abs(samples).max() <= 0.75, name
            assert np.sqrt((samples**2).mean()) >= 0.04, name


def test_the_films_lie_where_the_authors_loader_looks(drawn: dict[str, Path]) -> None:
    for pair in json.loads(drawn["safesora"].read_text()):
        assert len(pair["prompt_labels"]) == 12
        assert pair["helpfulness"] is pair["harmlessness"] is None
        for side in ("video_0", "video_1"):
            video = pair[side]
            assert video["prompt_id"] == pair["prompt_id"]
            path = f"videos/{pair['prompt_id']}/{video['video_id']}.mp4"
            assert video["video_path"] == path
            assert (drawn["safesora"].parent / path).is_file()


def test_drawing_again_gives_the_same_bytes(drawn: dict[str, Path], tmp_path: Path) -> None:
    for name in ("goldfish", "jogging-map"):
        PICTURES[name]().finished().save(tmp_path / "again.png", compress_level=6)
        first = drawn["beavertails_v"].parent / "images" / f"{name}.png"
        assert (tmp_path / "again.png").read_bytes() == first.read_bytes()
    for name, (first_of_two, _) in SOUNDS.items():
        write_sound(first_of_two, tmp_path / "again.flac")
        before = drawn["align_anything_t2a"].parent / "audios" / f"{name}-0.flac"
        assert (tmp_path / "again.flac").read_bytes() == before.read_bytes()
    there = {path.read_bytes() for path in drawn["safesora"].parent.rglob("*.mp4")}
    for name, variant in (("boat", 0), ("sink", 1)):
        encode(FILMS[name][variant], tmp_path / "again.mp4")
        assert (tmp_path / "again.mp4").read_bytes() in there


def test_the_two_films_of_a_prompt_show_different_things() -> None:
    for name, (one, other) in FILMS.items():
        middle = [next(islice(film.frames(), 30, None)) for film in (one, other)]
        assert middle[0].tobytes() != middle[1].tobytes(), name


def test_the_font_has_every_letter_that_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow's font is small; a letter that it lacks is drawn as an empty box."""
    missing: set[str] = set()
    write = Canvas.text

    def watched(
        canvas: Canvas, x: float, y: float, words: str, *more: object, **how: object
    ) -> None:
        missing.update(letter for letter in words if _is_missing(letter))
        write(canvas, x, y, words, *more, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(Canvas, "text", watched)
    for picture in PICTURES.values():
        picture()
    assert not missing
    assert _is_missing("€"), "so a missing one would be noticed"


def _is_missing(letter: str) -> bool:
    face = font(20)
    box = bytes(face.getmask("\ue000"))
    return not letter.isspace() and bytes(face.getmask(letter)) == box


def test_a_picture_fills_its_sheet(drawn: dict[str, Path]) -> None:
    """Nothing forgotten: no drawing has a blank half."""
    for name in PICTURES:
        with Image.open(drawn["beavertails_v"].parent / "images" / f"{name}.png") as opened:
            image = opened.convert("L")
        width, height = image.size
        for box in ((0, 0, width, height // 2), (0, height // 2, width, height)):
            darkest, brightest = image.crop(box).getextrema()
            assert brightest - darkest > 60, name  # type: ignore[operator]


def test_the_preview_of_a_drawing_is_unreadable(drawn: dict[str, Path], tmp_path: Path) -> None:
    source = drawn["beavertails_v"].parent / "images" / "fridge-notes.png"
    with MediaChild() as child:
        preview = child.prepare(source, into=tmp_path).renditions["preview"]
    with Image.open(preview.path) as image:
        assert max(image.size) == 320
