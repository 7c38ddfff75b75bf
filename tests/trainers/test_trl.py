"""TRL, as it comes from its authors, trains a reward, a cost and a policy on an export."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django.fixtures import Settings
from tokenizers import Tokenizer, models, pre_tokenizers

from datasets_app import exports, versions
from datasets_app.formats import FORMATS
from tests import build
from tests.datasets_app import settled
from tests.trainers import tiny

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

pytestmark = pytest.mark.django_db

WORDS = ("<pad>", "<eos>", "<unk>", "user", "assistant")
CHAT = (
    "{% for message in messages %}{{ message['role'] }} {{ message['content'] }} {{ eos_token }}"
    "{% endfor %}{% if add_generation_prompt %}assistant {% endif %}"
)
TINY = {"vocab_size": 16, "n_embd": 8, "n_layer": 1, "n_head": 2, "n_positions": 256}


@pytest.fixture
def export(tmp_path: Path, settings: Settings) -> Path:
    """Six settled pairs as TRL's preferences."""
    settings.CASTOR_MEDIA_ROOT = tmp_path / "storage"
    dataset = build.dataset("pku_saferlhf")
    for number in range(6):
        settled.item(dataset, asks=f"Question {number}?")
    version = versions.cut(dataset, versions.parse_recipe({"splits": {"train": 1}}), None)
    exports.write(version, FORMATS["trl_preference"], tmp_path / "export")
    return tmp_path / "export"


def rows(export: Path, label: str) -> Any:
    """The training split of a label, as the library of that name reads it."""
    import datasets as hf_datasets

    cache = str(export.parent / "cache")
    return hf_datasets.load_dataset(str(export), label, split="train", cache_dir=cache)


def words() -> PreTrainedTokenizerFast:
    """A tokenizer of five words, with a chat template."""
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    spoken = PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    spoken.chat_template = CHAT
    return spoken


def how(folder: Path) -> dict[str, Any]:
    """One step on the processor, and nothing kept."""
    return {
        "output_dir": str(folder / "out"),
        "max_steps": 1,
        "per_device_train_batch_size": 2,
        "report_to": "none",
        "use_cpu": True,
        "save_strategy": "no",
        "bf16": False,
        "disable_tqdm": True,
    }


def test_it_trains_a_reward_a_cost_and_a_policy(export: Path, tmp_path: Path) -> None:
    import torch
    from transformers import GPT2Config, GPT2ForSequenceClassification, GPT2LMHeadModel
    from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer

    torch.manual_seed(7)
    helpful, harmless = rows(export, "helpful"), rows(export, "harmless")
    for preferences in (helpful, harmless):
        scores = GPT2ForSequenceClassification(GPT2Config(num_labels=1, pad_token_id=0, **TINY))
        trainer = RewardTrainer(
            model=scores,
            args=RewardConfig(**how(tmp_path)),
            train_dataset=preferences,
            processing_class=words(),
        )
        assert math.isfinite(trainer.train().training_loss)
        assert len(trainer.train_dataset) == 6
    GPT2LMHeadModel(GPT2Config(**TINY)).save_pretrained(tmp_path / "policy")
    policy = DPOTrainer(
        model=str(tmp_path / "policy"),
        args=DPOConfig(**how(tmp_path)),
        train_dataset=helpful,
        processing_class=words(),
    )
    assert math.isfinite(policy.train().training_loss)


def test_it_trains_a_policy_that_looks_at_pictures(tmp_path: Path, settings: Settings) -> None:
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor
    from trl import DPOConfig, DPOTrainer

    torch.manual_seed(7)
    settings.CASTOR_MEDIA_ROOT = tmp_path / "storage"
    dataset = build.dataset("beavertails_v")
    settled.with_files(dataset, 4)
    version = versions.cut(dataset, versions.parse_recipe({"splits": {"train": 1}}), None)
    exports.write(version, FORMATS["trl_preference"], tmp_path / "export")
    tiny.looker(tmp_path / "policy")
    policy = DPOTrainer(
        model=AutoModelForImageTextToText.from_pretrained(tmp_path / "policy"),
        args=DPOConfig(max_length=None, **how(tmp_path)),
        train_dataset=rows(tmp_path / "export", "helpful"),
        processing_class=AutoProcessor.from_pretrained(tmp_path / "policy"),
    )
    assert math.isfinite(policy.train().training_loss)
