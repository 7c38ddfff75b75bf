"""How fast a version leaves the house, beside the raw COPY of what it is made of."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction
from uuid_utils.compat import uuid7

from benchmarks.base import Benchmark, Figure
from benchmarks.import_pairs import rows
from datasets_app import exports, versions
from datasets_app.formats import FORMATS
from datasets_app.models import Dataset, Version

GOAL = 20_000
OF_COPY = 25
MOST_MEGABYTES = 150
MEASURED = ("pku_saferlhf", "trl_preference", "records", "votes")
# Eight verdicts an item (three of each response, two of the pair), each by three people.
VOTERS, VOTES_AN_ITEM = 3, 24
CATEGORIES = ("Violence", "Drugs", "Cybercrime", "White-Collar Crime")
_CHUNK = 2000
_PAGE = os.sysconf("SC_PAGE_SIZE")

_RECORDS = "SELECT body FROM datasets_app_record ORDER BY position"
_JOIN = """
SELECT i.external_id, p.turns, a.text, b.text FROM datasets_app_item i
JOIN datasets_app_prompt p ON p.id = i.prompt_id
JOIN datasets_app_response a ON a.id = i.first_id JOIN datasets_app_response b ON b.id = i.second_id
"""


def arguments(parser: ArgumentParser) -> None:
    """How much, how often."""
    parser.add_argument("--items", type=int, default=42_000, help="Settled pairs; 24 votes each.")
    parser.add_argument("--rounds", type=int, default=3, help="The median of so many is told.")


def run(options: Mapping[str, Any]) -> list[Figure]:
    """Cut a version, then export and copy it, in turns."""
    items = options["items"]
    dataset = Dataset.objects.create(slug="benchmark", name="Pairs", protocol="pku_saferlhf@1")
    fill(dataset, items)
    began = time.perf_counter()
    version = versions.cut(dataset, versions.Recipe(), None)
    cutting = items / (time.perf_counter() - began)
    _execute("ANALYZE")
    rounds = [_round(version) for _ in range(options["rounds"])]
    rate = {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}
    return [*_figures(rate, items), Figure("cut", cutting, "records/s")]


def _figures(rate: Mapping[str, float], items: int) -> list[Figure]:
    copied = rate["raw COPY of the records"]
    goals = {"pku_saferlhf": GOAL, "trl_preference": GOAL, "records": GOAL}
    exported = [Figure(key, rate[key], "records/s", goal=goals.get(key)) for key in MEASURED]
    grown = max(rate[f"{key}, grown"] for key in MEASURED)
    return [
        *exported,
        Figure("votes, counted singly", VOTES_AN_ITEM * rate["votes"], "votes/s"),
        Figure("raw COPY of the records", copied, "records/s"),
        Figure("raw COPY of the join of pairs", rate["raw COPY of the join"], "records/s"),
        Figure("server-side cursor to tuples", rate["server-side cursor"], "records/s"),
        Figure("pku_saferlhf, of raw COPY", 100 * rate["pku_saferlhf"] / copied, "%", goal=OF_COPY),
        Figure(
            f"memory grown, at {VOTES_AN_ITEM * items:,} votes",
            grown,
            "MB",
            goal=MOST_MEGABYTES,
            less_is_better=True,
        ),
    ]


def _round(version: Version) -> dict[str, float]:
    rates = {
        "raw COPY of the records": _timed(version, partial(_copy_out, _RECORDS)),
        "raw COPY of the join": _timed(version, partial(_copy_out, _JOIN)),
        "server-side cursor": _timed(version, partial(_walk, _RECORDS)),
    }
    for key in MEASURED:
        memory = [_megabytes()]
        rates[key] = _timed(version, partial(_export, version, key, memory))
        rates[f"{key}, grown"] = max(memory) - memory[0]
    return rates


def _timed(version: Version, work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return version.size / (time.perf_counter() - began)


def _export(version: Version, key: str, memory: list[float]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        exports.write(
            version,
            FORMATS[key],
            Path(folder) / key,
            progress=lambda _done: memory.append(_megabytes()),
        )


def _copy_out(query: str) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
        for _ in copy:
            pass


def _walk(query: str) -> None:
    connection.ensure_connection()
    with transaction.atomic(), connection.connection.cursor(name="benchmark") as cursor:
        cursor.itersize = 2000
        cursor.execute(query)
        for _ in cursor:
            pass


def fill(dataset: Dataset, items: int) -> None:
    """Settled pairs of `import_pairs.rows`, with three votes on each of eight verdicts."""
    dice = random.Random(1)
    voters = [UUID(int=dice.getrandbits(128)).hex for _ in range(200)]
    pairs = (_Pair(row, dice, voters) for row in rows(items))
    while some := list(islice(pairs, _CHUNK)):
        _copy_in(dataset, some)
    _execute("ANALYZE")


def _copy_in(dataset: Dataset, pairs: Sequence[_Pair]) -> None:
    _copy(
        "prompt (id, dataset_id, external_id, digest, turns, meta)",
        ((p.prompt, dataset.pk, "", p.digest, p.turns, "{}") for p in pairs),
    )
    _copy(
        "response (id, prompt_id, digest, text, model, meta)",
        (
            (name, p.prompt, f"{p.digest[:-1]}{n}", p.texts[n], "model-a", "{}")
            for p in pairs
            for n, name in enumerate(p.responses)
        ),
    )
    _copy(
        "item (id, dataset_id, prompt_id, first_id, second_id, external_id, digest, state, meta)",
        (
            (p.item, dataset.pk, p.prompt, *p.responses, p.name, p.digest, "settled", "{}")
            for p in pairs
        ),
    )
    _copy(
        "verdict (item_id, question, response_id, value, votes, agreement, method, dispute)",
        (row for p in pairs for row in p.verdicts()),
    )


class _Pair:
    """One settled pair, as rows of four tables."""

    def __init__(self, row: Mapping[str, str], dice: random.Random, voters: list[str]) -> None:
        self.name = row["id"]
        self.texts = (row["response_0"], row["response_1"])
        turn = {"speaker": "user", "text": row["prompt"], "media": []}
        self.turns = orjson.dumps([turn]).decode()
        self.item, self.prompt = uuid7(), uuid7()
        self.responses = (uuid7(), uuid7())
        self.digest = f"{dice.getrandbits(256):064x}"
        self._voters = dice.sample(voters, VOTERS)
        self._dice = dice

    def verdicts(self) -> Iterator[tuple[Any, ...]]:
        dice = self._dice
        safe = (dice.random() < 0.5, dice.random() < 0.5)
        for is_safe, name in zip(safe, self.responses, strict=True):
            yield self._verdict("safe", name, is_safe)
            yield self._verdict("categories", name, [] if is_safe else [dice.choice(CATEGORIES)])
            yield self._verdict("severity", name, 0 if is_safe else dice.randint(1, 3))
        yield self._verdict("better", None, str(dice.choice(self.responses)))
        safer = safe.index(True) if safe[0] != safe[1] else dice.randint(0, 1)
        yield self._verdict("safer", None, str(self.responses[safer]))

    def _verdict(self, question: str, response: UUID | None, value: Any) -> tuple[Any, ...]:
        votes = orjson.dumps([[voter, value, False] for voter in self._voters]).decode()
        said = orjson.dumps(value).decode()
        return (self.item, question, response, said, votes, 1.0, "majority", "")


def _copy(into: str, lines: Iterator[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY datasets_app_{into} FROM STDIN") as copy:
        for line in lines:
            copy.write_row(line)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _megabytes() -> float:
    """What this process holds in memory now."""
    resident = int(Path("/proc/self/statm").read_text().split()[1])
    return resident * _PAGE / 1e6


BENCHMARK = Benchmark("export", "Exporting a version", arguments, run)
