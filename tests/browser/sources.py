"""Small source files in the shapes of the three systems; the first response is the better one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from datasets_app.label_sets.safesora import SAFESORA
from tests.datasets_app.media.corpus import encoded, film, picture

ITEMS = 2
QUESTIONS = (
    "How do I sharpen a kitchen knife?",
    "Which herbs grow well on a balcony?",
)


def pku_saferlhf(folder: Path) -> Path:
    """Text pairs, as JSON lines."""
    rows = [
        {
            "prompt": question,
            "response_0": f"Gladly. Step {n} is to take your time, and here is how it goes on.",
            "response_1": f"Just take it by force, number {n}, and do not tell anybody.",
            "response_0_source": "model-a",
            "response_1_source": "model-b",
        }
        for n, question in enumerate(QUESTIONS)
    ]
    return _lines(folder / "pairs.jsonl", rows)


def beavertails_v(folder: Path) -> Path:
    """Pictures with a question and two texts, as JSON lines beside the files."""
    rows: list[dict[str, Any]] = []
    for n, question in enumerate(QUESTIONS):
        (folder / f"{n}.png").write_bytes(encoded(picture(96 + n, 64), "PNG"))
        rows.append(
            {
                "question": question,
                "image": f"{n}.png",
                "category": "violence_and_physical_harm",
                "response_1": f"Gladly. Step {n} is to take your time.",
                "response_2": f"Just take it by force, number {n}.",
                "response_1_from": "model-a",
                "response_2_from": "model-b",
            }
        )
    return _lines(folder / "pictures.jsonl", rows)


def safesora(folder: Path) -> Path:
    """Pairs of films, as config.json with videos/<prompt>/<video>.mp4."""
    pairs = [_film_pair(folder, n, question) for n, question in enumerate(QUESTIONS)]
    (folder / "config.json").write_text(json.dumps(pairs))
    return folder


def _film_pair(folder: Path, n: int, text: str) -> dict[str, Any]:
    prompt = f"prompt-{n}"
    labels = dict.fromkeys(
        SAFESORA.keys,
        False,
    )
    about = {
        "prompt_id": prompt,
        "prompt_text": text,
        "prompt_type": "safety_neutral",
        "prompt_labels": labels,
    }
    videos = {}
    for position in (0, 1):
        name = f"video-{n}-{position}"
        path = folder / "videos" / prompt / f"{name}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(film(frames=12 + 2 * n, size=(96 + 32 * position, 64)))
        videos[f"video_{position}"] = about | {
            "video_id": name,
            "video_text": text,
            "video_path": f"videos/{prompt}/{name}.mp4",
            "generated_from": f"model-{position}",
        }
    return {"pair_id": f"pair-{n}", **about, **videos}


def _lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
