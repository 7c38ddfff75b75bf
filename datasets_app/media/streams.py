"""FFmpeg's side of video and sound: files opened with one demuxer, streams copied or encoded."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import av
from av.audio import AudioStream
from av.audio.frame import AudioFrame
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from datasets_app.media.facts import MediaRefused
from datasets_app.media.kinds import Kind
from datasets_app.media.limits import Limits

VIDEO_CODECS = ("h264", "mpeg4", "vp8", "vp9", "av1")
PCM_CODECS = ("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le")
AUDIO_CODECS = ("aac", "mp3", "flac", "vorbis", "opus", *PCM_CODECS)
_MUXER_OPTIONS = {"mp4": {"movflags": "+faststart"}, "mp3": {"id3v2_version": "0"}}
# FFmpeg's other decoders of the same codecs.
_ALIASES = {"libdav1d": "av1", "mp3float": "mp3", "libopus": "opus"}
_DECODERS = (*VIDEO_CODECS, *AUDIO_CODECS, *_ALIASES)
# FFmpeg's own bound, where it says "out of memory"; ours, below it, says what is wrong.
_MOST_STREAMS = 100
_AAC_RATE = 48_000


def open_source(source: BinaryIO, *, kind: Kind, limits: Limits) -> InputContainer:
    """Open with the demuxer of `kind` and no other; no protocol, so nothing can name a file."""
    container = av.open(
        source,
        format=kind.decoder,
        options={
            "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,wav,mp3,flac,ogg",
            "codec_whitelist": ",".join(_DECODERS),
            "protocol_whitelist": "",
            "max_streams": str(_MOST_STREAMS),
            "enable_drefs": "0",
        },
        metadata_errors="replace",
    )
    assert isinstance(container, InputContainer)
    if len(container.streams) > limits.streams:
        count = len(container.streams)
        container.close()
        raise MediaRefused(f"has {count} streams, at most {limits.streams}")
    return container


def open_target(target: BinaryIO, *, muxer: str) -> OutputContainer:
    """Open for writing, bit-exact: no time, no name of a program, no random serial number."""
    return av.open(
        target,
        "w",
        format=muxer,
        options={"fflags": "+bitexact", **_MUXER_OPTIONS.get(muxer, {})},
        # The mp4 muxer reads its own output back in order to move the index to the front.
        io_open=lambda url, flags, opts: _Again(target),
    )


class _Again:
    """A second, independent reader of a file that is being written."""

    def __init__(self, file: BinaryIO) -> None:
        file.flush()
        self._descriptor = file.fileno()
        self._at = 0

    def read(self, size: int) -> bytes:
        data = os.pread(self._descriptor, size, self._at)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        size = os.fstat(self._descriptor).st_size
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at


class AudioCopy:
    """Writes the packets of an audio stream as they are."""

    def __init__(self, source: AudioStream, target: OutputContainer) -> None:
        self._stream = target.add_stream_from_template(source)
        self._stream.metadata.clear()
        self._target = target

    def write(self, packet: Packet[Any], frames: Iterable[AudioFrame]) -> None:
        if packet.dts is not None:
            packet.stream = self._stream
            self._target.mux(packet)

    def finish(self) -> None:
        """Nothing is held back."""


class AudioEncode:
    """Writes the frames of an audio stream as AAC, stereo at most."""

    def __init__(self, source: AudioStream, target: OutputContainer) -> None:
        layout = "mono" if source.codec_context.channels == 1 else "stereo"
        self._stream: AudioStream = target.add_stream("aac", rate=_AAC_RATE, layout=layout)
        self._stream.codec_context.bit_rate = 160_000
        self._stream.codec_context.flags |= av.codec.context.Flags.bitexact.value
        self._resampler = av.AudioResampler(format="fltp", layout=layout, rate=_AAC_RATE)
        self._target = target

    def write(self, packet: Packet[Any], frames: Iterable[AudioFrame]) -> None:
        for frame in frames:
            self._encode(self._resampler.resample(frame))

    def finish(self) -> None:
        self._encode([*self._resampler.resample(None), None])

    def _encode(self, frames: Iterable[AudioFrame | None]) -> None:
        for frame in frames:
            self._target.mux(self._stream.encode(frame))


def codec_of(stream: VideoStream | AudioStream) -> str:
    """Return the name of a stream's codec; a stream that no decoder fits has none to ask."""
    context: Any = stream.codec_context
    name: str = context.name if context is not None else "something unknown"
    return _ALIASES.get(name, name)


def the_audio(container: InputContainer, *, limits: Limits) -> AudioStream | None:
    """Return the first audio stream, checked against the limits; None where there is none."""
    stream = next(iter(container.streams.audio), None)
    if stream is None:
        return None
    codec, context = codec_of(stream), stream.codec_context
    if codec not in AUDIO_CODECS:
        raise MediaRefused(f"has sound coded as {codec}, which is not taken")
    if not 1 <= context.channels <= limits.channels:
        raise MediaRefused(f"has {context.channels} channels, at most {limits.channels}")
    if not 4_000 <= context.sample_rate <= limits.sample_rate:
        raise MediaRefused(
            f"has {context.sample_rate} samples a second; taken are 4000 to {limits.sample_rate}"
        )
    return stream


def decoded(
    container: InputContainer, streams: Iterable[Any]
) -> Iterator[tuple[Packet[Any], list[Any]]]:
    """Yield each packet in file order with its frames; each stream ends with an empty packet."""
    for stream in streams:
        stream.codec_context.thread_count = 1
        stream.codec_context.thread_type = "SLICE"
    for packet in container.demux(*streams):
        frames = packet.decode()
        if any(frame.is_corrupt for frame in frames):
            raise MediaRefused("is damaged: a frame cannot be decoded")
        yield packet, list(frames)
