"""How fast text pairs come in, beside the raw COPY of the same rows into three keyed tables."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import uuid_utils
from django.db import connection, transaction

from benchmarks.base import Benchmark, Figure
from datasets_app.intake import Source, Wishes, load
from datasets_app.intake.copying import copy, ident, jsonb, start, text
from datasets_app.readers import reader_named

GOAL = 12_000
_PROMPT, _RESPONSE = 200, 600
_PAGE = os.sysconf("SC_PAGE_SIZE")

_TABLES = """
CREATE TABLE raw_prompt (id uuid PRIMARY KEY, turns jsonb);
CREATE TABLE raw_response (id uuid PRIMARY KEY, prompt uuid, text text);
CREATE TABLE raw_item
    (id uuid PRIMARY KEY, prompt uuid, first uuid, second uuid, external_id text);
"""


def arguments(parser: ArgumentParser) -> None:
    """How much, how often."""
    parser.add_argument("--pairs", type=int, default=50_000, help="Pairs in the file.")
    parser.add_argument("--rounds", type=int, default=3, help="The median of so many is told.")


def run(options: Mapping[str, Any]) -> list[Figure]:
    """Load, load again, and copy, in turns."""
    pairs = options["pairs"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.jsonl"
        with path.open("wb") as file:
            file.writelines(orjson.dumps(row) + b"\n" for row in rows(pairs))
        rounds = [_round(path, number, pairs) for number in range(options["rounds"])]
    loads, again, copies, grown = (statistics.median(each) for each in zip(*rounds, strict=True))
    return [
        Figure("load", loads, "pairs/s", goal=GOAL),
        Figure("raw COPY into three keyed tables", copies, "pairs/s"),
        Figure("load, of raw COPY", 100 * loads / copies, "%"),
        Figure("the same file once more", again, "pairs/s"),
        Figure("memory grown after the first fifth", grown, "MB", goal=50, less_is_better=True),
    ]


def rows(number: int, *, seed: int = 1) -> Iterator[dict[str, str]]:
    """Pairs of random words: a prompt of 200 characters, responses of 600."""
    dice = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(dice.choices(letters, k=dice.randint(2, 9))) for _ in range(2000)]

    def said(length: int) -> str:
        return " ".join(dice.choices(words, k=length // 3))[:length]

    for at in range(number):
        yield {
            "id": f"pair-{at}",
            "prompt": said(_PROMPT),
            "response_0": said(_RESPONSE),
            "response_1": said(_RESPONSE),
        }


def _round(path: Path, number: int, pairs: int) -> tuple[float, float, float, float]:
    """Pairs a second: loaded, loaded again, copied; and megabytes grown while loading."""
    memory: dict[int, float] = {}
    source = Source(path, reader_named("jsonl"), path.name)
    wishes = Wishes(f"benchmark-{number}")

    def notice(doing: str, done: int) -> None:
        memory[done] = _megabytes()

    began = time.perf_counter()
    load(source, wishes, progress=notice)
    loaded = time.perf_counter()
    load(source, wishes)
    again = time.perf_counter()
    early = [used for done, used in memory.items() if done <= max(pairs // 5, min(memory))]
    grown = max(memory.values()) - max(early)
    return pairs / (loaded - began), pairs / (again - loaded), pairs / _copied(pairs), grown


def _copied(pairs: int) -> float:
    """Seconds for the bare COPY; what it sends is made ready before the clock starts."""
    columns = (("id", "turns"), ("id", "prompt", "text"))
    item = ("id", "prompt", "first", "second", "external_id")
    prompts, responses, items = [], [], []
    for row in rows(pairs):
        a, b, c, d = (uuid_utils.uuid7().bytes for _ in range(4))
        turns = [{"speaker": "user", "text": row["prompt"], "media": []}]
        prompts.append(start(columns[0]) + ident(a) + jsonb(turns))
        for one, name in ((b, "response_0"), (c, "response_1")):
            responses.append(start(columns[1]) + ident(one) + ident(a) + text(row[name]))
        ids = b"".join(map(ident, (d, a, b, c)))
        items.append(start(item) + ids + text(row["id"]))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TABLES)
        began = time.perf_counter()
        copy("raw_prompt", columns[0], prompts)
        copy("raw_response", columns[1], responses)
        copy("raw_item", item, items)
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE raw_prompt, raw_response, raw_item")
    return seconds


def _megabytes() -> float:
    """What this process holds in memory now."""
    resident = int(Path("/proc/self/statm").read_text().split()[1])
    return resident * _PAGE / 1e6


BENCHMARK = Benchmark("import", "Loading text pairs", arguments, run)
