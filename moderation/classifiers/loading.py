"""Loads the classifier that a setting names."""

from __future__ import annotations

from moderation.classifiers.addresses import found
from moderation.classifiers.contract import Classifier, ClassifierError
from moderation.classifiers.folders import checked
from moderation.classifiers.map_files import read_map


def load_classifier(setting: str = "", *, device: str | None = None) -> Classifier:
    """The classifier that a setting names, ready to judge.

    `setting`: '' or 'default' for the guard that ships; a folder, or 'folder@sha256:REVISION';
    'org/name@COMMIT'. `device`: 'cpu', 'cuda', 'cuda:1' …; None takes a GPU where there is one.
    Loads safetensors and JSON only, and never runs code of the model's author. Raises
    ClassifierError, one line, if it cannot be had whole: there is no classifier that guesses.
    """
    address = found(setting)
    folder = checked(address.folder)
    label_map = read_map(folder.path, folder.labels)
    revision = folder.revision
    if address.pinned is not None and address.pinned != revision:
        raise ClassifierError(
            f"{address.folder}: its revision is {revision[:12]}…, not {address.pinned[:12]}… as "
            "pinned; its files were changed or are damaged"
        )
    # torch and transformers take seconds and some 300 MB: only the worker that screens pays.
    from moderation.classifiers.building import built

    return built(folder, label_map, name=address.name, revision=revision, device=device)
