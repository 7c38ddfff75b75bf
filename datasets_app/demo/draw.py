"""Makes the demo's content in a folder: `python -m datasets_app.demo.draw --to DIR`.

    DIR/pku_saferlhf/train.jsonl                 PKU-SafeRLHF's columns, without labels
    DIR/beavertails_v/rows.jsonl, images/…png    BeaverTails-V's columns, without labels
    DIR/safesora/config.json, videos/…/….mp4     SafeSora's pairs, without preferences
    DIR/align_anything_t2a/rows.jsonl, audios/…flac   Align-Anything's text-to-audio, unrated

The same bytes each time. What is there already is made again in place.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from datasets_app.demo.content import CONTENT
from datasets_app.demo.films import FILMS
from datasets_app.demo.films.encoder import encode
from datasets_app.demo.pictures import PICTURES
from datasets_app.demo.sounds import SOUNDS
from datasets_app.demo.sounds.encoder import encode as write_sound

FOLDERS = {
    "pku_saferlhf": "train.jsonl",
    "beavertails_v": "rows.jsonl",
    "safesora": "config.json",
    "align_anything_t2a": "rows.jsonl",
}


def draw(to: Path) -> dict[str, Path]:
    """Write everything below `to`; return the path to load for each protocol.

    A folder that exists under one of the names is replaced as a whole, once the new one is
    complete, so that a reader never meets half of one.
    """
    to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".drawing-", dir=to) as scratch:
        work = Path(scratch)
        _texts(work / "pku_saferlhf")
        _what_is_seen_and_heard(work)
        for name in FOLDERS:
            shutil.rmtree(to / name, ignore_errors=True)
            (work / name).rename(to / name)
    return {name: to / name / file for name, file in FOLDERS.items()}


def _texts(folder: Path) -> None:
    folder.mkdir()
    shutil.copyfile(CONTENT / "text_pairs.jsonl", folder / FOLDERS["pku_saferlhf"])


def _what_is_seen_and_heard(work: Path) -> None:
    images, films, sounds = (work / name for name in FOLDERS if name != "pku_saferlhf")
    for folder in (images / "images", films, sounds / "audios"):
        folder.mkdir(parents=True)
    shutil.copyfile(CONTENT / "image_pairs.jsonl", images / FOLDERS["beavertails_v"])
    shutil.copyfile(CONTENT / "sound_pairs.jsonl", sounds / FOLDERS["align_anything_t2a"])
    pairs = json.loads((CONTENT / "film_pairs.json").read_text(encoding="utf-8"))
    config = [_pair(pair) for pair in pairs]
    (films / FOLDERS["safesora"]).write_text(
        json.dumps(config, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    # Films first: they take longest, and a short job at the end leaves no core idle.
    # Spawned, not forked: whoever calls may hold connections that a fork would share.
    cores = min(4, os.cpu_count() or 1)
    with ProcessPoolExecutor(max_workers=cores, mp_context=get_context("spawn")) as pool:
        jobs = [
            pool.submit(_film, video["film"], video["variant"], films / _video_path(pair, video))
            for pair in pairs
            for video in pair["videos"]
        ]
        jobs += [
            pool.submit(_picture, name, images / "images" / f"{name}.png") for name in PICTURES
        ]
        jobs += [pool.submit(_both_sounds, name, sounds / "audios") for name in SOUNDS]
        for job in jobs:
            job.result()


def _picture(name: str, path: Path) -> None:
    PICTURES[name]().finished().save(path, format="PNG", compress_level=6)


def _film(name: str, variant: int, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    encode(FILMS[name][variant], path)


def _both_sounds(name: str, folder: Path) -> None:
    for variant, sound in enumerate(SOUNDS[name]):
        write_sound(sound, folder / f"{name}-{variant}.flac")


def _pair(pair: dict[str, Any]) -> dict[str, Any]:
    """Return SafeSora's record of a pair; nobody has judged it, so the preferences are null."""
    prompt = {
        key: pair[key] for key in ("prompt_id", "prompt_text", "prompt_type", "prompt_labels")
    }
    videos = {
        f"video_{number}": {
            **{key: prompt[key] for key in ("prompt_id", "prompt_text", "prompt_type")},
            **{key: video[key] for key in ("video_id", "video_text", "generated_from")},
            "video_path": _video_path(pair, video),
        }
        for number, video in enumerate(pair["videos"])
    }
    dimensions = ("instruction_following", "correctness", "information", "aesthetics")
    return {
        "pair_id": pair["pair_id"],
        **prompt,
        **videos,
        "helpfulness": None,
        "harmlessness": None,
        "sub_preferences": dict.fromkeys(dimensions),
    }


def _video_path(pair: dict[str, Any], video: dict[str, Any]) -> str:
    return f"videos/{pair['prompt_id']}/{video['video_id']}.mp4"


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description="Make the demo's content.")
    parser.add_argument("--to", type=Path, required=True, help="the folder to write into")
    draw(parser.parse_args().to)


if __name__ == "__main__":
    main()
