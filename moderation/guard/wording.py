"""Turns templates into sentences: fills slots, bends verbs, adds the noise of real typing."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

_SLOT = re.compile(r"\{(\w+)\}")
_DOUBLE_ARTICLE = re.compile(r"('s) (?:an?|the|my) ")
_VOWELS = "aeiou"


def filled(template: str, slots: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    """The template with one choice for each `{slot}`; KeyError for a slot nobody lists."""
    text = _SLOT.sub(lambda match: rng.choice(slots[match[1]]), template)
    # "{person}'s {device}" becomes "my boss's phone", not "my boss's a phone".
    return _DOUBLE_ARTICLE.sub(r"\1 ", text)


def with_goal(template: str, goal: str) -> str:
    """The template with its `{goal}` put in, and `{doing}` as the goal's gerund."""
    return template.replace("{goal}", goal).replace("{doing}", gerund(goal))


def gerund(goal: str) -> str:
    """The phrase with its first verb in the -ing form: "steal a car", "stealing a car"."""
    verb, _, rest = goal.partition(" ")
    return f"{_ing(verb)} {rest}".strip()


def _ing(verb: str) -> str:
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")) and len(verb) > 2:
        return verb[:-1] + "ing"
    if _doubles(verb):
        return verb + verb[-1] + "ing"
    return verb + "ing"


def _doubles(verb: str) -> bool:
    """Whether a one-syllable verb doubles its last consonant: "rob", "cut", but not "steal"."""
    if len(verb) < 3 or sum(letter in _VOWELS for letter in verb) != 1:
        return False
    return verb[-1] not in _VOWELS + "wxy" and verb[-2] in _VOWELS


def typed(text: str, rng: random.Random) -> str:
    """The text as people type it: now and then lower case, without its stop, or misspelt."""
    if rng.random() < 0.15:
        text = text.lower()
    if rng.random() < 0.15:
        text = text.rstrip(".?!")
    if rng.random() < 0.10:
        text = _misspelt(text, rng)
    return text


def _misspelt(text: str, rng: random.Random) -> str:
    """One pair of neighbouring letters changes places."""
    if len(text) < 4:
        return text
    at = rng.randrange(1, len(text) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def noise(rng: random.Random) -> str:
    """What is no sentence: scraps of markup, codes and foreign or made-up words."""
    return " ".join(_scrap(rng) for _ in range(rng.randint(1, 8)))


def _scrap(rng: random.Random) -> str:
    letters = "".join(rng.choices("etaoinshrdlucmfwypvbgkqjxz", k=rng.randint(1, 9)))
    left, right = rng.choice(("  ", "  ", "  ", "<>", "[]", "{}", '""', "()", "||", "##"))
    number = str(rng.randint(0, 9999)) if rng.random() < 0.3 else ""
    return f"{left}{letters}{number}{right}".strip()
