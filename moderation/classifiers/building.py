"""Builds a classifier from a checked folder, with transformers' own classes only."""

from __future__ import annotations

import os

import torch
import transformers
from tokenizers import Tokenizer
from transformers import PretrainedConfig, PreTrainedModel
from transformers.models.auto.configuration_auto import CONFIG_MAPPING
from transformers.models.auto.modeling_auto import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING

from moderation.classifiers.contract import ClassifierError
from moderation.classifiers.folders import CONFIG, TOKENIZER, ModelFolder
from moderation.classifiers.label_maps import LabelMap
from moderation.classifiers.sequence import (
    CPU_BUDGET,
    GPU_BUDGET,
    SequenceClassifier,
    wants_sides,
)
from moderation.classifiers.windows import WindowCutter

# A longer window costs more than it finds; whoever wants one says so in the label map.
_LONGEST_WINDOW = 512
_SHORTEST_WINDOW = 16
# From here on a model is worth more than one thread of a CPU.
_MANY_PARAMETERS = 10_000_000
# Keys that choose an implementation: ours to choose, and some values of theirs load code.
_DROPPED = frozenset(
    (
        "_attn_implementation",
        "attn_implementation",
        "experts_implementation",
        "dtype",
        "torch_dtype",
    )
)


def built(
    folder: ModelFolder, label_map: LabelMap, *, name: str, revision: str, device: str | None
) -> SequenceClassifier:
    """The classifier of a checked folder; ClassifierError if the files do not fit together."""
    place = _device(device)
    tokenizer = _tokenizer(folder)
    model = _model(folder, place)
    if tokenizer.get_vocab_size() > model.config.get_text_config().vocab_size:
        raise ClassifierError(f"{folder.path / TOKENIZER}: has more tokens than the model knows")
    try:
        cutter = WindowCutter(
            tokenizer,
            size=_window(folder, model.config, label_map),
            reads=label_map.reads,
            wants_sides=wants_sides(model),
        )
    except IndexError as error:
        raise ClassifierError(f"{folder.path / TOKENIZER}: makes no token of a letter") from error
    if place.type == "cpu":
        torch.set_num_threads(_threads(model))
    budget = CPU_BUDGET if place.type == "cpu" else GPU_BUDGET
    return SequenceClassifier(model, cutter, label_map, name=name, revision=revision, budget=budget)


def _device(device: str | None) -> torch.device:
    if device is None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        place = torch.device(device)
        torch.zeros(1, device=place)
    except (RuntimeError, AssertionError) as error:
        raise ClassifierError(
            f"no device {device!r} here; name none to take what there is"
        ) from error
    return place


def _threads(model: PreTrainedModel) -> int:
    """How many threads to compute with on a CPU.

    In a small model they wait for one another longer than they work: on a busy machine two took
    six times the processor time of one. A large one gets the cores that this process may use,
    which in a container are fewer than torch counts.
    """
    if model.num_parameters() < _MANY_PARAMETERS:
        return 1
    affinity = getattr(os, "sched_getaffinity", None)  # Linux alone has it.
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _tokenizer(folder: ModelFolder) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(folder.path / TOKENIZER))
    except Exception as error:  # tokenizers raises bare Exception.
        raise ClassifierError(f"{folder.path / TOKENIZER}: not a tokenizer: {error}") from error


def _model(folder: ModelFolder, place: torch.device) -> PreTrainedModel:
    config = _config(folder)
    kind = MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING[type(config)]
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    try:
        model, report = kind.from_pretrained(
            folder.path,
            config=config,
            output_loading_info=True,
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            # CPUs compute in single precision whatever the file holds.
            dtype=torch.float32 if place.type == "cpu" else "auto",
        )
    except Exception as error:  # safetensors, torch and transformers each raise their own.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ClassifierError(f"{folder.path}: the model cannot be loaded: {reason}") from error
    absent = sorted(report["missing_keys"]) + sorted(str(key) for key in report["mismatched_keys"])
    if absent:
        # transformers would fill them with chance and go on.
        raise ClassifierError(f"{folder.path}: the weights lack {absent[0]}; is it a classifier?")
    model.to(place)
    return model


def _config(folder: ModelFolder) -> PretrainedConfig:
    where = folder.path / CONFIG
    kind = folder.config.get("model_type")
    if kind not in CONFIG_MAPPING:
        raise ClassifierError(f"{where}: {kind!r} is not a model type that transformers knows")
    if CONFIG_MAPPING[kind] not in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING:
        raise ClassifierError(f"{where}: models of type {kind!r} cannot classify sequences")
    kept = {key: value for key, value in folder.config.items() if key not in _DROPPED}
    try:
        config: PretrainedConfig = CONFIG_MAPPING[kind].from_dict(kept)
    except Exception as error:  # Each configuration class raises its own.
        raise ClassifierError(f"{where}: not a configuration of type {kind!r}: {error}") from error
    if config.get_text_config().pad_token_id is None:
        raise ClassifierError(f"{where}: names no pad_token_id, so texts cannot be batched")
    return config


def _window(folder: ModelFolder, config: PretrainedConfig, label_map: LabelMap) -> int:
    """Tokens that the model reads at once, special ones included."""
    limits = [label_map.window or _LONGEST_WINDOW]
    positions = getattr(config.get_text_config(), "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        # The family of RoBERTa counts positions from behind the padding token.
        family = "roberta" in config.model_type or config.model_type == "camembert"
        offset = config.pad_token_id + 1 if family else 0
        limits.append(positions - offset)
    stated = folder.tokenizer_config.get("model_max_length")
    if isinstance(stated, int | float) and 0 < stated < 1e6:  # A number of 31 digits says "none".
        limits.append(int(stated))
    if min(limits) < _SHORTEST_WINDOW:
        raise ClassifierError(f"{folder.path}: reads {min(limits)} tokens at once, too few")
    return min(limits)
