"""Fetches a model's data files from the model hub: named kinds of files, never code."""

from __future__ import annotations

from pathlib import Path

from moderation.classifiers.contract import ClassifierError

# What a classifier is made of. Code and pickles are not on the list and so never reach this disk.
_WANTED = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "model-*-of-*.safetensors",
    "classifier.toml",
]


def fetched(repository: str, commit: str) -> Path:
    """The folder with the data files of one commit, from the cache or the hub.

    `HF_HUB_OFFLINE`, `HF_ENDPOINT`, `HF_HOME` and `HF_TOKEN` are respected. ClassifierError, one
    line, when it cannot be had.
    """
    # Heavy, and wanted only by the worker that screens with a model of the hub.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(repository, revision=commit, allow_patterns=_WANTED))
    except LocalEntryNotFoundError as error:
        raise ClassifierError(
            f"{repository}@{commit}: not in the cache, and the model hub cannot be reached"
        ) from error
    except (HfHubHTTPError, OSError, ValueError) as error:
        # Only the first line: the rest of such messages is advice about other programs.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ClassifierError(f"{repository}@{commit}: cannot be fetched: {reason}") from error
