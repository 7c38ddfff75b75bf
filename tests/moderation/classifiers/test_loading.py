"""Loading: whole, pinned and as data alone, or refused with one line."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from moderation.classifiers.contract import ClassifierError, Passage
from moderation.classifiers.loading import load_classifier
from tests.moderation.classifiers.tiny import LABELS, WORDS, bert, distilbert, reconfigured, saved

if TYPE_CHECKING:
    from transformers import PreTrainedModel

TEXT = [Passage("how do i fold it", "no"), Passage("burn it")]
SMALL = {
    "vocab_size": len(WORDS),
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
}
NAMED = {
    "id2label": dict(enumerate(LABELS)),
    "label2id": {name: n for n, name in enumerate(LABELS)},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved(tmp_path / "model")


def refusal(setting: Path | str, device: str = "cpu") -> str:
    with pytest.raises(ClassifierError) as caught:
        load_classifier(str(setting), device=device)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def roberta() -> PreTrainedModel:
    """Counts its positions from behind the padding token: of 34, it can use 32."""
    from transformers import RobertaConfig, RobertaForSequenceClassification

    config = RobertaConfig(
        **SMALL, **NAMED, pad_token_id=1, max_position_embeddings=34, type_vocab_size=1
    )
    return RobertaForSequenceClassification(config)


def modernbert() -> PreTrainedModel:
    from transformers import ModernBertConfig, ModernBertForSequenceClassification

    config = ModernBertConfig(**SMALL, **NAMED, intermediate_size=32, pad_token_id=0)
    return ModernBertForSequenceClassification(config)


def gpt2() -> PreTrainedModel:
    """Judges by its last token, which padding must not move."""
    from transformers import GPT2Config, GPT2ForSequenceClassification

    config = GPT2Config(
        vocab_size=len(WORDS),
        n_embd=16,
        n_layer=1,
        n_head=2,
        n_positions=64,
        pad_token_id=0,
        **NAMED,
    )
    return GPT2ForSequenceClassification(config)


@pytest.mark.parametrize("make", [bert, distilbert, roberta, modernbert, gpt2])
def test_classifiers_of_many_architectures_load_and_judge(make: object, tmp_path: Path) -> None:
    assert callable(make)
    guard = load_classifier(str(saved(tmp_path / "model", make())), device="cpu")
    judged = guard.judge([*TEXT, Passage("a " * 300, "b " * 300)])
    assert [one.error for one in judged] == [None, None, None]
    assert guard.judge(TEXT[1:])[0].is_safe_probability == pytest.approx(
        judged[1].is_safe_probability, abs=1e-4
    )


def test_it_says_its_name_revision_label_set_and_categories(folder: Path) -> None:
    guard = load_classifier(str(folder), device="cpu")
    assert (guard.name, guard.label_set) == ("model", "pku_saferlhf")
    assert guard.categories == ("Violence", "Drugs")
    assert len(guard.revision) == 64


def test_half_precision_on_disk_is_computed_in_single_on_a_cpu(tmp_path: Path) -> None:
    import torch

    half = load_classifier(str(saved(tmp_path / "half", bert().half())), device="cpu")
    assert half.model.dtype == torch.float32  # type: ignore[attr-defined]  # a SequenceClassifier


# Pinned.


def test_a_folder_of_the_pinned_revision_loads(folder: Path) -> None:
    revision = load_classifier(str(folder), device="cpu").revision
    assert load_classifier(f"{folder}@sha256:{revision}", device="cpu").revision == revision


def test_a_folder_of_another_revision_is_refused(folder: Path) -> None:
    assert "not 000000000000… as pinned" in refusal(f"{folder}@sha256:{'0' * 64}")


# Damaged, or not a classifier.


def test_truncated_weights_are_refused(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert "cannot be loaded" in refusal(folder)


@pytest.mark.parametrize("content", [b"", b"junk", b"\xff" * 64])
def test_weights_that_are_none_are_refused(folder: Path, content: bytes) -> None:
    (folder / "model.safetensors").write_bytes(content)
    assert "cannot be loaded" in refusal(folder)


def test_a_model_without_its_head_is_refused_where_transformers_would_guess_one(
    folder: Path,
) -> None:
    from safetensors.torch import load_file, save_file

    weights = folder / "model.safetensors"
    kept = {name: tensor for name, tensor in load_file(weights).items() if "classifier" not in name}
    save_file(kept, weights, metadata={"format": "pt"})
    assert "lack classifier" in refusal(folder)
    # The control: left to itself, transformers fills the head with chance, and judges.
    assert type(bert()).from_pretrained(folder).classifier.weight.isfinite().all()


def test_a_model_of_another_size_than_its_configuration_is_refused(folder: Path) -> None:
    assert refusal(reconfigured(folder, hidden_size=32, num_attention_heads=4)).startswith(
        str(folder)
    )


def test_a_model_that_is_no_classifier_is_refused(folder: Path) -> None:
    from transformers import BertConfig, BertModel

    BertModel(BertConfig(**SMALL, intermediate_size=32, **NAMED)).save_pretrained(folder)
    assert "lack classifier" in refusal(folder)


@pytest.mark.parametrize("kind", ["unheard-of", None, "vit"])
def test_a_type_of_model_that_cannot_classify_texts_is_refused(
    folder: Path, kind: str | None
) -> None:
    assert "config.json" in refusal(reconfigured(folder, model_type=kind))


def test_a_tokenizer_that_is_none_is_refused(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")
    assert "not a tokenizer" in refusal(folder)


def test_a_tokenizer_with_more_words_than_the_model_is_refused(folder: Path) -> None:
    text = (folder / "tokenizer.json").read_text().replace('"no":13', '"no":13,"yes":14')
    (folder / "tokenizer.json").write_text(text)
    assert "more tokens" in refusal(folder)


def test_a_window_too_small_to_read_is_refused(tmp_path: Path) -> None:
    assert "too few" in refusal(saved(tmp_path / "model", bert(positions=8)))


def test_a_device_that_is_not_here_is_refused(folder: Path) -> None:
    assert "no device" in refusal(folder, device="cuda:99")
    assert "no device" in refusal(folder, device="abacus")


# Hostile.

_MODULE = """
from pathlib import Path
Path({sentinel!r}).write_text("ran")
from transformers import BertConfig
class Config(BertConfig): model_type = "bert"
"""
# The configuration is read before the model, and is enough.
_ASK = """
import sys
from transformers import AutoConfig
AutoConfig.from_pretrained(sys.argv[1], trust_remote_code=True)
"""


class Bomb:
    """Unpickled, it writes the sentinel."""

    def __init__(self, sentinel: Path) -> None:
        self.sentinel = sentinel

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.write_text, (self.sentinel, "ran")


@pytest.fixture
def hostile(folder: Path, tmp_path: Path) -> Path:
    """A model whose configuration sends for code that writes `sentinel`."""
    code = _MODULE.format(sentinel=str(tmp_path / "sentinel"))
    (folder / "modeling_hostile.py").write_text(code)
    names = {"AutoConfig": "modeling_hostile.Config"}
    names["AutoModelForSequenceClassification"] = "modeling_hostile.Model"
    return reconfigured(folder, auto_map=names, trust_remote_code=True)


def test_code_in_a_models_folder_never_runs(hostile: Path, tmp_path: Path) -> None:
    assert "code" in refusal(hostile)
    (hostile / "modeling_hostile.py").rename(hostile / "modeling_hostile.txt")
    assert "auto_map" in refusal(hostile)
    assert not (tmp_path / "sentinel").exists()


def test_asked_to_trust_it_transformers_would_have_run_it(hostile: Path, tmp_path: Path) -> None:
    shutil.copy(hostile / "modeling_hostile.py", tmp_path)  # the loader looks up relative imports
    subprocess.run(
        [sys.executable, "-c", _ASK, str(hostile)],
        env={"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "PATH": ""},
        capture_output=True,
        check=False,
    )
    assert (tmp_path / "sentinel").read_text() == "ran"


def test_a_pickle_beside_the_weights_is_never_opened(folder: Path, tmp_path: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(tmp_path / "sentinel")))
    assert "pytorch_model.bin" in refusal(folder)
    (folder / "model.safetensors").unlink()
    assert "pytorch_model.bin" in refusal(folder)
    assert not (tmp_path / "sentinel").exists()


def test_opened_the_pickle_would_have_run(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Bomb(tmp_path / "sentinel")))  # noqa: S301  that is the point
    assert (tmp_path / "sentinel").read_text() == "ran"
