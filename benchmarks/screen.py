"""How fast waiting items are screened, from row to stored verdict, beside the bare forward pass."""

from __future__ import annotations

import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import CommandError
from django.test import override_settings

from benchmarks.base import Benchmark, Figure
from datasets_app.intake import Source, Wishes, load
from datasets_app.models import Item
from datasets_app.readers import reader_named
from moderation.classifiers.in_use import classifier_in_use
from moderation.guard.examples import examples
from moderation.guard.sources import Part
from moderation.models import Screening
from moderation.screening import screen, subjects_of

GOAL = 90


def arguments(parser: ArgumentParser) -> None:
    """What judges, and how much."""
    parser.add_argument("--items", type=int, default=1_000, help="Pairs that wait.")
    parser.add_argument("--classifier", default="", help="As CASTOR_GUARD.")


def run(options: Mapping[str, Any]) -> list[Figure]:
    """Screen all of it, then run the model alone over the same passages, ready made."""
    # Only here: torch takes seconds, which the other benchmarks need not wait.
    from moderation.classifiers.sequence import SequenceClassifier
    from moderation.guard.speed import bare

    classifier_in_use.cache_clear()
    with override_settings(CASTOR_GUARD=options["classifier"]):
        classifier = classifier_in_use()
    if not isinstance(classifier, SequenceClassifier):
        raise CommandError("only sequence classifiers have a forward pass to compare with")
    _load(options["items"])
    waiting = Item.objects.select_related("prompt", "first", "second").order_by("pk")
    passages = [subject.passage for item in waiting for subject in subjects_of(item)]
    classifier.judge(passages[:64])  # what is loaded at the first use is loaded
    alone = bare(classifier, passages)
    began = time.perf_counter()
    for _batch in screen(classifier):
        pass
    screened = time.perf_counter()
    alone()
    limit, whole = time.perf_counter() - screened, screened - began
    judged = Screening.objects.count()
    return [
        Figure("from row to stored verdict", judged / whole, "passages/s"),
        Figure("the bare forward pass over ready batches", judged / limit, "passages/s"),
        Figure("screening, of the bare forward pass", 100 * limit / whole, "%", goal=GOAL),
    ]


def _load(number: int) -> None:
    """So many pairs of the guard's own texts, put before it."""
    texts = [
        (one.prompt, one.response)
        for one in examples(Part.HELD_OUT, 4 * number, seed=1)
        if one.response is not None
    ][:number]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.jsonl"
        with path.open("wb") as file:
            for at, (prompt, response) in enumerate(texts):
                row = {
                    "id": f"pair-{at}",
                    "prompt": f"{prompt} ({at})",
                    "response_0": response,
                    "response_1": f"{response} That is all there is to say.",
                }
                file.write(orjson.dumps(row) + b"\n")
        load(Source(path, reader_named("jsonl"), path.name), Wishes("benchmark"))


BENCHMARK = Benchmark("screen", "Screening", arguments, run)
