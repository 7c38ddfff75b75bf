"""Media made on the spot: good ones of every kind, and bad ones that look like them."""

from __future__ import annotations

import io
import os
import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from PIL import Image, ImageDraw

SECRET = b"48.8584 N 2.2945 E secret"
ORIENTATION, GPS = 0x0112, 0x8825


def picture(width: int = 96, height: int = 64) -> Image.Image:
    """A picture whose four corners differ, so that turning it shows."""
    image = Image.new("RGB", (width, height), (20, 30, 60))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 3, height // 3), fill=(250, 80, 40))
    draw.rectangle((width * 2 // 3, 0, width, height // 3), fill=(40, 200, 90))
    draw.rectangle((0, height * 2 // 3, width // 3, height), fill=(240, 240, 60))
    return image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a picture in a format of Pillow's, with its options."""
    file = io.BytesIO()
    image.save(file, format=kind, **options)
    return file.getvalue()


def exif(*, orientation: int = 1) -> Image.Exif:
    """EXIF that tells where the picture was taken, and which way is up."""
    block = Image.Exif()
    block[ORIENTATION] = orientation
    block[0x010E] = SECRET.decode()
    block[GPS] = {1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)}
    return block


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims any size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + chunk(b"IEND", b"")
    )


def animation(kind: str, *, frames: int = 5) -> bytes:
    """A moving picture that begins with `picture()`."""
    later = [Image.new("RGB", (96, 64), (index * 9 % 256, 90, 0)) for index in range(1, frames)]
    return encoded(picture(), kind, save_all=True, append_images=later, duration=40)


def film(
    codec: str = "libx264",
    container: str = "mp4",
    *,
    size: tuple[int, int] = (96, 64),
    frames: int = 24,
    rate: int | Fraction = 24,
    pixels: str = "yuv420p",
    turned: int = 0,
    sound: str = "",
    films: int = 1,
    metadata: bool = False,
) -> bytes:
    """A film of a moving disc, with whatever it is to have."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as target:
        if metadata:
            target.metadata.update({"comment": SECRET.decode(), "title": "<script>"})
        streams = [_film_stream(target, codec, size, rate, pixels, turned) for _ in range(films)]
        audio = (
            cast(AudioStream, target.add_stream(sound, rate=48_000, layout="stereo"))
            if sound
            else None
        )
        for index in range(frames):
            image = picture(*size)
            ImageDraw.Draw(image).ellipse((index * 2, 20, index * 2 + 20, 40), fill="white")
            for stream in streams:
                target.mux(stream.encode(_frame(image)))
        for stream in streams:
            target.mux(stream.encode(None))
        if audio is not None:
            _write_tone(target, audio, seconds=float(frames / rate))
    return file.getvalue()


def _frame(image: Image.Image) -> av.VideoFrame:
    return av.VideoFrame.from_image(image)  # type: ignore[no-any-return, no-untyped-call]


def _film_stream(
    target: Any, codec: str, size: tuple[int, int], rate: int | Fraction, pixels: str, turned: int
) -> VideoStream:
    stream: VideoStream = target.add_stream(codec, rate=rate, options={"threads": "1"})
    stream.width, stream.height = size
    stream.pix_fmt = pixels
    if turned:
        stream.set_display_rotation(turned)
    return stream


def sound(codec: str, container: str, *, seconds: float = 1.0, rate: int = 48_000) -> bytes:
    """A tone that swells, with a title that tells too much."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as target:
        target.metadata["title"] = SECRET.decode()
        stream = cast(
            AudioStream,
            target.add_stream(codec, rate=rate, layout="stereo", options={"strict": "-2"}),
        )
        _write_tone(target, stream, seconds=seconds)
    return file.getvalue()


def _write_tone(target: Any, stream: AudioStream, *, seconds: float) -> None:
    rate = stream.codec_context.sample_rate
    total = round(seconds * rate)
    wave = b"".join(
        struct.pack("<h", (at % 100 - 50) * 400 * at // total) * 2 for at in range(total)
    )
    frame = av.AudioFrame(format="s16", layout="stereo", samples=total)
    frame.planes[0].update(wave.ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate, frame.pts = rate, 0
    context = stream.codec_context
    resampler = av.AudioResampler(
        format=context.format, layout="stereo", rate=rate, frame_size=context.frame_size or None
    )
    for part in (*resampler.resample(frame), *resampler.resample(None)):
        target.mux(stream.encode(part))
    target.mux(stream.encode(None))


def wav(*, samples: int = 800, rate: int = 8000, channels: int = 1, declared: int = -1) -> bytes:
    """Silence; `declared` is what the header says of its length in bytes."""
    data = bytes(2 * channels * samples)
    block = 2 * channels
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(data))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * block, block, 16)
        + b"data"
        + struct.pack("<I", len(data) if declared < 0 else declared)
        + data
    )


def shared(path: str) -> Path:
    """A file of the shared data; skips the test where it is absent."""
    root = Path(os.environ.get("CASTOR_SHARED_DATA", "../shared/data"))
    if not (root / path).exists():
        pytest.skip(f"no {path} in {root}; set CASTOR_SHARED_DATA")
    return root / path
