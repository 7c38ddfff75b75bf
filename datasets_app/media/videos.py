"""Video: verified by decoding every frame, stored as H.264 in MP4 without metadata."""

from __future__ import annotations

from fractions import Fraction
from typing import BinaryIO

from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from datasets_app.media import kinds
from datasets_app.media.facts import Facts, MediaRefused
from datasets_app.media.films import FilmCopy, FilmEncode, turn_of
from datasets_app.media.kinds import Kind
from datasets_app.media.limits import Limits
from datasets_app.media.outputs import Outputs
from datasets_app.media.renditions import write_renditions
from datasets_app.media.streams import (
    VIDEO_CODECS,
    AudioCopy,
    AudioEncode,
    codec_of,
    decoded,
    open_source,
    open_target,
    the_audio,
)
from datasets_app.media.wholeness import refuse_cut_short

# What every browser plays without asking the operating system.
_PLAYABLE = ("yuv420p", "yuvj420p")
# The poster is taken this far in, in seconds: past a fade from black, still the first scene.
_POSTER_AT = 0.5
# A fraction of a rate is kept to what television uses: 30000/1001.
_MOST_DENOMINATOR = 1001


def prepare_video(source: BinaryIO, *, kind: Kind, outputs: Outputs, limits: Limits) -> Facts:
    """Verify, strip and store one video, and write its renditions.

    H.264 in 8-bit 4:2:0 from an MP4 is copied packet by packet into a new one, index in front;
    any other codec of `VIDEO_CODECS`, and a film that its container shows turned, is encoded
    once (CRF 17), and then copied like any other, so that it is unchanged when it comes back. The
    first sound is copied when it is AAC, else encoded as AAC; data, subtitles, covers and further
    sounds are dropped. Raises MediaRefused with a reason that lacks the file's name, and whatever
    PyAV raises on damaged packets.
    """
    refuse_cut_short(source, kind=kind)
    rate: Fraction | None = None
    notes: tuple[str, ...] = ()
    if not _can_be_copied(source, kind=kind, limits=limits):
        watch = _write(source, kind=kind, to=outputs.scratch, encode=True, limits=limits)
        source, kind = outputs.scratch, kinds.MP4
        rate, notes = watch.declared_rate, ("Encoded anew as H.264.",)
    watch = _write(source, kind=kind, to=outputs.stored, encode=False, rate=rate, limits=limits)
    write_renditions(_picture(watch.poster), poster=outputs.poster, preview=outputs.preview)
    return watch.facts(notes)


def _write(
    source: BinaryIO,
    *,
    kind: Kind,
    to: BinaryIO,
    encode: bool,
    limits: Limits,
    rate: Fraction | None = None,
) -> _Watch:
    """Copy or encode a whole film, decoding every frame of it either way.

    `rate` is the one that its source declared, when that is known better than by this container.
    """
    first = _first_frame(source, kind=kind, limits=limits)
    with (
        _opened(source, kind=kind, limits=limits) as container,
        open_target(to, muxer="mp4") as target,
    ):
        video, audio = _the_film(container, limits=limits), the_audio(container, limits=limits)
        rate = rate or video.average_rate
        watch = _Watch(first, rate=rate, has_audio=audio is not None, limits=limits)
        film = FilmEncode(video, target, first=first) if encode else FilmCopy(video, target)
        sound: AudioCopy | AudioEncode | None = None
        if audio is not None:
            copied = codec_of(audio) == "aac"
            sound = AudioCopy(audio, target) if copied else AudioEncode(audio, target)
        for packet, frames in decoded(container, [s for s in (video, audio) if s is not None]):
            if sound is not None and packet.stream is audio:
                sound.write(packet, frames)
            else:
                watch.see(frames)
                film.write(packet, frames)
        film.finish()
        if sound is not None:
            sound.finish()
    return watch


def _can_be_copied(source: BinaryIO, *, kind: Kind, limits: Limits) -> bool:
    first = _first_frame(source, kind=kind, limits=limits)
    with _opened(source, kind=kind, limits=limits) as container:
        h264 = codec_of(_the_film(container, limits=limits)) == "h264"
    return kind is kinds.MP4 and h264 and first.format.name in _PLAYABLE and not turn_of(first)


def _opened(source: BinaryIO, *, kind: Kind, limits: Limits) -> InputContainer:
    source.seek(0)
    return open_source(source, kind=kind, limits=limits)


def _picture(frame: VideoFrame) -> Image.Image:
    # One thread, here as everywhere: the child may start no other.
    picture: Image.Image = frame.to_image(threads=1)  # type: ignore[no-untyped-call]  # PyAV's stub
    return picture


def _first_frame(source: BinaryIO, *, kind: Kind, limits: Limits) -> VideoFrame:
    """Return the first frame, which alone knows the size, the pixel format and the turn."""
    with _opened(source, kind=kind, limits=limits) as container:
        for _, frames in decoded(container, [_the_film(container, limits=limits)]):
            for frame in frames:
                return frame  # type: ignore[no-any-return]  # PyAV types frames by stream only
    raise MediaRefused("has no picture that can be decoded")


def _the_film(container: InputContainer, *, limits: Limits) -> VideoStream:
    """Return the one film, checked against the limits; a cover picture is not one."""
    films = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if len(films) != 1:
        raise MediaRefused(f"has {len(films)} video streams, exactly one is taken")
    codec, context = codec_of(films[0]), films[0].codec_context
    if codec not in VIDEO_CODECS:
        raise MediaRefused(f"is coded as {codec}; {', '.join(VIDEO_CODECS)} are taken")
    if not 0 < max(context.width, context.height) <= limits.frame_side:
        size = f"{context.width} x {context.height}"
        raise MediaRefused(f"is too large: {size} pixels, at most {limits.frame_side} a side")
    rate = films[0].average_rate
    if rate is not None and rate > limits.frames_per_second:
        raise MediaRefused(_too_fast(rate, limits))
    return films[0]


class _Watch:
    """Sees every frame, refuses what exceeds the limits, and ends with the facts."""

    def __init__(
        self, first: VideoFrame, *, rate: Fraction | None, has_audio: bool, limits: Limits
    ) -> None:
        self.poster = first
        self._first = first
        self.declared_rate = rate
        self._has_audio = has_audio
        self._limits = limits
        self._frames = 0
        self._start = self._end = 0.0

    def see(self, frames: list[VideoFrame]) -> None:
        for frame in frames:
            if (frame.width, frame.height) != (self._first.width, self._first.height):
                raise MediaRefused("changes its size midway")
            if frame.pts is None:
                raise MediaRefused("is damaged: a frame has no time")
            if not self._frames:
                self._start = frame.time
            self._frames += 1
            self._end = max(self._end, frame.time)
            if self._end - self._start > self._limits.video_seconds:
                raise MediaRefused(f"lasts more than {self._limits.video_seconds} seconds")
            if self.poster is self._first and frame.time - self._start >= _POSTER_AT:
                self.poster = frame

    def facts(self, notes: tuple[str, ...]) -> Facts:
        rate = self._rate()
        return Facts(
            "video",
            kinds.MP4.mime,
            self._first.width,
            self._first.height,
            duration_ms=round((self._end - self._start + float(1 / rate)) * 1000),
            frames=self._frames,
            frame_rate=f"{rate.numerator}/{rate.denominator}",
            has_audio=self._has_audio,
            notes=notes,
        )

    def _rate(self) -> Fraction:
        """Return the frames a second that were seen; the declared rate when there is but one."""
        declared = self.declared_rate or Fraction(1)
        if self._frames < 2 or self._end <= self._start:
            return declared
        seen = (self._frames - 1) / (self._end - self._start)
        if seen > self._limits.frames_per_second:
            raise MediaRefused(_too_fast(seen, self._limits))
        if abs(seen / float(declared) - 1) < 0.01:
            return declared.limit_denominator(_MOST_DENOMINATOR)
        return Fraction(seen).limit_denominator(_MOST_DENOMINATOR)


def _too_fast(rate: Fraction | float, limits: Limits) -> str:
    return f"has {float(rate):.0f} frames a second, at most {limits.frames_per_second}"
