"""Measures a guard, and prints the tables of docs/guard.md: `python -m moderation.guard.evaluate`.

On the part of its own texts that never trained it, and, where `CASTOR_SHARED_DATA` (or
`../shared/data`) has them, on published questions and answers that it has never seen.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from moderation.classifiers.contract import Classifier, Judgement, Passage
from moderation.classifiers.loading import load_classifier
from moderation.guard.examples import Example, examples
from moderation.guard.sources import Part, sources
from moderation.guard.wording import filled, with_goal
from moderation.policy import Thresholds

HELD_OUT_EXAMPLES = 4_000
SEED = 77
_PROJECT = Path(__file__).parent.parent.parent

Row = tuple[str, int, str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print every table that the data at hand allows."""
    parser = argparse.ArgumentParser(
        prog="python -m moderation.guard.evaluate", description=__doc__
    )
    parser.add_argument(
        "--classifier", default="", help="as CASTOR_GUARD; the shipped one if not given"
    )
    guard = load_classifier(parser.parse_args(arguments).classifier, device="cpu")
    _say(f"{guard.name}, revision {guard.revision}\n")
    _print("Its own texts, the part that never trained it", held_out(guard))
    _print("Groups of people, in harmless questions", harmless_mentions(guard))
    _print("Texts that try to talk it round", injected(guard))
    data = Path(os.environ.get("CASTOR_SHARED_DATA") or _PROJECT.parent / "shared" / "data")
    if data.is_dir():
        _print("Published data, never seen", published(guard, data))
    else:
        _say(f"Published data: {data} is not here, so nothing is measured on it.")


def held_out(guard: Classifier) -> list[Row]:
    """How often it is right about harm or no harm, by kind of example; and about what harm."""
    wanted = examples(Part.HELD_OUT, HELD_OUT_EXAMPLES, seed=SEED)
    judged = guard.judge([Passage(one.prompt, one.response) for one in wanted])
    both = list(zip(wanted, judged, strict=True))
    rows = []
    for kind in sorted({one.kind for one in wanted}):
        some = [(one, said) for one, said in both if one.kind == kind]
        rows.append(_share_of(f"right about: {kind}", (_is_right(one, said) for one, said in some)))
    harmful = [(one, said) for one, said in both if not one.is_safe]
    harmless = [(one, said) for one, said in both if one.is_safe]
    rows += [
        _share_of("right about harm or no harm, all", (_is_right(one, said) for one, said in both)),
        _share_of("harmful, flagged", (said.severity > 0 for _, said in harmful)),
        _share_of("harmless, flagged all the same", (said.severity > 0 for _, said in harmless)),
        _share_of(
            "harmful, likeliest category right",
            (_likeliest(said) in one.categories for one, said in harmful),
        ),
        _share_of("severity exactly right", (one.severity == said.severity for one, said in both)),
        _share_of(
            "severe, quarantined", (said.severity == 3 for one, said in both if one.severity == 3)
        ),
        _share_of(
            "not severe, quarantined all the same",
            (said.severity == 3 for one, said in both if one.severity < 3),
        ),
    ]
    return rows


def harmless_mentions(guard: Classifier) -> list[Row]:
    """How often a harmless question about people is flagged; then the groups most flagged."""
    texts = sources(Part.HELD_OUT)
    rng = random.Random(SEED)
    asked = [
        (group, _in_full(wish.text, wish.is_phrase, {**texts.slots, "group": (group,)}, rng))
        for topic in texts.topics
        for wish in topic.near
        if "{group}" in wish.text
        for group in texts.slots["group"]
    ]
    judged = guard.judge([Passage(text) for _, text in asked])
    flagged = Counter(
        group for (group, _), said in zip(asked, judged, strict=True) if said.severity
    )
    each = len(asked) // len(texts.slots["group"])
    rows = [_share_of("flagged, all groups", (said.severity > 0 for said in judged))]
    return rows + [
        (f"flagged, {group}", each, _percent(n, each)) for group, n in flagged.most_common(3)
    ]


def injected(guard: Classifier) -> list[Row]:
    """How often a text appended to a quarantined one gets it through; one would want 2 %."""
    severe = [one for one in examples(Part.TRAIN, 12_000, seed=SEED) if one.severity == 3]
    passages = [Passage(one.prompt, one.response) for one in severe]
    held = [p for p, said in zip(passages, guard.judge(passages), strict=True) if _is_held(said)]
    rng = random.Random(SEED)
    rows = []
    for part, name in (
        (Part.TRAIN, "of the families it was trained on"),
        (Part.HELD_OUT, "of other families"),
    ):
        added = [_with(passage, rng.choice(sources(part).injections)) for passage in held]
        rows.append(
            _share_of(f"let through, {name}", (not _is_held(said) for said in guard.judge(added)))
        )
    return rows


def published(guard: Classifier, data: Path) -> list[Row]:
    """Published pairs with a safe flag, and published questions that all ask for harm."""
    rows: list[Row] = []
    pairs = json.loads((data / "pku_saferlhf" / "train.json").read_text(encoding="utf-8"))
    answers = [
        (Passage(row["prompt"], row[f"response_{n}"]), row[f"is_response_{n}_safe"])
        for row in pairs
        for n in (0, 1)
    ]
    judged = guard.judge([passage for passage, _ in answers])
    said = [
        (is_safe, judgement.severity > 0)
        for (_, is_safe), judgement in zip(answers, judged, strict=True)
    ]
    rows += [
        _share_of(
            "PKU-SafeRLHF, answers: right", (is_safe != flagged for is_safe, flagged in said)
        ),
        _share_of(
            "PKU-SafeRLHF, unsafe answers: flagged",
            (flagged for is_safe, flagged in said if not is_safe),
        ),
        _share_of(
            "PKU-SafeRLHF, safe answers: flagged all the same",
            (flagged for is_safe, flagged in said if is_safe),
        ),
    ]
    asked = json.loads(
        (data / "beavertails" / "BeaverTails-Evaluation.json").read_text(encoding="utf-8")
    )
    rows += _questions(
        guard, "BeaverTails-Evaluation", [(row["category"], row["prompt"]) for row in asked]
    )
    with (data / "figstep" / "safebench.csv").open(encoding="utf-8", newline="") as file:
        typed = [(row["category_name"], row["question"]) for row in csv.DictReader(file)]
    return rows + _questions(guard, "FigStep", typed)


def _questions(guard: Classifier, name: str, asked: Sequence[tuple[str, str]]) -> list[Row]:
    judged = guard.judge([Passage(question) for _, question in asked])
    flags = [
        (category, said.severity > 0) for (category, _), said in zip(asked, judged, strict=True)
    ]
    rows = [_share_of(f"{name}, questions: flagged", (flagged for _, flagged in flags))]
    for category in sorted({category for category, _ in flags}):
        rows.append(
            _share_of(
                f"{name}, {category}", (flagged for kind, flagged in flags if kind == category)
            )
        )
    return rows


def _in_full(
    text: str, is_phrase: bool, slots: dict[str, tuple[str, ...]], rng: random.Random
) -> str:
    goal = filled(text, slots, rng)
    return with_goal(rng.choice(sources(Part.TRAIN).frames["ask"]), goal) if is_phrase else goal


def _with(passage: Passage, injection: str) -> Passage:
    if passage.response is None:
        return Passage(f"{passage.prompt} {injection}")
    return Passage(passage.prompt, f"{passage.response} {injection}")


def _is_held(said: Judgement) -> bool:
    return said.severity >= Thresholds().severity


def _is_right(one: Example, said: Judgement) -> bool:
    return one.is_safe == (said.severity == 0)


def _likeliest(said: Judgement) -> str:
    return max(said.probabilities, key=lambda key: said.probabilities[key])


def _share_of(name: str, flags: Iterable[bool]) -> Row:
    values = list(flags)
    return name, len(values), _percent(sum(values), len(values))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _print(title: str, rows: Iterable[Row]) -> None:
    _say(f"| {title} | n | share |")
    _say("|---|---|---|")
    for name, count, share in rows:
        _say(f"| {name} | {count} | {share} |")
    _say("")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
