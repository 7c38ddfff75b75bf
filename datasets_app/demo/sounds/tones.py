"""What sounds are made of: tones, noise, strokes and envelopes, as arrays of samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

# Samples a second, of one channel; a sample lies in -1 … 1.
RATE = 16_000
Samples: TypeAlias = "NDArray[np.float64]"
Sound = Callable[[], Samples]


def silence(seconds: float) -> Samples:
    """So long nothing."""
    return np.zeros(round(seconds * RATE))


def times(seconds: float) -> Samples:
    """The moment of each sample, in seconds from 0."""
    return np.arange(round(seconds * RATE)) / RATE


def tone(hertz: float | Samples, seconds: float) -> Samples:
    """A sine; `hertz` may be one number for each sample."""
    cycles = np.cumsum(np.broadcast_to(hertz, times(seconds).shape)) / RATE
    return np.sin(2 * np.pi * cycles)


def square(hertz: float | Samples, seconds: float) -> Samples:
    """A harsh tone: the first odd overtones of a sine, as far as they can be heard."""
    return sum((tone(np.multiply(hertz, n), seconds) / n for n in (1, 3, 5)), silence(seconds))


def noise(seconds: float, *, low: float, high: float, seed: int) -> Samples:
    """Noise between two pitches in hertz, loudest sample 1; the same each time for a seed."""
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    spectrum = np.fft.rfft(white)
    pitch = np.fft.rfftfreq(white.size, 1 / RATE)
    # Soft edges: a filter that ends at once rings.
    shape = 1 / (1 + (low / np.maximum(pitch, 1)) ** 4) / (1 + (pitch / high) ** 4)
    return loudest(np.fft.irfft(spectrum * shape, white.size))


def fading(seconds: float, half: float) -> Samples:
    """An envelope that begins at 1 and is halved every `half` seconds."""
    return np.asarray(0.5 ** (times(seconds) / half))


def swelling(seconds: float, *, rise: float, fall: float) -> Samples:
    """An envelope that rises from 0, stays at 1 and falls to 0 again; in seconds."""
    at = times(seconds)
    return np.clip(np.minimum(at / rise, (seconds - at) / fall), 0, 1)


def put(sound: Samples, part: Samples, at: float) -> None:
    """Add a part to a sound from a moment on; what reaches beyond its end is cut off."""
    start = round(at * RATE)
    end = min(start + part.size, sound.size)
    sound[start:end] += part[: end - start]


def struck(partials: dict[float, float], seconds: float, half: float) -> Samples:
    """Something that is struck and rings: {pitch: loudness}; the high ones fade sooner."""
    lowest = min(partials)
    rings = (
        loud * tone(pitch, seconds) * fading(seconds, half * lowest / pitch)
        for pitch, loud in partials.items()
    )
    return sum(rings, silence(seconds))


def far(sound: Samples, *, seed: int, seconds: float = 1.0) -> Samples:
    """The sound from far away: dull, with the echo of the land."""
    echo = noise(seconds, low=80, high=900, seed=seed) * fading(seconds, seconds / 6)
    size = sound.size + echo.size
    echoed = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(echo, size), size)
    return loudest(0.5 * loudest(sound) + loudest(echoed[: sound.size]))


def clipped(sound: Samples, *, gain: float) -> Samples:
    """The sound recorded much too loud: everything above full scale is cut off."""
    return np.clip(sound * gain, -0.98, 0.98)


def loudest(sound: Samples, peak: float = 1.0) -> Samples:
    """The sound made so loud that its loudest sample is `peak`."""
    return sound * (peak / max(float(np.abs(sound).max()), 1e-9))
