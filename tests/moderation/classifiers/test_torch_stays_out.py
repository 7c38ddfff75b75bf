"""No process imports torch or the Hub's client before it needs them: that would take seconds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_START = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
import annotation.tasks, datasets_app.tasks, moderation.policy, moderation.tasks
import moderation.classifiers.contract, moderation.classifiers.in_use
heavy = sorted({"torch", "transformers", "tokenizers", "huggingface_hub"} & set(sys.modules))
sys.exit(", ".join(heavy) or 0)
"""


def start(code: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(path or "")},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )


def test_django_starts_and_names_a_classifier_without_torch() -> None:
    done = start(_START)
    assert done.returncode == 0, done.stderr


def test_the_room_that_builds_classifiers_does_import_it(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit('torch was imported')")  # takes no seconds
    building = _START.replace("heavy =", "import moderation.classifiers.building\nheavy =")
    assert "torch was imported" in start(building, tmp_path).stderr
