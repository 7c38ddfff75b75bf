"""The two ways a film reaches its MP4: packets copied as they are, or frames encoded once."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from av.container import OutputContainer
from av.filter import Graph
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from datasets_app.media.facts import MediaRefused

# By the angle that a frame asks to be turned counterclockwise, as players obey it.
_TURNS = {
    0: (),
    90: (("transpose", "cclock"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "clock"),),
}
# 4:2:0 needs even sides; the odd last column or row goes.
_EVEN = (("crop", "trunc(iw/2)*2:trunc(ih/2)*2:0:0"), ("format", "yuv420p"))
_X264 = {
    "crf": "17",
    "preset": "medium",
    # More would depend on the machine, and the child may start none.
    "threads": "1",
    # Its macroblock tree reads memory that nobody wrote: the same film gave other bytes each time.
    "mbtree": "0",
}
_USUAL_RATE = Fraction(25)


def turn_of(frame: VideoFrame) -> int:
    """Return by how many degrees counterclockwise a frame is to be shown turned, 0-270."""
    turn = frame.rotation % 360
    if turn not in _TURNS:
        raise MediaRefused(f"is to be shown turned by {turn} degrees; only quarter turns are taken")
    return turn


class FilmCopy:
    """Writes the packets of a film as they are."""

    def __init__(self, source: VideoStream, target: OutputContainer) -> None:
        self._stream = target.add_stream_from_template(source)
        self._stream.metadata.clear()
        self._target = target

    def write(self, packet: Packet[Any], frames: Iterable[VideoFrame]) -> None:
        if packet.dts is not None:
            packet.stream = self._stream
            self._target.mux(packet)

    def finish(self) -> None:
        """Nothing is held back."""


class FilmEncode:
    """Writes the frames of a film as H.264, upright, with the times they had."""

    def __init__(self, source: VideoStream, target: OutputContainer, *, first: VideoFrame) -> None:
        width, height = shown_size(first)
        self._stream: VideoStream = target.add_stream(
            "libx264",
            rate=source.average_rate or _USUAL_RATE,
            options=_X264,
        )
        # Set before anything is written: a sound that comes first would fix them by writing.
        context = self._stream.codec_context
        context.width, context.height = width // 2 * 2, height // 2 * 2
        context.pix_fmt = "yuv420p"
        assert source.time_base is not None, "a demuxed stream always has one"
        context.time_base = source.time_base
        self._graph = _graph(first, time_base=source.time_base)
        self._target = target

    def write(self, packet: Packet[Any], frames: Iterable[VideoFrame]) -> None:
        for frame in frames:
            self._graph.vpush(frame)
            self._encode(self._graph.vpull())

    def finish(self) -> None:
        self._encode(None)

    def _encode(self, frame: VideoFrame | None) -> None:
        if frame is not None:
            frame.pict_type = 0  # The source's key frames are not ours.
        self._target.mux(self._stream.encode(frame))


def shown_size(frame: VideoFrame) -> tuple[int, int]:
    """Return width and height as a player shows them, turned."""
    sideways = turn_of(frame) in (90, 270)
    return (frame.height, frame.width) if sideways else (frame.width, frame.height)


def _graph(first: VideoFrame, *, time_base: Fraction) -> Graph:
    graph = Graph()
    graph.threads = 1
    graph.link_nodes(
        graph.add_buffer(
            width=first.width, height=first.height, format=first.format, time_base=time_base
        ),
        *(graph.add(name, args or None) for name, args in (*_TURNS[turn_of(first)], *_EVEN)),
        graph.add("buffersink"),
    ).configure()
    return graph
