"""Frames into an MP4 that every browser plays, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import av

from datasets_app.demo.films.stage import HEIGHT, RATE, WIDTH, Film

_X264 = {
    "crf": "20",
    "preset": "veryfast",
    # One thread and no macroblock tree: the latter reads memory that it never wrote.
    "threads": "1",
    "mbtree": "0",
}


def encode(film: Film, path: Path) -> None:
    """Write a film as H.264, index in front, nothing in it that tells when or by what."""
    with av.open(
        str(path), "w", format="mp4", options={"movflags": "+faststart", "fflags": "+bitexact"}
    ) as target:
        stream = target.add_stream("libx264", rate=RATE, options=_X264)
        stream.width, stream.height = WIDTH, HEIGHT
        stream.pix_fmt = "yuv420p"
        for picture in film.frames():
            # One thread here too: scaling in several has no need to be the same each time.
            frame: av.VideoFrame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]  # PyAV's stub
            target.mux(stream.encode(frame.reformat(format="yuv420p", threads=1)))
        target.mux(stream.encode(None))
