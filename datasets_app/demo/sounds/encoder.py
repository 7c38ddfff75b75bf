"""Samples into a FLAC file that every browser plays, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from datasets_app.demo.sounds.tones import RATE, Sound


def encode(sound: Sound, path: Path) -> None:
    """Write a sound as FLAC of one channel, nothing in it that tells when or by what.

    Its samples have 13 bits in the room of 16: what is left out nobody hears, and FLAC stores it
    as nothing.
    """
    samples = np.round(np.clip(sound(), -1, 1) * 4_095).astype(np.int16) * np.int16(8)
    with av.open(str(path), "w", format="flac", options={"fflags": "+bitexact"}) as target:
        stream = target.add_stream("flac", rate=RATE, options={"compression_level": "8"})
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = RATE
        target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
