"""Images: what is kept, what goes, and what is refused."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image, ImageChops, ImageOps

from datasets_app.media import Prepared, jpeg
from datasets_app.media.rebuilt import Damaged
from datasets_app.media.renditions import PREVIEW_KNOWS, PREVIEW_SIDE, blurred
from tests.datasets_app.media.conftest import Prepare, Refuse
from tests.datasets_app.media.corpus import (
    GPS,
    SECRET,
    animation,
    chunk,
    encoded,
    exif,
    picture,
    png_header,
    shared,
)


def long_animation(frames: int) -> bytes:
    """A GIF that says its second picture over and over."""
    two = animation("GIF", frames=2)
    second = two[two.rindex(b"\x21\xf9\x04") : -1]
    return two[:-1] + second * (frames - 2) + b";"


def _image(prepared: Prepared) -> Image.Image:
    with Image.open(prepared.stored.path) as image:
        image.load()
        return image


@pytest.mark.parametrize(
    ("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_it_keeps_every_pixel_and_the_kind(prepare: Prepare, kind: str, mime: str) -> None:
    source = encoded(picture(), kind)
    prepared = prepare(source, expect="image")
    assert (prepared.facts.mime, prepared.facts.width, prepared.facts.height) == (mime, 96, 64)
    with Image.open(io.BytesIO(source)) as image:
        assert not ImageChops.difference(image.convert("RGB"), _image(prepared)).getbbox()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_nothing_tells_where_a_picture_was_taken(prepare: Prepare, kind: str) -> None:
    source = encoded(picture(), kind, exif=exif(), icc_profile=SECRET * 9, comment=SECRET)
    assert SECRET in source
    prepared = prepare(source)
    for kept in (prepared.stored, *prepared.renditions.values()):
        assert SECRET not in kept.path.read_bytes()
        with Image.open(kept.path) as image:
            assert not image.getexif().get_ifd(GPS)
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | {
                "loop", "background", "timestamp", "duration"
            }  # fmt: skip


def test_the_source_does_tell_where_it_was_taken() -> None:
    """Without the stripping the place would be there: the test above can fail."""
    with Image.open(io.BytesIO(encoded(picture(), "JPEG", exif=exif()))) as image:
        assert image.getexif().get_ifd(GPS)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_it_turns_a_picture_upright(prepare: Prepare, kind: str, orientation: int) -> None:
    source = encoded(picture(), kind, exif=exif(orientation=orientation), quality=100)
    prepared = prepare(source)
    with Image.open(io.BytesIO(source)) as image:
        upright = ImageOps.exif_transpose(image.convert("RGB"))
    stored = _image(prepared)
    assert stored.size == upright.size == (prepared.facts.width, prepared.facts.height)
    assert stored.getexif().get(0x0112) is None
    assert _difference(stored, upright) < (40 if kind == "JPEG" else 1)
    assert "Turned upright" in prepared.facts.notes[0]


def test_what_follows_the_end_of_a_picture_is_dropped(prepare: Prepare) -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        clean = encoded(picture(), kind)
        prepared = prepare(clean + b"<script>alert(1)</script>", name="a.img")
        assert prepared.stored.digest == prepare(clean).stored.digest


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_it_keeps_the_first_frame_of_an_animation_and_says_so(prepare: Prepare, kind: str) -> None:
    source = animation(kind)
    prepared = prepare(source)
    assert prepared.facts.is_animated
    assert prepared.facts.mime == "image/png"
    assert "The first of 5 frames is kept." in prepared.facts.notes
    with Image.open(prepared.stored.path) as image:
        assert getattr(image, "n_frames", 1) == 1
        kept = image.convert("RGB")
    with Image.open(io.BytesIO(source)) as moving:
        assert not ImageChops.difference(kept, moving.convert("RGB")).getbbox()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_it_takes_every_mode_of_png(prepare: Prepare, mode: str) -> None:
    image = Image.new("I;16", (40, 30), 40_000) if mode == "I;16" else picture().convert(mode)
    prepared = prepare(encoded(image, "PNG"))
    stored = _image(prepared)
    assert stored.mode == image.mode
    assert stored.tobytes() == image.tobytes()


def test_a_transparent_palette_stays_transparent_when_turned(prepare: Prepare) -> None:
    image = picture().convert("P")
    corner = image.getpixel((0, 0))
    prepared = prepare(encoded(image, "PNG", transparency=corner, exif=exif(orientation=3)))
    alpha = _image(prepared).convert("RGBA").getchannel("A")
    assert (alpha.getpixel((95, 63)), alpha.getpixel((0, 0))) == (0, 255)


def test_a_cmyk_jpeg_becomes_rgb(prepare: Prepare) -> None:
    prepared = prepare(encoded(picture().convert("CMYK"), "JPEG"))
    assert _image(prepared).mode == "RGB"
    assert prepared.facts.notes == ("CMYK became RGB.",)


def test_sixteen_bits_are_scaled_in_the_poster_not_cut_off(prepare: Prepare) -> None:
    prepared = prepare(encoded(Image.new("I;16", (40, 30), 16_384), "PNG"))
    with Image.open(prepared.renditions["poster"].path) as poster:
        assert abs(poster.convert("L").getpixel((20, 15)) - 64) < 4  # type: ignore[operator]


def test_the_poster_is_small_and_the_picture_is_not_enlarged(prepare: Prepare) -> None:
    for size, shown in {(1600, 800): (640, 320), (96, 64): (96, 64)}.items():
        prepared = prepare(encoded(picture(*size), "PNG"))
        with Image.open(prepared.renditions["poster"].path) as poster:
            assert (poster.format, poster.size) == ("WEBP", shown)


def test_the_preview_knows_no_more_than_a_thumbnail(prepare: Prepare) -> None:
    """Two pictures that differ only in what 32 pixels cannot hold have the same preview."""
    fine, plain = Image.new("L", (640, 640)), Image.new("L", (640, 640), 128)
    fine.putdata([255 * ((at % 640 + at // 640) % 2) for at in range(640 * 640)])
    known = blurred(fine.convert("RGB"))
    assert known.size == (PREVIEW_SIDE, PREVIEW_SIDE)
    assert _difference(known, blurred(plain.convert("RGB"))) <= 2
    assert PREVIEW_KNOWS == 32
    prepared = prepare(encoded(picture(640, 480), "PNG"))
    assert prepared.renditions["preview"].size < 3000


def _difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of two pictures in any pixel, 0-255."""
    apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return max(at for at, count in enumerate(apart.convert("L").histogram()) if count)


def test_letters_in_a_real_picture_are_gone_from_its_preview(prepare: Prepare) -> None:
    """Typeset text has sharp edges; the preview has none left."""
    source = shared("figstep/images/query_ForbidQI_10_1_6.png")
    prepared = prepare(source)
    with Image.open(source) as sharp, Image.open(prepared.renditions["preview"].path) as soft:
        assert _steepest(sharp) > 150
        assert _steepest(soft) < 12


def _steepest(image: Image.Image) -> int:
    """The largest step from one pixel to the next on the right."""
    grey = image.convert("L")
    width, height = grey.size
    left, right = grey.crop((0, 0, width - 1, height)), grey.crop((1, 0, width, height))
    return int(ImageChops.difference(left, right).getextrema()[1])  # type: ignore[arg-type]


def test_real_pictures_pass_bit_for_bit(prepare: Prepare) -> None:
    names = [f"imagereward/{number}.webp" for number in range(1, 5)]
    names += [f"align_anything/images/{name}.jpg" for name in ("baking", "bathroom", "pizza")]
    for name in names:
        prepared = prepare(shared(name), expect="image")
        with Image.open(shared(name)) as source:
            assert (prepared.facts.width, prepared.facts.height) == source.size
            assert _image(prepared).tobytes() == source.convert(_image(prepared).mode).tobytes()


def test_fifty_typeset_pictures_pass(prepare: Prepare) -> None:
    folder = shared("figstep/images")
    digests = {prepare(path).stored.digest for path in sorted(folder.glob("*.png"))}
    assert len(digests) == 50


BAD = {
    "HTML": (b"<!DOCTYPE html><html><body>hello</body></html>", "photo.png is HTML, not an image"),
    "SVG": (b"<?xml version='1.0'?><svg onload='x()'/>", "photo.png is an SVG, not an image"),
    "TIFF": (encoded(picture(), "TIFF"), "photo.png is a TIFF, not an image"),
    "BMP": (encoded(picture(), "BMP"), "photo.png is a BMP, not an image"),
    "EPS": (encoded(picture(), "EPS"), "photo.png is PostScript, not an image"),
    "AVIF": (b"\0\0\0\x20ftypavif" + bytes(40), "photo.png is an AVIF, not an image"),
    "HEIC": (b"\0\0\0\x20ftypheic" + bytes(40), "photo.png is a HEIC, not an image"),
    "LFS": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
        "photo.png is a Git LFS pointer without its file, not an image",
    ),
    "text": (b"just some words", "photo.png is text, not an image"),
    "huge": (
        png_header(100_000, 100_000),
        "photo.png is too large: 100000 x 100000 pixels, at most 50 megapixels",
    ),
    "13k": (
        encoded(Image.new("1", (13_000, 13_000)), "PNG"),
        "photo.png is too large: 13000 x 13000 pixels, at most 50 megapixels",
    ),
    "no pixels": (png_header(0, 5), "photo.png has no pixels: 0 x 5"),
    "bomb of frames": (
        long_animation(9000),
        "photo.png is too large: 96 x 64 pixels x 9000 frames, at most 50 megapixels",
    ),
    "bomb of claimed frames": (
        png_header(96, 64).replace(
            chunk(b"IEND", b""), chunk(b"acTL", b"\x7f\0\0\0" + bytes(4)) + chunk(b"IEND", b"")
        ),
        "photo.png is too large: 96 x 64 pixels x 2130706432 frames, at most 50 megapixels",
    ),
    "too few pixels": (
        png_header(96, 64),
        "photo.png is damaged or cut short: image file is truncated",
    ),
    "short JPEG": (encoded(picture(), "JPEG")[:-200], "photo.png is cut short"),
    "JPEG without scans": (b"\xff\xd8\xff\xd9", "photo.png is"),
    "short PNG": (encoded(picture(), "PNG")[:-20], "photo.png is cut short"),
    "short WebP": (encoded(picture(), "WEBP")[:-20], "photo.png is cut short"),
    "wrong checksum": (
        encoded(picture(), "PNG").replace(b"IDATx", b"IDATy"),
        "photo.png is damaged: wrong checksum",
    ),
    "ZIP as well": (
        encoded(picture(), "GIF") + b"PK\x05\x06" + bytes(18),
        "photo.png is two files in one: it is a ZIP archive as well",
    ),
    "PDF as well": (
        encoded(picture(), "JPEG", comment=b"%PDF-1.7"),
        "photo.png is two files in one: it is a PDF as well",
    ),
    "a film": (b"\0\0\0\x18ftypisom" + bytes(40), "photo.png is a video (MP4), not an image"),
}


@pytest.mark.parametrize("case", BAD)
def test_it_refuses_what_is_no_good_picture(refuse: Refuse, case: str) -> None:
    source, reason = BAD[case]
    assert refuse(source, name="photo.png", expect="image").startswith(reason)


def test_it_refuses_a_jpeg_of_a_thousand_scans() -> None:
    """Each scan is a pass over the whole picture, and costs the sender a few bytes."""
    whole = encoded(picture(), "JPEG", progressive=True)
    at = whole.index(b"\xff\xda")
    end = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]").search(whole, at + 2)
    assert end is not None
    scan = whole[at : end.start()]
    with pytest.raises(Damaged, match="more than 100 scans"):
        jpeg.rebuild(whole[:at] + scan * 1000 + whole[end.start() :])
    assert jpeg.rebuild(whole).width == 96
