"""Checks a model's folder before anything in it is loaded: data only, no code, no pickles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.classifiers.contract import ClassifierError
from moderation.classifiers.map_files import MAP_FILE
from moderation.classifiers.reading import READING_VERSION

CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
WEIGHTS = "model.safetensors"
WEIGHTS_INDEX = "model.safetensors.index.json"

# Formats that are pickles, or may hold them: loading one runs what its author wrote.
_PICKLES = frozenset((".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".npz"))
_CODE = frozenset((".py", ".pyc", ".so", ".dll", ".pyd"))
# Keys by which a configuration asks for code, other repositories or other loaders. Refused rather
# than ignored: CVE-2026-5241 was a configuration that switched remote code on again.
_REFUSED_KEYS = frozenset(
    ("auto_map", "custom_pipelines", "trust_remote_code", "quantization_config")
)
# A value with a slash names a repository of kernels, which are code.
_KERNEL_KEYS = frozenset(("attn_implementation", "_attn_implementation", "experts_implementation"))


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A folder that passed the checks. `weights` are its safetensors files, in order."""

    path: Path
    config: dict[str, Any]  # Any: JSON as its author wrote it.
    tokenizer_config: dict[str, Any]
    weights: tuple[Path, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The model's labels by output, from `id2label`; ClassifierError without them."""
        names = self.config.get("id2label")
        if not isinstance(names, dict) or not names:
            raise ClassifierError(f"{self.path / CONFIG}: no id2label: its outputs have no names")
        try:
            return tuple(str(names[str(number)]) for number in range(len(names)))
        except KeyError as error:
            raise ClassifierError(f"{self.path / CONFIG}: id2label has no label {error}") from error

    @property
    def revision(self) -> str:
        """SHA-256 over the name and bytes of all that decides a judgement, and how texts are read.

        Reads the weights from end to end: a second for each few hundred megabytes.
        """
        whole = hashlib.sha256(f"reading {READING_VERSION}\n".encode())
        for path in sorted(self._deciding(), key=lambda path: path.name):
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{path.name} {digest}\n".encode())
        return whole.hexdigest()

    def _deciding(self) -> Iterator[Path]:
        yield from self.weights
        for name in (CONFIG, TOKENIZER, TOKENIZER_CONFIG, WEIGHTS_INDEX, MAP_FILE):
            if (self.path / name).is_file():
                yield self.path / name


def checked(path: Path) -> ModelFolder:
    """The folder, if it holds a model as data alone; ClassifierError, one line, otherwise."""
    if not path.is_dir():
        raise ClassifierError(f"{path}: no such folder")
    for found in sorted(path.rglob("*")):
        if found.suffix.lower() in _CODE:
            raise ClassifierError(f"{found}: a model's folder must hold no code; it is never run")
        if found.suffix.lower() in _PICKLES:
            raise ClassifierError(
                f"{found}: such files can run code when loaded; remove it, and keep safetensors"
            )
        if found.name == "adapter_config.json":
            raise ClassifierError(
                f"{found}: adapters load another model; save the merged model instead"
            )
    if not (path / TOKENIZER).is_file():
        raise ClassifierError(f"{path}: no {TOKENIZER}; save the model with its fast tokenizer")
    has_own = (path / TOKENIZER_CONFIG).is_file()
    return ModelFolder(
        path=path,
        config=_harmless(path / CONFIG),
        tokenizer_config=_harmless(path / TOKENIZER_CONFIG) if has_own else {},
        weights=_weights(path),
    )


def _harmless(path: Path) -> dict[str, Any]:
    """The JSON object in the file, without keys that ask for anything but data."""
    config = _object(path)
    for key, value in _entries(config):
        if key in _REFUSED_KEYS and value:
            raise ClassifierError(f"{path}: {key} asks for more than data, and is refused")
        if key in _KERNEL_KEYS and isinstance(value, str) and "/" in value:
            raise ClassifierError(f"{path}: {key} names foreign code, and is refused")
    return config


def _object(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ClassifierError(f"{path}: no such file") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ClassifierError(f"{path}: not JSON: {error}") from error
    if not isinstance(read, dict):
        raise ClassifierError(f"{path}: not a JSON object")
    return read


def _entries(value: object) -> Iterator[tuple[str, object]]:
    """Every key with its value, at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from _entries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _entries(inner)


def _weights(path: Path) -> tuple[Path, ...]:
    if (path / WEIGHTS).is_file():
        return (path / WEIGHTS,)
    index = path / WEIGHTS_INDEX
    if not index.is_file():
        raise ClassifierError(f"{path}: no {WEIGHTS}; save the model as safetensors")
    parts = _object(index).get("weight_map")
    names = list(parts.values()) if isinstance(parts, dict) else []
    if not names:
        raise ClassifierError(f"{index}: names no weights")
    for name in names:
        # A path out of the folder would be loaded without having been looked at.
        if not _is_plain(name):
            raise ClassifierError(f"{index}: {name!r} is not a safetensors file beside it")
        if not (path / name).is_file():
            raise ClassifierError(f"{path / name}: no such file")
    return tuple(path / name for name in sorted(set(names)))


def _is_plain(name: object) -> bool:
    return isinstance(name, str) and Path(name).name == name and name.endswith(".safetensors")
