"""The sounds of the demo: for each prompt two, by the name that its pair gives them."""

from __future__ import annotations

from datasets_app.demo.sounds import indoors, outdoors
from datasets_app.demo.sounds.tones import Sound

SOUNDS: dict[str, tuple[Sound, Sound]] = {
    "alarm-clock": indoors.ALARM_CLOCK,
    "bell": outdoors.BELL,
    "birds": outdoors.BIRDS,
    "dial-tone": indoors.DIAL_TONE,
    "dog": outdoors.DOG,
    "fire-alarm": indoors.FIRE_ALARM,
    "footsteps": outdoors.FOOTSTEPS,
    "kettle": indoors.KETTLE,
    "music-box": indoors.MUSIC_BOX,
    "rain": outdoors.RAIN,
}
