"""Does each kind of work once, on content of our own, while files can still be opened.

Pillow, PyAV and Python import much of themselves only when it is first used. In a confined
process that would fail, and a good file would be refused for it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO, cast

import av
from av.video.stream import VideoStream
from PIL import Image

from datasets_app.media import kinds
from datasets_app.media.images import prepare_image
from datasets_app.media.limits import Limits
from datasets_app.media.outputs import ROLES, Outputs
from datasets_app.media.sounds import prepare_audio
from datasets_app.media.videos import prepare_video

# Wide and low: a preview is so many pixels wide whatever it shows, and takes longest.
_WIDTH, _HEIGHT = 128, 8
_RATE = 16_000


def rehearse(limits: Limits) -> None:
    """Prepare a still image of each kind, a film that is copied, one that is encoded, a sound."""
    Image.init()
    for kind in (kinds.PNG, kinds.JPEG, kinds.WEBP, kinds.GIF):
        with tempfile.TemporaryFile() as file, _outputs() as outputs:
            Image.new("RGB", (_WIDTH, _HEIGHT)).save(file, format=kind.decoder)
            file.seek(0)
            prepare_image(file, kind=kind, outputs=outputs, limits=limits)
    for encoder in ("libx264", "mpeg4"):
        with tempfile.TemporaryFile() as file, _outputs() as outputs:
            _film(file, encoder=encoder)
            prepare_video(file, kind=kinds.MP4, outputs=outputs, limits=limits)
    with tempfile.TemporaryFile() as file, _outputs() as outputs:
        _sound(file)
        prepare_audio(file, kind=kinds.WAV, outputs=outputs, limits=limits)


@contextmanager
def _outputs() -> Iterator[Outputs]:
    with ExitStack() as stack:
        yield Outputs(*(stack.enter_context(tempfile.TemporaryFile()) for _ in ROLES))


def _film(file: BinaryIO, *, encoder: str) -> None:
    with av.open(file, "w", format="mp4") as container:
        stream = cast(VideoStream, container.add_stream(encoder, rate=25, options={"threads": "1"}))
        stream.width, stream.height = _WIDTH, _HEIGHT
        stream.pix_fmt = "yuv420p"
        for _ in range(2):
            container.mux(stream.encode(av.VideoFrame(_WIDTH, _HEIGHT, "yuv420p")))
        container.mux(stream.encode(None))
    file.flush()


def _sound(file: BinaryIO) -> None:
    """Write a tenth of a second of silence."""
    samples = bytes(2 * _RATE // 10)
    header = (
        b"RIFF"
        + (36 + len(samples)).to_bytes(4, "little")
        + b"WAVEfmt "
        + (16).to_bytes(4, "little")
        + bytes((1, 0, 1, 0))
        + _RATE.to_bytes(4, "little")
        + (2 * _RATE).to_bytes(4, "little")
        + bytes((2, 0, 16, 0))
        + b"data"
        + len(samples).to_bytes(4, "little")
    )
    file.write(header + samples)
    file.flush()
    file.seek(0)
