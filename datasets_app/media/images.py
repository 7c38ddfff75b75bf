"""Still images: verified by decoding every pixel, stored without metadata, the right way up."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from datasets_app.media import jpeg, kinds, png, webp
from datasets_app.media.facts import Facts, MediaRefused
from datasets_app.media.kinds import Kind
from datasets_app.media.limits import Limits
from datasets_app.media.outputs import Outputs
from datasets_app.media.rebuilt import Damaged, Rebuilt
from datasets_app.media.renditions import write_renditions

# Pillow's modes that PNG can hold as they are.
_PNG_MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def prepare_image(source: BinaryIO, *, kind: Kind, outputs: Outputs, limits: Limits) -> Facts:
    """Verify, strip and store one image, and write its renditions.

    The stored pixels are those of the source bit for bit, in its own container rebuilt, except
    where a picture must be turned upright, is CMYK, or moves: then it is encoded once, JPEG at
    quality 95 without chroma subsampling, everything else as PNG. Raises MediaRefused with a
    reason that lacks the file's name, and whatever Pillow raises on damaged pixels.
    """
    try:
        rebuilt = _REBUILDERS[kind](source.read())
    except Damaged as damage:
        raise MediaRefused(str(damage)) from damage
    _refuse_too_large(rebuilt, limits)
    with _opened(rebuilt, kind) as opened:
        if opened.size != (rebuilt.width, rebuilt.height):
            raise MediaRefused("is damaged: its header and its pixels disagree on the size")
        frames = max(rebuilt.frames, getattr(opened, "n_frames", 1))
        _refuse_too_large(rebuilt, limits, frames=frames)
        opened.seek(0)
        opened.load()
        picture, mime, notes = _stored(opened, rebuilt, kind=kind, to=outputs.stored)
        write_renditions(picture, poster=outputs.poster, preview=outputs.preview)
    if frames > 1:
        notes.append(f"The first of {frames} frames is kept.")
    width, height = picture.size
    return Facts("image", mime, width, height, frames=1, is_animated=frames > 1, notes=tuple(notes))


def _opened(rebuilt: Rebuilt, kind: Kind) -> Image.Image:
    try:
        return Image.open(io.BytesIO(rebuilt.data), formats=[kind.decoder])
    except UnidentifiedImageError as error:
        raise MediaRefused("is damaged: no picture can be made of it") from error


def _refuse_too_large(rebuilt: Rebuilt, limits: Limits, *, frames: int = 1) -> None:
    width, height = rebuilt.width, rebuilt.height
    frames = max(frames, rebuilt.frames)
    if not width or not height:
        raise MediaRefused(f"has no pixels: {width} x {height}")
    if width * height * frames > limits.pixels:
        times = f" x {frames} frames" if frames > 1 else ""
        most = f"{limits.pixels / 1e6:g} megapixels"
        raise MediaRefused(f"is too large: {width} x {height} pixels{times}, at most {most}")


def _stored(
    opened: Image.Image, rebuilt: Rebuilt, *, kind: Kind, to: BinaryIO
) -> tuple[Image.Image, str, list[str]]:
    """Write the bytes to keep; return the picture as stored, its type and what was changed."""
    turn = _TURNS.get(rebuilt.orientation)
    if turn is None and not rebuilt.must_encode:
        to.write(rebuilt.data)
        return opened, kind.mime, []
    notes = []
    picture: Image.Image = opened
    if picture.mode == "CMYK":
        picture = picture.convert("RGB")
        notes.append("CMYK became RGB.")
    if turn is not None:
        picture = picture.transpose(turn)
        notes.append("Turned upright, as its EXIF asked.")
    # Pillow writes what it finds here: a colour profile, a comment, a resolution.
    picture.info = {key: value for key, value in picture.info.items() if key == "transparency"}
    if kind is kinds.JPEG:
        picture.save(to, format="JPEG", quality=95, subsampling=0)
        return picture, kind.mime, notes
    if picture.mode not in _PNG_MODES:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    picture.save(to, format="PNG", compress_level=6)
    if kind is not kinds.PNG:
        notes.append(f"{kind.title} became PNG.")
    return picture, kinds.PNG.mime, notes


def _gif(data: bytes) -> Rebuilt:
    """Return a GIF as it came; its first frame is always encoded anew."""
    if len(data) < 13:
        raise Damaged("is cut short")
    width, height = (int.from_bytes(data[at : at + 2], "little") for at in (6, 8))
    return Rebuilt(data, width, height, must_encode=True)


_REBUILDERS: dict[Kind, Callable[[bytes], Rebuilt]] = {
    kinds.JPEG: jpeg.rebuild,
    kinds.PNG: png.rebuild,
    kinds.WEBP: webp.rebuild,
    kinds.GIF: _gif,
}
