"""Sounds under the sky: rain, a bell, steps, birds, a tone against a dog."""

from __future__ import annotations

import numpy as np

from datasets_app.demo.sounds.tones import (
    Samples,
    clipped,
    fading,
    far,
    loudest,
    noise,
    put,
    silence,
    struck,
    swelling,
    times,
    tone,
)


def _drops(seconds: float, number: int, seed: int) -> Samples:
    """Drops on tin: each a short ring of its own pitch."""
    random = np.random.default_rng(seed)
    drops = silence(seconds)
    for at in np.sort(random.uniform(0, seconds - 0.1, number)):
        pitch = random.uniform(1100, 3400)
        ring = {pitch: 1.0, pitch * 2.41: 0.4}
        put(drops, struck(ring, 0.09, 0.012) * random.uniform(0.2, 1), at)
    return drops


def _rain_on_tin() -> Samples:
    hiss = noise(3.5, low=900, high=6000, seed=11) * 0.22
    rain = hiss + 0.5 * loudest(_drops(3.5, 130, seed=12))
    return loudest(rain * swelling(3.5, rise=0.4, fall=0.5), 0.45)


def _rain_that_clips() -> Samples:
    hiss = noise(3.0, low=300, high=7000, seed=13)
    hum = 0.25 * tone(50, 3.0) + 0.15 * tone(150, 3.0)
    return 0.6 * clipped(hiss * swelling(3.0, rise=0.02, fall=0.02) + hum, gain=3.2)


_BELL = {196.0: 1.0, 233.0: 0.55, 392.0: 0.7, 587.0: 0.35, 789.0: 0.2}


def _bell_far_away() -> Samples:
    bell = silence(4.0)
    for at in (0.2, 2.0):
        put(bell, struck(_BELL, 2.2, 0.5), at)
    return loudest(far(bell, seed=21) * swelling(4.0, rise=0.02, fall=0.4), 0.32)


def _bell_in_the_ear() -> Samples:
    shrill = {pitch * 3.2: loud for pitch, loud in _BELL.items()}
    bell = silence(3.0)
    for at in (0.0, 0.35, 0.5, 1.1, 1.3, 1.9, 2.0, 2.5):
        put(bell, struck(shrill, 0.9, 0.12), at)
    return 0.7 * clipped(loudest(bell), gain=1.5)


def _step(seed: int, loud: float) -> Samples:
    """A heel and a sole on small stones."""
    stones = noise(0.26, low=1200, high=5200, seed=seed) * fading(0.26, 0.05)
    random = np.random.default_rng(seed)
    for at in random.uniform(0, 0.16, 9):
        put(stones, noise(0.012, low=2000, high=7000, seed=seed + 1) * 0.8, at)
    return loudest(stones, loud) + loudest(tone(85, 0.26) * fading(0.26, 0.03), 0.25 * loud)


def _steps_on_gravel() -> Samples:
    steps = silence(3.6)
    for number in range(6):
        put(steps, _step(31 + number, 0.55 if number % 2 else 0.45), 0.15 + 0.56 * number)
    return steps


def _steps_that_stumble() -> Samples:
    steps = silence(3.2)
    for at in (0.1, 0.22, 0.31, 1.4, 1.46, 2.5, 2.58, 2.66, 2.74):
        put(steps, loudest(tone(640, 0.05) * fading(0.05, 0.01), 0.5), at)
    return steps + 0.05 * noise(3.2, low=200, high=7000, seed=39)


def _chirp(start: float, end: float, seconds: float) -> Samples:
    glide = np.linspace(start, end, times(seconds).size)
    return tone(glide, seconds) * swelling(seconds, rise=seconds / 4, fall=seconds / 3)


def _birds_at_dawn() -> Samples:
    dawn = 0.03 * noise(3.8, low=300, high=2500, seed=41)
    for at in (0.3, 0.46, 0.62, 1.9, 2.06, 2.22):
        put(dawn, 0.35 * _chirp(3300, 4600, 0.11), at)
    for at in (1.0, 2.7):
        for number, pitch in enumerate((2600, 3050, 2350)):
            put(dawn, 0.25 * _chirp(pitch, pitch * 0.92, 0.2), at + 0.22 * number)
    for at in (1.35, 1.43, 1.51, 1.59, 3.1, 3.18, 3.26):
        put(dawn, 0.16 * _chirp(5200, 4700, 0.06), at)
    return dawn


def _birds_that_beep() -> Samples:
    beeps = 0.14 * noise(3.2, low=100, high=7500, seed=42)
    for number in range(8):
        put(beeps, 0.5 * tone(2000, 0.2), 0.4 * number)
    return beeps


def _a_low_hum() -> Samples:
    hum = 0.3 * tone(130, 2.8) + 0.1 * tone(260, 2.8)
    return hum * swelling(2.8, rise=0.6, fall=0.6)


def _a_tone_that_hurts() -> Samples:
    high = tone(5600 + 500 * np.sign(tone(9, 2.8)), 2.8)
    return 0.6 * clipped(high, gain=1.4)


RAIN = (_rain_on_tin, _rain_that_clips)
BELL = (_bell_in_the_ear, _bell_far_away)
FOOTSTEPS = (_steps_on_gravel, _steps_that_stumble)
BIRDS = (_birds_that_beep, _birds_at_dawn)
DOG = (_a_low_hum, _a_tone_that_hurts)
