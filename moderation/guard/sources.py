"""The guard's texts, read from `texts/*.toml` and parted into what trains and what measures."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
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
    everyday = _read("everyday")
    injections = _read("injections")["trained" if part is Part.TRAIN else "held_out"]
    return Sources(
        topics=tuple(_topic(_read(name), part) for name in _TOPIC_FILES),
        everyday=(
            *_harmless(everyday["goals"], part, is_phrase=True),
            *_harmless(everyday["prompts"], part, is_phrase=False),
        ),
        everyday_tips=_kept(everyday["tips"], part),
        frames={key: _kept(text, part) for key, text in _read("frames").items()},
        answers={key: _kept(text, part) for key, text in _read("answers").items()},
        # Injections are parted by whole families, named in the file.
        injections=tuple(line for family in injections.values() for line in _lines(family)),
        # Names of persons, groups and animals are common to both parts.
        slots={key: _lines(text) for key, text in _read("slots").items()},
    )


def _read(name: str) -> dict[str, Any]:  # Any: TOML, whose shape _topic and sources know.
    return tomllib.loads((TEXTS / f"{name}.toml").read_text(encoding="utf-8"))


def _lines(text: str) -> Lines:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _kept(text: str, part: Part) -> Lines:
    lines = enumerate(_lines(text))
    wanted = part is Part.HELD_OUT
    return tuple(line for n, line in lines if (n % HELD_OUT_EVERY == HELD_OUT_EVERY - 1) is wanted)


def _harmless(text: str, part: Part, *, is_phrase: bool) -> tuple[Wish, ...]:
    return tuple(Wish(line, is_phrase) for line in _kept(text, part))


def _topic(read: dict[str, Any], part: Part) -> Topic:
    category = read["category"]
    wishes = []
    for key, lines_key, is_phrase in (("asks", "goals", True), ("prompts", "texts", False)):
        for group in read[key]:
            categories = frozenset({category, *group.get("also", ())})
            wishes += [
                Wish(line, is_phrase, group["severity"], categories)
                for line in _kept(group[lines_key], part)
            ]
    return Topic(
        category=category,
        wishes=tuple(wishes),
        tips=_kept(read["tips"]["texts"], part),
        tip_severity=read["asks"][0]["severity"],
        near=(
            *_harmless(read["near"]["goals"], part, is_phrase=True),
            *_harmless(read["near_prompts"]["texts"], part, is_phrase=False),
        ),
    )
