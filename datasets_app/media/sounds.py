"""Sound: verified by decoding every sample, stored in its own container without metadata."""

from __future__ import annotations

import json
from array import array
from itertools import pairwise
from typing import BinaryIO

import av
from av.audio.frame import AudioFrame

from datasets_app.media import kinds
from datasets_app.media.facts import Facts, MediaRefused
from datasets_app.media.kinds import Kind
from datasets_app.media.limits import Limits
from datasets_app.media.outputs import Outputs
from datasets_app.media.streams import (
    PCM_CODECS,
    AudioCopy,
    codec_of,
    decoded,
    open_source,
    open_target,
    the_audio,
)
from datasets_app.media.wholeness import refuse_cut_short

_CODECS = {
    kinds.WAV: PCM_CODECS,
    kinds.MP3: ("mp3",),
    kinds.FLAC: ("flac",),
    kinds.OGG: ("vorbis", "opus"),
}
PEAKS = 800
_PEAK_RATE = 16_000
_WINDOW = 160  # samples: a peak for each hundredth of a second, before they are thinned out
_FULL_SCALE = 32_768


def prepare_audio(source: BinaryIO, *, kind: Kind, outputs: Outputs, limits: Limits) -> Facts:
    """Verify, strip and store one sound, and write its peaks.

    The coded samples are copied; tags, covers and whatever else goes. Raises MediaRefused with a
    reason that lacks the file's name, and whatever PyAV raises on damaged packets.
    """
    refuse_cut_short(source, kind=kind)
    with open_source(source, kind=kind, limits=limits) as container:
        audio = the_audio(container, limits=limits)
        if audio is None:
            raise MediaRefused("has no sound that can be decoded")
        codec = codec_of(audio)
        if codec not in _CODECS[kind]:
            raise MediaRefused(f"is coded as {codec}, which is not taken in {kind.title}")
        peaks, samples, rate = _Peaks(), 0, audio.codec_context.sample_rate
        with open_target(outputs.stored, muxer=kind.decoder) as target:
            sound = AudioCopy(audio, target)
            for packet, frames in decoded(container, [audio]):
                samples += sum(frame.samples for frame in frames)
                if samples > limits.audio_seconds * rate:
                    raise MediaRefused(f"lasts more than {limits.audio_seconds} seconds")
                peaks.hear(frames)
                sound.write(packet, frames)
    if not samples:
        raise MediaRefused("has no sound that can be decoded")
    duration = round(samples * 1000 / rate)
    outputs.peaks.write(peaks.document(duration).encode())
    return Facts("audio", kind.mime, duration_ms=duration, has_audio=True)


class _Peaks:
    """Collects the lowest and highest sample of each window of a sound mixed to one channel."""

    def __init__(self) -> None:
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=_PEAK_RATE)
        self._waiting = array("h")
        self._pairs: list[tuple[int, int]] = []

    def hear(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            for part in self._resampler.resample(frame):
                self._waiting.frombytes(bytes(part.planes[0])[: part.samples * 2])
        whole = len(self._waiting) // _WINDOW * _WINDOW
        self._take(self._waiting[:whole])
        del self._waiting[:whole]

    def _take(self, samples: array[int]) -> None:
        windows = (samples[at : at + _WINDOW] for at in range(0, len(samples), _WINDOW))
        self._pairs += [(min(window), max(window)) for window in windows]

    def document(self, duration: int) -> str:
        """Return {"duration_ms", "peaks": at most PEAKS pairs of lowest and highest, -1 to 1}."""
        self._take(self._waiting)
        self._waiting = array("h")
        total = len(self._pairs)
        count = min(PEAKS, total)
        edges = [total * index // count for index in range(count)] + [total] if count else []
        runs = [self._pairs[start:end] for start, end in pairwise(edges)]
        peaks = [
            [
                round(min(low for low, _ in run) / _FULL_SCALE, 3),
                round(max(high for _, high in run) / _FULL_SCALE, 3),
            ]
            for run in runs
        ]
        return json.dumps({"duration_ms": duration, "peaks": peaks}, separators=(",", ":"))
