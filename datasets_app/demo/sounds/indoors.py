"""Sounds between walls: a kettle, an alarm clock, a telephone, a music box, a fire alarm."""

from __future__ import annotations

import numpy as np

from datasets_app.demo.sounds.tones import (
    RATE,
    Samples,
    clipped,
    fading,
    loudest,
    noise,
    put,
    silence,
    square,
    struck,
    swelling,
    times,
    tone,
)


def _kettle_that_boils() -> Samples:
    at = times(4.0) / 4.0
    rumble = noise(4.0, low=120, high=1400, seed=51) * (0.1 + 0.5 * at)
    bubbling = rumble * (1 + 0.4 * tone(7, 4.0))
    pitch = 1500 + 900 * np.clip((at - 0.55) * 3, 0, 1)
    whistle = (tone(pitch, 4.0) + 0.3 * tone(2 * pitch, 4.0)) * np.clip((at - 0.55) * 2.2, 0, 1)
    return loudest(bubbling + 0.5 * whistle, 0.5) * swelling(4.0, rise=0.2, fall=0.2)


def _kettle_that_only_beeps() -> Samples:
    return 0.45 * square(2100, 2.6) * swelling(2.6, rise=0.005, fall=0.005)


def _beep(pitch: float, loud: float) -> Samples:
    return loud * tone(pitch, 0.12) * swelling(0.12, rise=0.02, fall=0.04)


def _alarm_that_wakes_gently() -> Samples:
    clock = silence(4.0)
    for call in range(4):
        for number in range(3):
            put(clock, _beep(880, 0.08 + 0.13 * call), 0.1 + call + 0.2 * number)
    return clock


def _alarm_without_warning() -> Samples:
    wail = square(900 + 500 * tone(3, 3.0), 3.0)
    return 0.7 * clipped(loudest(wail), gain=2.2)


# The keys 5, 2 and 8 of a telephone, each two tones.
_KEYS = ((770, 1336), (697, 1336), (852, 1336))


def _dial_tone_and_three_keys() -> Samples:
    line = silence(3.6)
    put(line, 0.3 * tone(425, 1.7), 0.0)
    for number, (low, high) in enumerate(_KEYS):
        put(line, 0.22 * (tone(low, 0.22) + tone(high, 0.22)), 2.0 + 0.45 * number)
    return line


def _engaged_tone_with_hum() -> Samples:
    line = 0.1 * tone(50, 3.2) + 0.05 * noise(3.2, low=300, high=3400, seed=61)
    for number in range(4):
        put(line, 0.35 * tone(425, 0.4), 0.1 + 0.8 * number)
    return line


# A slow tune of our own: pitches in hertz, half a second each.
_TUNE = (523.25, 659.25, 783.99, 659.25, 587.33, 698.46, 523.25)


def _tine(pitch: float) -> Samples:
    return struck({pitch: 1.0, pitch * 4.02: 0.3}, 1.2, 0.22)


def _music_box_that_is_slow() -> Samples:
    box = silence(4.2)
    for number, pitch in enumerate(_TUNE):
        put(box, _tine(pitch), 0.1 + 0.5 * number)
    return loudest(box, 0.5) * swelling(4.2, rise=0.01, fall=0.4)


def _music_box_that_races() -> Samples:
    box = silence(2.6)
    for number, pitch in enumerate(_TUNE * 2):
        off = 1 + 0.03 * np.sin(2.7 * number)
        put(box, _tine(pitch * off)[: round(0.17 * RATE)], 0.05 + 0.17 * number)
    return loudest(box, 0.6)


def _bell_of_a_toy() -> Samples:
    toy = silence(3.0)
    for number in range(6):
        put(toy, struck({1568.0: 1.0, 2637.0: 0.5}, 0.5, 0.08), 0.1 + 0.45 * number)
    return loudest(toy, 0.3)


def _siren_of_a_building() -> Samples:
    at = times(3.4)
    sweep = 520 + 620 * ((at / 1.1) % 1)
    siren = square(sweep, 3.4) + 0.3 * noise(3.4, low=300, high=3000, seed=71)
    return 0.7 * clipped(loudest(siren), gain=1.6) * (1 - 0.9 * fading(3.4, 0.01))


KETTLE = (_kettle_that_boils, _kettle_that_only_beeps)
ALARM_CLOCK = (_alarm_without_warning, _alarm_that_wakes_gently)
DIAL_TONE = (_dial_tone_and_three_keys, _engaged_tone_with_hum)
MUSIC_BOX = (_music_box_that_races, _music_box_that_is_slow)
FIRE_ALARM = (_bell_of_a_toy, _siren_of_a_building)
