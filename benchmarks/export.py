"""How fast a version leaves the house: exports beside the raw COPY of the same records."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from uuid_utils.compat import uuid7

from datasets_app.models import Dataset

CATEGORIES = ("Violence", "Drugs", "Cybercrime", "White-Collar Crime")
WORDS = (
    "river",
    "lodge",
    "branch",
    "water",
    "night",
    "build",
    "quiet",
    "stone",
    '"north"',
    "forêt",
)


def fill(dataset: Dataset, items: int, *, seed: int = 0) -> None:
    """Settled pairs with three votes on each of eight verdicts: prompt 200, responses 600 characters."""
    dice = random.Random(seed)
    workers = [UUID(int=dice.getrandbits(128)).hex for _ in range(200)]
    made = [_Pair(dice, workers) for _ in range(items)]
    _copy(
        "prompt (id, dataset_id, external_id, digest, turns, meta)",
        ((p.prompt, dataset.pk, "", p.mark, p.turns, "{}") for p in made),
    )
    _copy(
        "response (id, prompt_id, digest, text, model, meta)",
        (
            (r, p.prompt, f"{p.mark[:-1]}{n}", p.texts[n], "model-a", "{}")
            for p in made
            for n, r in enumerate(p.responses)
        ),
    )
    _copy(
        "item (id, dataset_id, prompt_id, first_id, second_id, external_id, digest, state, meta)",
        (
            (p.item, dataset.pk, p.prompt, *p.responses, f"row-{n}", p.mark, "settled", "{}")
            for n, p in enumerate(made)
        ),
    )
    _copy(
        "verdict (item_id, question, response_id, value, votes, agreement, posterior, method, dispute)",
        (row for p in made for row in p.verdicts()),
    )


class _Pair:
    def __init__(self, dice: random.Random, workers: list[str]) -> None:
        self.item, self.prompt = uuid7(), uuid7()
        self.responses = (uuid7(), uuid7())
        self.mark = f"{dice.getrandbits(256):064x}"
        self.turns = orjson.dumps(
            [{"speaker": "user", "text": text(dice, 200), "media": []}]
        ).decode()
        self.texts = (text(dice, 600), text(dice, 600))
        self.voters = dice.sample(workers, 3)
        self.dice = dice

    def verdicts(self) -> Iterator[tuple[Any, ...]]:
        safe = (self.dice.random() < 0.5, self.dice.random() < 0.5)
        for n, r in enumerate(self.responses):
            yield self._verdict("safe", r, safe[n])
            yield self._verdict("categories", r, [] if safe[n] else [self.dice.choice(CATEGORIES)])
            yield self._verdict("severity", r, 0 if safe[n] else self.dice.randint(1, 3))
        yield self._verdict("better", None, str(self.dice.choice(self.responses)))
        safer = (
            0
            if safe[0] and not safe[1]
            else 1
            if safe[1] and not safe[0]
            else self.dice.randint(0, 1)
        )
        yield self._verdict("safer", None, str(self.responses[safer]))

    def _verdict(self, question: str, response: UUID | None, value: Any) -> tuple[Any, ...]:
        votes = [[voter, value, False] for voter in self.voters]
        return (
            self.item,
            question,
            response,
            orjson.dumps(value).decode(),
            orjson.dumps(votes).decode(),
            1.0,
            0.97,
            "majority",
            "",
        )


def text(dice: random.Random, length: int) -> str:
    words = " ".join(dice.choices(WORDS, k=length // 5))
    return words[:length]


def _copy(into: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY datasets_app_{into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
