"""Videos: what is copied, what is encoded anew, and what is refused."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from datasets_app.media import Prepared
from tests.datasets_app.media.conftest import Prepare, Refuse
from tests.datasets_app.media.corpus import SECRET, encoded, film, picture, shared


def _frames(source: Path) -> list[str]:
    with av.open(str(source)) as container:
        return [
            hashlib.sha256(bytes(frame.planes[0])).hexdigest()
            for frame in container.decode(video=0)
        ]


def _first(prepared: Prepared) -> Image.Image:
    with av.open(str(prepared.stored.path)) as container:
        image: Image.Image = next(container.decode(video=0)).to_image()  # type: ignore[no-untyped-call]
        return image


def test_h264_is_copied_frame_by_frame_and_its_facts_are_told(
    prepare: Prepare, tmp_path: Path
) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(film(sound="aac", metadata=True))
    prepared = prepare(source, expect="video")
    facts = prepared.facts
    assert (facts.mime, facts.width, facts.height) == ("video/mp4", 96, 64)
    assert (facts.frames, facts.frame_rate, facts.duration_ms) == (24, "24/1", 1000)
    assert facts.has_audio
    assert facts.notes == ()
    assert _frames(prepared.stored.path) == _frames(source)


def test_nothing_tells_who_made_a_film_and_its_index_is_in_front(prepare: Prepare) -> None:
    source = film(metadata=True)
    assert SECRET in source
    assert source.index(b"mdat") < source.index(b"moov")
    stored = prepare(source).stored.path.read_bytes()
    assert SECRET not in stored
    assert b"Lavf" not in stored
    assert stored.index(b"moov") < stored.index(b"mdat")


@pytest.mark.parametrize(
    ("codec", "container", "pixels", "size"),
    [
        ("libvpx", "webm", "yuv420p", (96, 64)),
        ("libvpx-vp9", "webm", "yuv420p", (97, 65)),
        ("mpeg4", "mp4", "yuv420p", (96, 64)),
        ("libx264", "mp4", "yuv444p", (97, 65)),
    ],
)
def test_what_not_every_browser_plays_becomes_h264(
    prepare: Prepare, codec: str, container: str, pixels: str, size: tuple[int, int]
) -> None:
    prepared = prepare(film(codec, container, pixels=pixels, size=size), expect="video")
    assert prepared.facts.mime == "video/mp4"
    assert (prepared.facts.width, prepared.facts.height) == (96, 64)
    assert (prepared.facts.frames, prepared.facts.frame_rate) == (24, "24/1")
    assert prepared.facts.notes == ("Encoded anew as H.264.",)
    with av.open(str(prepared.stored.path)) as stored:
        context = stored.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
    difference = ImageStat.Stat(ImageChops.difference(_first(prepared), picture()))
    assert max(difference.mean) < 20, "it should look as it did, but for the disc"


def test_sound_that_is_not_aac_becomes_aac(prepare: Prepare) -> None:
    prepared = prepare(film("libvpx", "webm", sound="libopus"))
    assert prepared.facts.has_audio
    with av.open(str(prepared.stored.path)) as stored:
        assert stored.streams.audio[0].codec_context.name == "aac"


@pytest.mark.parametrize(("turned", "corner"), [(-90, (1, 0)), (90, (0, 1)), (180, (1, 1))])
def test_a_film_shot_sideways_is_stored_upright(
    prepare: Prepare, turned: int, corner: tuple[int, int]
) -> None:
    """The orange corner, top left in the coded frames, goes where a player would show it."""
    prepared = prepare(film(turned=turned, sound="aac"))
    first = _first(prepared)
    assert first.size == ((96, 64) if turned == 180 else (64, 96))
    assert first.size == (prepared.facts.width, prepared.facts.height)
    x, y = (corner[0] * (first.width - 9) + 4, corner[1] * (first.height - 9) + 4)
    red, green, blue = first.getpixel((x, y))  # type: ignore[misc]
    assert red > 180 > green > blue
    with Image.open(prepared.renditions["poster"].path) as poster:
        assert poster.size == first.size


def test_a_television_rate_stays_a_fraction(prepare: Prepare) -> None:
    prepared = prepare(film(rate=Fraction(30000, 1001)))
    assert prepared.facts.frame_rate == "30000/1001"


def test_the_poster_shows_the_film_half_a_second_in(prepare: Prepare) -> None:
    prepared = prepare(film())
    with Image.open(prepared.renditions["poster"].path) as poster:
        assert poster.convert("L").getpixel((12 * 2 + 10, 30)) > 200  # type: ignore[operator]


def test_real_films_pass_with_the_facts_their_publisher_gives(prepare: Prepare) -> None:
    expected = {
        "videoalign/videos/example_1_A.mp4": (1360, 752, 126, "24/1", 5250, False),
        "videoalign/videos/example_1_B.mp4": (1280, 720, 152, "30/1", 5067, True),
        "videoalign/videos/example_2_A.mp4": (672, 384, 144, "24/1", 6000, False),
        "videoalign/videos/example_2_B.mp4": (1280, 768, 128, "24/1", 5333, False),
        "align_anything/baby.mp4": (640, 360, 146, "24000/1001", 6089, True),
    }
    for name, facts in expected.items():
        found = prepare(shared(name), expect="video").facts
        assert facts == (
            found.width,
            found.height,
            found.frames,
            found.frame_rate,
            found.duration_ms,
            found.has_audio,
        )


def _box(kind: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


HLS = b"#EXTM3U\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
BAD = {
    "playlist": (HLS, "clip.mp4 is a playlist, not a video"),
    "concat": (b"ffconcat version 1.0\nfile /etc/passwd\n", "clip.mp4 is a playlist, not a video"),
    "DASH": (b"<?xml version='1.0'?><MPD/>", "clip.mp4 is a playlist, not a video"),
    "playlist in boxes": (
        _box(b"ftyp", b"isom\0\0\0\0") + _box(b"moov", HLS) + _box(b"mdat", HLS),
        "clip.mp4 has 0 video streams, exactly one is taken",
    ),
    "HTML": (b"<html><body></body></html>", "clip.mp4 is HTML, not a video"),
    "picture": (encoded(picture(), "PNG"), "clip.mp4 is an image (PNG), not a video"),
    "MKV": (film("libx264", "matroska"), "clip.mp4 is a Matroska file that is not WebM"),
    "AVI": (film("mpeg4", "avi"), "clip.mp4 is an AVI, not a video"),
    "codec": (film("libx265", "mp4"), "clip.mp4 is coded as hevc; h264, mpeg4, vp8, vp9, av1"),
    "two films": (film(films=2), "clip.mp4 has 2 video streams, exactly one is taken"),
    "nine films": (film(films=9, frames=3), "clip.mp4 has 9 streams, at most 8"),
    "too fast": (film(rate=1000), "clip.mp4 has 1000 frames a second, at most 120"),
    "too wide": (
        film(size=(4112, 16), frames=2),
        "clip.mp4 is too large: 4112 x 16 pixels, at most 4096 a side",
    ),
    "short": (film()[:-300], "clip.mp4 is cut short or damaged"),
    "short WebM": (film("libvpx", "webm")[:-300], "clip.mp4 is cut short or damaged"),
}


@pytest.mark.parametrize("case", BAD)
def test_it_refuses_what_is_no_good_film(refuse: Refuse, case: str) -> None:
    source, reason = BAD[case]
    assert refuse(source, name="clip.mp4", expect="video").startswith(reason)


def test_it_refuses_a_film_with_frames_that_cannot_be_decoded(refuse: Refuse) -> None:
    source = bytearray(film(frames=48))
    start = source.index(b"mdat") + 1500
    source[start : start + 400] = bytes(400)
    assert "is damaged" in refuse(bytes(source), name="clip.mp4")


def test_a_film_that_lasts_too_long_is_refused_by_its_frames(refuse: Refuse) -> None:
    """One frame every 100 seconds: the header is honest, and so is the count."""
    source = film(rate=Fraction(1, 100), frames=8)
    assert refuse(source, name="clip.mp4") == "clip.mp4 lasts more than 600 seconds"
