"""LLaMA-Factory, as it comes from its authors, trains on an export: in an environment of its own.

It wants older libraries than Castor, so it is tried where LLAMAFACTORY_CLI names its command
(docs/formats.md says how).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from datasets_app import exports, versions
from datasets_app.formats import FORMATS
from tests import build
from tests.datasets_app import settled
from tests.trainers import tiny

CLI = os.environ.get("LLAMAFACTORY_CLI", "")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not CLI, reason="LLAMAFACTORY_CLI names no llamafactory-cli"),
]

PAIRS = 6


@pytest.mark.parametrize("stage", ["rm", "dpo"])
@pytest.mark.parametrize("label", ["helpful", "harmless"])
def test_it_trains_on_pairs_of_texts(
    stage: str, label: str, tmp_path: Path, settings: Settings
) -> None:
    export = exported("pku_saferlhf", tmp_path, settings)
    tiny.reader(tmp_path / "model")
    assert trained(tmp_path, export, label, stage=stage, template="default") == PAIRS


def test_it_trains_on_answers_to_pictures(tmp_path: Path, settings: Settings) -> None:
    export = exported("beavertails_v", tmp_path, settings)
    tiny.looker(tmp_path / "model")
    assert trained(tmp_path, export, "helpful", stage="dpo", template="llava") == PAIRS


def exported(protocol: str, folder: Path, settings: Settings) -> Path:
    """Settled pairs in the format that is meant for it."""
    settings.CASTOR_MEDIA_ROOT = folder / "storage"
    dataset = build.dataset(protocol)
    for number in range(PAIRS):
        settled.with_files(dataset, 1, asks=f"Question {number}?")
    version = versions.cut(dataset, versions.parse_recipe({"splits": {"train": 1}}), None)
    exports.write(version, FORMATS["llamafactory_preference"], folder / "export")
    return folder / "export"


def trained(folder: Path, export: Path, label: str, *, stage: str, template: str) -> int:
    """Two steps with the command of LLaMA-Factory; how many examples it says it has."""
    wishes = {
        "model_name_or_path": str(folder / "model"),
        "dataset_dir": str(export),
        "dataset": f"{label}_train",
        "stage": stage,
        "template": template,
        "do_train": True,
        "finetuning_type": "full",
        "cutoff_len": 256,
        "max_steps": 2,
        "per_device_train_batch_size": 2,
        "use_cpu": True,
        "report_to": "none",
        "output_dir": str(folder / "out"),
    }
    (folder / "train.yaml").write_text(json.dumps(wishes))  # YAML as well; its way with .json fails
    environment = {**os.environ, "HF_HOME": str(folder / "cache"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [CLI, "train", str(folder / "train.yaml")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    [found] = re.findall(r"Num examples = ([\d,]+)", done.stderr)
    return int(found.replace(",", ""))
