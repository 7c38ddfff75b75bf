"""Sounds: what is kept, how their peaks are drawn, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest

from datasets_app.media import Limits, MediaChild, MediaRefused
from tests.datasets_app.media.conftest import Prepare, Refuse
from tests.datasets_app.media.corpus import SECRET, film, shared, sound, wav

KINDS = {
    "wav": ("pcm_s16le", "audio/wav"),
    "mp3": ("libmp3lame", "audio/mpeg"),
    "flac": ("flac", "audio/flac"),
    "ogg": ("libopus", "audio/ogg"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_keeps_the_samples_and_drops_the_tags(prepare: Prepare, kind: str) -> None:
    codec, mime = KINDS[kind]
    source = sound(codec, kind)
    assert SECRET in source
    prepared = prepare(source, expect="audio")
    assert (prepared.facts.mime, prepared.facts.has_audio) == (mime, True)
    assert 990 <= (prepared.facts.duration_ms or 0) <= 1060
    assert prepared.facts.width is None
    stored = prepared.stored.path.read_bytes()
    assert SECRET not in stored
    assert b"Lavf6" not in stored, "no version of a program"
    with av.open(str(prepared.stored.path)) as container:
        assert container.streams.audio[0].codec_context.name in (kind, codec, "opus", "mp3float")


def test_the_peaks_follow_the_sound(prepare: Prepare) -> None:
    prepared = prepare(sound("flac", "flac", seconds=12.0))
    document = json.loads(prepared.renditions["peaks"].path.read_text())
    peaks = document["peaks"]
    assert document["duration_ms"] == 12_000
    assert len(peaks) == 800
    assert all(-1 <= low <= high <= 1 for low, high in peaks)
    assert peaks[10][1] < peaks[400][1] < peaks[790][1], "the tone swells"
    assert set(prepared.renditions) == {"peaks"}


def test_a_short_sound_has_as_many_peaks_as_it_has_hundredths(prepare: Prepare) -> None:
    prepared = prepare(wav(samples=1600))
    assert len(json.loads(prepared.renditions["peaks"].path.read_text())["peaks"]) == 20


def test_real_sounds_pass(prepare: Prepare) -> None:
    for name, duration in {"drum": 2669, "laugh": 8856}.items():
        prepared = prepare(shared(f"align_anything/audio/{name}.wav"), expect="audio")
        assert prepared.facts.duration_ms == duration


BAD = {
    "no samples": (wav(samples=0), "sound.wav has no sound that can be decoded"),
    "lies": (
        wav(declared=4_000_000_000),
        "sound.wav is cut short or damaged: it declares 4000000000 bytes",
    ),
    "channels": (wav(channels=64), "sound.wav has 64 channels, at most 8"),
    "rate": (wav(rate=400_000), "sound.wav has 400000 samples a second; taken are 4000 to"),
    "codec": (sound("adpcm_ms", "wav"), "sound.wav has sound coded as adpcm_ms, which"),
    "short Ogg": (sound("libopus", "ogg")[:-40], "sound.wav is cut short or damaged"),
    "short FLAC": (sound("flac", "flac")[:-40], "sound.wav is damaged or cut short"),
    "huge tag": (
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(2000),
        "sound.wav is damaged or cut short",
    ),
    "film": (film(), "sound.wav is a video (MP4), not an audio file"),
    "HTML": (b"<html><body></body></html>", "sound.wav is HTML, not an audio file"),
    "playlist": (
        b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1/a.wav\n",
        "sound.wav is a playlist, not an audio file",
    ),
    "MIDI": (b"MThd\0\0\0\6" + bytes(60), "sound.wav is of an unknown kind, not an audio file"),
}


@pytest.mark.parametrize("case", BAD)
def test_it_refuses_what_is_no_good_sound(refuse: Refuse, case: str) -> None:
    source, reason = BAD[case]
    assert refuse(source, name="sound.wav", expect="audio").startswith(reason)


def test_a_sound_without_end_is_given_up(tmp_path: Path) -> None:
    source = tmp_path / "sound.wav"
    source.write_bytes(wav(samples=4_000 * 3, rate=4_000))
    with (
        MediaChild(limits=Limits(audio_seconds=2)) as child,
        pytest.raises(MediaRefused, match=r"sound\.wav lasts more than 2 seconds"),
    ):
        child.inspect(source, expect="audio")
