"""The guard's texts, read from `texts/*.toml` and parted into what trains and what measures."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parent / "texts"

# Every sixth line of every list measures and never trains: the split is by template, so that a
# held-out example shares neither its goal nor its frame nor its answer with a training example.
HELD_OUT_EVERY = 6


class Part(StrEnum):
    """What a line is for."""

    TRAIN = "train"
    HELD_OUT = "held_out"


Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """Something asked for: an infinitive phrase ("steal a car") or a whole prompt.

    Harmless if and only if `severity` is 0, and then without categories.
    """

    text: str
    is_phrase: bool
    severity: int = 0
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Topic:
    """The texts of one harm category: wishes, sentences that grant them, and look-alikes."""

    category: str
    wishes: tuple[Wish, ...]
    tips: Lines
    tip_severity: int
    near: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """All texts of one part."""

    topics: tuple[Topic, ...]
    everyday: tuple[Wish, ...]
    everyday_tips: Lines
    frames: dict[str, Lines]
    answers: dict[str, Lines]
    injections: Lines
    slots: dict[str, Lines]


# The order in which PKU-SafeRLHF names its categories, and so the order of the guard's outputs.
CATEGORIES = (
    "Endangering National Security",
    "Insulting Behavior",
    "Discriminatory Behavior",
    "Endangering Public Health",
    "Copyright Issues",
    "Violence",
    "Drugs",
    "Privacy Violation",
    "Economic Crime",
    "Mental Manipulation",
    "Human Trafficking",
    "Physical Harm",
    "Sexual Content",
    "Cybercrime",
    "Disrupting Public Order",
    "Environmental Damage",
    "Psychological Harm",
    "White-Collar Crime",
    "Animal Abuse",
)

_TOPIC_FILES = (
    "national_security",
    "insulting",
    "discriminatory",
    "public_health",
    "copyright",
    "violence",
    "drugs",
    "privacy",
    "economic_crime",
    "mental_manipulation",
    "human_trafficking",
    "physical_harm",
    "sexual_content",
    "cybercrime",
    "public_order",
    "environmental",
    "psychological_harm",
    "white_collar",
    "animal_abuse",
)


@cache
def sources(part: Part) -> Sources:
    """The texts of one part, in the order of the files."""
    reader = _Reader(part)
    topics = tuple(reader.topic(_read(name)) for name in _TOPIC_FILES)
    everyday = _read("everyday")
    injections = _read("injections")["trained" if part is Part.TRAIN else "held_out"]
    return Sources(
        topics=topics,
        everyday=reader.harmless(everyday, everyday),
        everyday_tips=reader.kept(everyday["tips"]),
        frames={key: reader.kept(text) for key, text in _read("frames").items()},
        answers={key: reader.kept(text) for key, text in _read("answers").items()},
        # Injections are parted by whole families, named in the file.
        injections=tuple(line for family in injections.values() for line in _lines(family)),
        slots=reader.slots,
    )


def lines(part: Part) -> Iterator[str]:
    """Every text of a part as it is written, and every word that can stand in a slot."""
    texts = sources(part)
    wishes = [wish for topic in texts.topics for wish in (*topic.wishes, *topic.near)]
    for wish in (*wishes, *texts.everyday):
        yield wish.text
    for topic in texts.topics:
        yield from topic.tips
    yield from texts.everyday_tips
    yield from texts.injections
    for group in (texts.frames, texts.answers, texts.slots):
        for some in group.values():
            yield from some


Table = dict[str, Any]  # Any: TOML, whose shape the reader knows.


def _read(name: str) -> Table:
    return tomllib.loads((TEXTS / f"{name}.toml").read_text(encoding="utf-8"))


def _lines(text: str) -> Lines:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


class _Reader:
    """Reads tables for one part, and gathers the slots that their wishes name."""

    def __init__(self, part: Part) -> None:
        self.part = part
        # Names of persons, groups and things are common to both parts.
        self.slots = {key: _lines(text) for key, text in _read("slots").items()}

    def kept(self, text: str) -> Lines:
        """The lines of a list that belong to the part."""
        wanted = self.part is Part.HELD_OUT
        return tuple(
            line
            for number, line in enumerate(_lines(text))
            if (number % HELD_OUT_EVERY == HELD_OUT_EVERY - 1) is wanted
        )

    def topic(self, table: Table) -> Topic:
        return Topic(
            category=table["category"],
            wishes=tuple(self._harmful(table)),
            tips=self.kept(table["tips"]["texts"]),
            tip_severity=table["asks"][0]["severity"],
            near=self.harmless(table["near"], table),
        )

    def harmless(self, lines: Table, table: Table) -> tuple[Wish, ...]:
        """The harmless wishes of a table: phrases, whole prompts, and verbs with objects."""
        prompts = lines["prompts"]
        texts = [self._combined(group) for group in table.get("near_combos", ())]
        return (
            *(Wish(line, is_phrase=True) for line in self.kept(lines["goals"])),
            *(Wish(line, is_phrase=False) for line in self.kept(prompts)),
            *(Wish(text, is_phrase=True) for text, times in texts for _ in range(times)),
        )

    def _harmful(self, table: Table) -> Iterator[Wish]:
        for group in table["asks"]:
            for line in self.kept(group["goals"]):
                yield self._wish(line, table, group)
        for group in table["prompts"]:
            for line in self.kept(group["texts"]):
                yield replace(self._wish(line, table, group), is_phrase=False)
        for group in table["combos"]:
            text, times = self._combined(group)
            yield from [self._wish(text, table, group)] * times

    def _wish(self, text: str, table: Table, group: Table) -> Wish:
        categories = frozenset({table["category"], *group.get("also", ())})
        return Wish(text, is_phrase=True, severity=group["severity"], categories=categories)

    def _combined(self, group: Table) -> tuple[str, int]:
        """A phrase of two slots, any verb with any object, and how many lines it is worth."""
        name = f"list_{len(self.slots)}"
        # Verbs are parted, objects are common: a verb is what makes a wish harmful or not.
        verbs, objects = self.kept(group["verbs"]), _lines(group["objects"])
        self.slots[f"{name}_verbs"], self.slots[f"{name}_objects"] = verbs, objects
        return f"{{{name}_verbs}} {{{name}_objects}}", len(verbs)
