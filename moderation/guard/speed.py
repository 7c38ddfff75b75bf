"""Measures judging beside the bare forward pass: `python -m moderation.guard.speed`."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from moderation.classifiers.batches import planned
from moderation.classifiers.contract import Passage
from moderation.classifiers.loading import load_classifier
from moderation.classifiers.sequence import SequenceClassifier
from moderation.guard.examples import examples
from moderation.guard.sources import Part

PASSAGES = 2_048
REPEATS = 5


def main(arguments: Sequence[str] | None = None) -> None:
    """Print passages a second, from texts to judgements and by the forward pass alone."""
    parser = argparse.ArgumentParser(prog="python -m moderation.guard.speed", description=__doc__)
    parser.add_argument("--classifier", default="", help="as CASTOR_GUARD")
    parser.add_argument("--sentences", type=int, default=1, help="times that each text is repeated")
    options = parser.parse_args(arguments)
    classifier = load_classifier(options.classifier)
    if not isinstance(classifier, SequenceClassifier):
        parser.error("only sequence classifiers have a forward pass to compare with")
    passages = _passages(options.sentences)
    whole, alone = _seconds(lambda: classifier.judge(passages), bare(classifier, passages))
    sys.stdout.write(
        f"{classifier.name}, {len(passages)} passages: "
        f"texts to judgements {len(passages) / whole:.0f} a second, "
        f"forward pass alone {len(passages) / alone:.0f} a second, ratio {alone / whole:.2f}\n"
    )


def _passages(sentences: int) -> list[Passage]:
    pairs = [
        one for one in examples(Part.HELD_OUT, 2 * PASSAGES, seed=1) if one.response is not None
    ]
    return [
        Passage(one.prompt, " ".join([one.response or ""] * sentences)) for one in pairs[:PASSAGES]
    ]


def bare(classifier: SequenceClassifier, passages: Sequence[Passage]) -> Callable[[], None]:
    """The forward pass alone: its batches are tensors on the device before it is called."""
    windows = [window for passage in classifier.cutter.cut(passages) for window in passage]
    batches = planned([len(window.ids) for window in windows], budget=classifier.budget)
    ready = [classifier.inputs([windows[index] for index in batch]) for batch in batches]

    def run() -> None:
        done: list[Tensor] = []
        with torch.inference_mode():
            for inputs in ready:
                done.append(classifier.model(**inputs).logits)
        torch.cat(done).cpu()

    return run


def _seconds(*runs: Callable[[], object]) -> tuple[float, ...]:
    """The median time of each, taken in turns, so that a busy moment hits all alike."""
    times: list[list[float]] = [[] for _ in runs]
    for run in runs:
        run()
    for _ in range(REPEATS):
        for run, taken in zip(runs, times, strict=True):
            start = time.perf_counter()
            run()
            taken.append(time.perf_counter() - start)
    return tuple(statistics.median(taken) for taken in times)


if __name__ == "__main__":
    main()
