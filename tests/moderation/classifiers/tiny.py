"""Tiny random models of real architectures, saved as folders in milliseconds.

torch is imported where a model is made, so that only who runs these tests waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

if TYPE_CHECKING:
    from transformers import PreTrainedModel

WORDS = (
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "a",
    "b",
    "c",
    "how",
    "do",
    "i",
    "fold",
    "burn",
    "it",
    "no",
)
LABELS = ("Violence", "Drugs", "severity 0", "severity 1", "severity 2", "severity 3")
MAP = """
label_set = "pku_saferlhf"
[categories]
Violence = "Violence"
Drugs = "Drugs"
[severity]
"severity 0" = 0
"severity 1" = 1
"severity 2" = 2
"severity 3" = 3
"""


def tokenizer(more: Sequence[str] = ()) -> Tokenizer:
    """One token a word, in the frames of BERT."""
    known = {word: number for number, word in enumerate((*WORDS, *more))}
    made = Tokenizer(models.WordLevel(known, unk_token="[UNK]"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return made


def bert(labels: tuple[str, ...] = LABELS, *, positions: int = 32) -> PreTrainedModel:
    """A BERT of one layer that tells the sides apart."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(7)
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=len(WORDS),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=positions,
            initializer_range=0.5,
            id2label=dict(enumerate(labels)),
            label2id={label: n for n, label in enumerate(labels)},
        )
    ).eval()


def distilbert(labels: tuple[str, ...] = LABELS) -> PreTrainedModel:
    """A DistilBERT of one layer, which has no sides."""
    import torch
    from transformers import DistilBertConfig, DistilBertForSequenceClassification

    torch.manual_seed(7)
    return DistilBertForSequenceClassification(
        DistilBertConfig(
            vocab_size=len(WORDS),
            dim=16,
            n_layers=1,
            n_heads=2,
            hidden_dim=32,
            max_position_embeddings=64,
            initializer_range=0.5,
            id2label=dict(enumerate(labels)),
            label2id={label: n for n, label in enumerate(labels)},
        )
    ).eval()


def saved(
    folder: Path, model: PreTrainedModel | None = None, *, label_map: str | None = MAP
) -> Path:
    """The folder with model, tokenizer and label map in it."""
    (model if model is not None else bert()).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(tokenizer().to_str())
    if label_map is not None:
        (folder / "classifier.toml").write_text(label_map)
    return folder


def reconfigured(folder: Path, **changes: object) -> Path:
    """The folder with keys of its config.json changed; None takes a key out."""
    path = folder / "config.json"
    config = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))
    return folder
