"""How fast annotators get and give: by the verbs and at the HTTP door, beside raw SQL."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django.db import transaction

from annotation import assigning, labelling, placing
from annotation.invariants import CHECKS
from annotation.models import Annotator, Campaign
from benchmarks import label_studio, raw_queue
from benchmarks.base import Benchmark, Figure
from benchmarks.crowd import Timed, Turn, crowd
from benchmarks.door import Caller, door
from benchmarks.emptying import empty
from benchmarks.pairs import analyze, annotator_of, campaign_of, execute, grow
from config.management.commands.invariants import rows_breaking

# 25 times what Label Studio does beside, 12 % of raw SQL, nobody waits: docs/benchmarks.md.
LEAST_OF_LABEL_STUDIO = 25
LEAST_OF_RAW = 12
MOST_P95 = 60
MOST_ALONE = 8
MOST_GROWTH = 1.3
OVERLAP = 3

ANSWERS: dict[str, dict[str, Any]] = {
    "safety": {"safe": {"a": True, "b": True}},
    "helpful": {"better": "a"},
    "safer": {"safer": "tie"},
}


def arguments(parser: ArgumentParser) -> None:
    """How many people, how long, and how far to grow."""
    parser.add_argument("--annotators", type=int, default=16, help="People at once.")
    parser.add_argument("--seconds", type=float, default=8.0, help="How long each figure takes.")
    parser.add_argument("--items", type=int, default=10_000, help="Open items at the start.")
    parser.add_argument(
        "--grow",
        action="store_true",
        help="Also at 100,000 and a million items, and after 10,000 and 100,000 answers.",
    )
    parser.add_argument(
        "--label-studio",
        metavar="URL",
        default="",
        help="A Label Studio, started beside, to do the same in the same run.",
    )


def run(options: Mapping[str, Any]) -> list[Figure]:
    """Raw SQL, the verbs, the door; then somebody alone; then Label Studio and growth, if asked
    for."""
    people, seconds = options["annotators"], options["seconds"]
    campaign = campaign_of(options["items"])
    annotators = [annotator_of(campaign, number) for number in range(people)]
    raw_queue.prepare(options["items"], OVERLAP, people)
    raw = crowd(
        [partial(raw_queue.person, number + 1) for number in range(people)], seconds=seconds
    )
    verbs = crowd([partial(_by_verbs, one, campaign) for one in annotators], seconds=seconds)
    with door() as port:
        at_the_door = partial(_at_the_door, campaign=campaign, port=port)
        through = crowd([partial(at_the_door, one) for one in annotators], seconds=seconds)
        alone = crowd([partial(at_the_door, annotator_of(campaign, people))], seconds=seconds / 2)
    figures = [
        *_throughput(raw, verbs, through),
        *_latency(f"{people} at the door", through, most=MOST_P95),
        *_latency(f"{people} by the verbs", verbs),
        *_latency("one alone at the door", alone, most=MOST_ALONE),
        *_faults(),
    ]
    if options["label_studio"]:
        figures += _beside(options, through, alone)
    return figures + (list(_growth(seconds)) if options["grow"] else [])


def _beside(options: Mapping[str, Any], through: Timed, alone: Timed) -> list[Figure]:
    """The same by a Label Studio, on the same machine, right after."""
    people = options["annotators"]
    same = partial(
        label_studio.measured,
        options["label_studio"],
        items=options["items"],
        overlap=OVERLAP,
        seconds=options["seconds"],
    )
    many, one = same(people=people), same(people=1)
    times = through.rate / many.rate
    return [
        Figure("Label Studio: submit and next", many.rate, "a second"),
        Figure("the door, of Label Studio", times, "times", goal=LEAST_OF_LABEL_STUDIO),
        *_latency(f"{people} at Label Studio", many),
        *_latency("one alone at Label Studio", one),
        Figure("one alone at the door, of that", one.share(0.5) / alone.share(0.5), "times"),
    ]


def _throughput(raw: Timed, verbs: Timed, door: Timed) -> list[Figure]:
    return [
        Figure("raw SQL: claim and submit", raw.rate, "a second"),
        Figure("the verbs: submit and next", verbs.rate, "a second"),
        Figure("the door: submit and next", door.rate, "a second"),
        Figure("the verbs, of raw SQL", 100 * verbs.rate / raw.rate, "%", goal=LEAST_OF_RAW),
        Figure("the door, of raw SQL", 100 * door.rate / raw.rate, "%", goal=LEAST_OF_RAW),
    ]


def _latency(who: str, timed: Timed, most: float | None = None) -> list[Figure]:
    return [
        Figure(f"{who}, p50", timed.share(0.5), "ms"),
        Figure(f"{who}, p95", timed.share(0.95), "ms", goal=most, less_is_better=True),
    ]


def _faults() -> list[Figure]:
    """Counted from the database, after all that."""
    titles = {"I2": "given twice to one person", "I3": "given beyond the overlap"}
    return [
        Figure(
            title,
            sum(len(rows_breaking(check)) for check in CHECKS if check.number == number),
            "times",
            goal=0,
            less_is_better=True,
        )
        for number, title in titles.items()
    ]


# --- People


def _by_verbs(annotator: Annotator, campaign: Campaign) -> Turn:
    """Somebody who calls the verbs: submits what is held, and gets what is next."""
    held = assigning.leases(annotator, campaign)

    def turn() -> bool:
        nonlocal held
        with transaction.atomic():  # one commit for both, as at the door
            labelling.submit(
                annotator,
                token=held[0].token,
                key=uuid.uuid4(),
                answers=ANSWERS[held[0].step],
                seconds=20.0,
            )
            try:
                held = assigning.leases(annotator, campaign)
            except assigning.Busy:
                held = held[1:]
        return bool(held)

    return turn


def _at_the_door(annotator: Annotator, campaign: Campaign, port: int) -> Turn:
    """Somebody whose page submits and gets the item after next, as the labelling page does."""
    caller = Caller(annotator.user, port)
    path = f"/label/{campaign.slug}/"
    sheets = caller.post(f"{path}ahead/", {"holding": []})["ahead"]

    def turn() -> bool:
        nonlocal sheets
        shown, *sheets = sheets
        body = {
            "token": shown["token"],
            "key": str(uuid.uuid4()),
            "answers": ANSWERS[shown["step"]],
            "seconds": 20.0,
            "holding": [sheet["token"] for sheet in sheets],
        }
        sheets += caller.post(path, body)["ahead"]
        return bool(sheets)

    return turn


# --- Growth: the same figure at ten and a hundred times the size


# The places of an annotator who has been at it for long, with what he gave.
_DONE = """
WITH mine AS (
    SELECT id, item_id, step FROM annotation_slot
    WHERE campaign_id = %(campaign)s AND state = 'open' AND number = 1
    ORDER BY position LIMIT %(number)s
), done AS (
    UPDATE annotation_slot s SET state = 'done', annotator_id = %(annotator)s,
        token = gen_random_uuid(), flipped = false, leased_at = now()
    FROM mine WHERE s.id = mine.id RETURNING s.id, s.item_id, s.step, s.token, s.position
), walked AS (
    INSERT INTO annotation_progress (annotator_id, campaign_id, step, priority, position)
    SELECT %(annotator)s, %(campaign)s, step, 1, max(position) FROM done GROUP BY step
    ON CONFLICT (annotator_id, campaign_id, step, priority)
    DO UPDATE SET position = excluded.position
)
INSERT INTO annotation_annotation
    (key, body_digest, campaign_id, item_id, step, annotator_id, slot_id, token, protocol, answers,
     overrides, flipped, guideline_version, standing)
SELECT gen_random_uuid(), repeat('0', 64), %(campaign)s, item_id, step, %(annotator)s, id, token,
       'pku_saferlhf@1', '{}', '{}', false, 1, 'counted'
FROM done
"""


def _growth(seconds: float) -> Iterator[Figure]:
    """p95 of submit and next for somebody alone at the door, which stays open while all grows."""
    empty()
    campaign = campaign_of(10_000)
    with door() as port:
        p95 = partial(_p95, campaign=campaign, port=port, seconds=seconds)
        base = p95(annotator_of(campaign, 1_000))
        yield Figure("alone at the door at 10,000 items, p95", base, "ms")
        present = 10_000
        for number, items in enumerate((100_000, 1_000_000)):
            grow(campaign.dataset, present, items)
            present = items
            placing.place_ahead(campaign)
            found = p95(annotator_of(campaign, 1_001 + number))
            yield Figure(f"the same at {items:,} items", found, "ms")
            yield Figure(
                f"the same at {items:,} items, of 10,000",
                found / base,
                "times",
                goal=MOST_GROWTH,
                less_is_better=True,
            )
        yield from _experience(campaign, p95)


def _experience(campaign: Campaign, p95: Callable[[Annotator], float]) -> Iterator[Figure]:
    placing.place(campaign, at_most=60_000)
    analyze()
    base = p95(annotator_of(campaign, 2_000))
    for number, done in enumerate((10_000, 100_000)):
        old_hand = annotator_of(campaign, 2_001 + number)
        execute(_DONE, {"campaign": campaign.pk, "annotator": old_hand.pk, "number": done})
        analyze()
        yield Figure(
            f"after {done:,} answers, of a new annotator",
            p95(old_hand) / base,
            "times",
            goal=MOST_GROWTH,
            less_is_better=True,
        )


def _p95(annotator: Annotator, *, campaign: Campaign, port: int, seconds: float) -> float:
    alone = crowd([partial(_at_the_door, annotator, campaign, port)], seconds=seconds / 2)
    return alone.share(0.95)


BENCHMARK = Benchmark("annotate", "Getting and giving", arguments, run)
