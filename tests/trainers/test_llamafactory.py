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
from typing import TYPE_CHECKING

import pytest
from pytest_django.fixtures import Settings
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from datasets_app import exports, versions
from datasets_app.formats import FORMATS
from tests import build
from tests.datasets_app import settled

if TYPE_CHECKING:
    from transformers import LlamaConfig, PreTrainedTokenizerFast

CLI = os.environ.get("LLAMAFACTORY_CLI", "")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not CLI, reason="LLAMAFACTORY_CLI names no llamafactory-cli"),
]

SPECIAL = ("<pad>", "<s>", "</s>", "<image>")
PAIRS = 6
SIDE, PATCH = 32, 8  # pixels of a picture as the model sees it, and of one of its squares


@pytest.mark.parametrize("stage", ["rm", "dpo"])
@pytest.mark.parametrize("label", ["helpful", "harmless"])
def test_it_trains_on_pairs_of_texts(
    stage: str, label: str, tmp_path: Path, settings: Settings
) -> None:
    export = exported("pku_saferlhf", tmp_path, settings)
    reader(tmp_path / "model")
    assert trained(tmp_path, export, label, stage=stage, template="default") == PAIRS


def test_it_trains_on_answers_to_pictures(tmp_path: Path, settings: Settings) -> None:
    export = exported("beavertails_v", tmp_path, settings)
    looker(tmp_path / "model")
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


def reader(folder: Path) -> None:
    """A language model of one layer that has read nothing, with a token for every byte."""
    from transformers import LlamaForCausalLM

    LlamaForCausalLM(_language()).save_pretrained(folder)
    _letters().save_pretrained(folder)


def looker(folder: Path) -> None:
    """The same that looks at pictures, too."""
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    eye = CLIPVisionConfig(
        image_size=SIDE,
        patch_size=PATCH,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
    )
    whole = LlavaConfig(
        vision_config=eye, text_config=_language(), image_token_id=SPECIAL.index("<image>")
    )
    LlavaForConditionalGeneration(whole).save_pretrained(folder)
    LlavaProcessor(
        image_processor=CLIPImageProcessor(
            size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
        ),
        tokenizer=_letters(),
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
    ).save_pretrained(folder)


def _language() -> LlamaConfig:
    from transformers import LlamaConfig

    return LlamaConfig(
        vocab_size=len(_letters()),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=512,
        pad_token_id=SPECIAL.index("<pad>"),
        bos_token_id=SPECIAL.index("<s>"),
        eos_token_id=SPECIAL.index("</s>"),
    )


def _letters() -> PreTrainedTokenizerFast:
    from transformers import PreTrainedTokenizerFast

    bytes_ = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = {word: number for number, word in enumerate((*SPECIAL, *bytes_))}
    made = Tokenizer(models.BPE(words, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(list(SPECIAL))
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", bos_token="<s>", eos_token="</s>"
    )
