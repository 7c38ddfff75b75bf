"""The classifier that this process screens with: that of the setting, loaded once."""

from __future__ import annotations

import gc
from functools import cache

from django.conf import settings

from datasets_app.label_sets import LABEL_SETS
from moderation.classifiers.contract import Classifier, ClassifierError
from moderation.classifiers.loading import load_classifier


@cache
def classifier_in_use() -> Classifier:
    """The classifier of the setting `CASTOR_GUARD`, loaded at first use and kept by the process.

    Raises ClassifierError as `load_classifier` does, or if its map speaks of a label set or a
    category that Castor does not have; a failure is not remembered.
    """
    classifier = load_classifier(settings.CASTOR_GUARD)
    label_set = LABEL_SETS.get(classifier.label_set)
    if label_set is None:
        raise ClassifierError(
            f"{classifier.name}: its label map names the label set {classifier.label_set!r}; "
            f"there are {', '.join(sorted(LABEL_SETS))}"
        )
    unknown = [key for key in classifier.categories if key not in label_set.keys]
    if unknown:
        raise ClassifierError(f"{classifier.name}: {label_set.key} has no category {unknown[0]!r}")
    # Libraries and model stay as long as the process: each search for garbage among them would
    # take as long as judging some thirty passages.
    gc.collect()
    gc.freeze()
    return classifier
