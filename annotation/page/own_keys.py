"""A person's own keys: the list with them put in, and what may be one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from annotation.page.keys import KEYS, Key
from datasets_app.label_sets import LABEL_SETS

# To submit takes two keys at once, digits are what they say, and to have everything gone must work
# for whoever sits there.
FIXED = frozenset({"submit", "point", "panic"})
CHANGEABLE = {key.act: key for key in KEYS if key.act not in FIXED}

# What is done from within a scale, whose points digits and arrows pick.
_FROM_SCALES = frozenset(
    {
        *("walk-on", "walk-back", "meaning", "write"),
        *("first-scale-down", "first-scale-up", "second-scale-down", "second-scale-up"),
    }
)
_POINTS = frozenset([*"0123456789", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"])

_SPACE = "Space"
CAPS = {" ": "␣"} | {key.press: key.cap for key in KEYS if key.cap and key.act not in FIXED}
_CAPPED = {cap: press for press, cap in CAPS.items()}
# Keys without a sign of their own that a page may take from the browser.
_FUNCTION_KEYS = [f"F{number}" for number in range(1, 13)]
_MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"]
_NAMED = frozenset([*_MOVES, "Insert", *_FUNCTION_KEYS])


class BadKeys(Exception):
    """Keys that cannot be so; `problems` says for each act, in one line, what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


def keys_with(own: Mapping[str, str]) -> tuple[Key, ...]:
    """The keys of the page with those of a person's own; what makes no sense is passed over.

    An act that came to the page after its key was given to another has none, until it gets one; nor
    has one whose key picks a point of the scale in which it is pressed.
    """
    lost = unfit(own)
    chosen = {act: press for act, press in own.items() if act in CHANGEABLE and act not in lost}
    lost |= {act: "" for act, key in CHANGEABLE.items() if key.press in chosen.values()}
    return tuple(_key_with(key, chosen, lost) for key in KEYS)


def _key_with(key: Key, chosen: Mapping[str, str], lost: Collection[str]) -> Key:
    if key.act in chosen:
        return replace(key, press=chosen[key.act], cap=cap_of(chosen[key.act]))
    return replace(key, press="", cap="") if key.act in lost else key


def unfit(own: Mapping[str, str]) -> dict[str, str]:
    """Keys that could be chosen before, and do nothing now: act → in one line, why."""
    return {act: _picks_a_point(press) for act, press in own.items() if _is_unfit(act, press)}


def _is_unfit(act: str, press: str) -> bool:
    return act in _FROM_SCALES and press in _POINTS


def _picks_a_point(press: str) -> str:
    return _("“%(key)s” picks a point of a scale. Take another key.") % {"key": cap_of(press)}


def cap_of(press: str) -> str:
    """What stands on the key: a capital is typed with Shift."""
    is_capital = len(press) == 1 and press.isupper()
    return CAPS.get(press) or (f"⇧{press}" if is_capital else press)


def read(written: Mapping[str, str]) -> dict[str, str]:
    """The keys of a form, act → what stands on the key or its name, where they differ from the
    page's; "" stands for the page's.

    Raises BadKeys: for what is no single key, for two acts on one, for a letter of a category.
    """
    pressed = {
        act: press_of(written.get(act, "").strip()) or key.press for act, key in CHANGEABLE.items()
    }
    problems = {act: said for act in pressed if (said := _problem(act, pressed))}
    if problems:
        raise BadKeys(problems)
    return {act: press for act, press in pressed.items() if press != CHANGEABLE[act].press}


def press_of(written: str) -> str:
    """The key that was written: as it stands on its cap (←, ⇧M), or as a browser names it."""
    if len(written) == 2 and written.startswith("⇧"):
        return written[1]
    return " " if written == _SPACE else _CAPPED.get(written, written)


def _problem(act: str, pressed: Mapping[str, str]) -> str:
    press = pressed[act]
    if press not in _NAMED and press != " " and (len(press) != 1 or not press.isprintable()):
        return _("“%(key)s” is no single key. Press the one you want in the field.") % {
            "key": press[:20]
        }
    if _is_unfit(act, press):
        return _picks_a_point(press)
    for other, taken in pressed.items():
        if taken == press and other != act:
            return _("“%(key)s” is also the key for: %(other)s. Give one of them another.") % {
                "key": cap_of(press),
                "other": CHANGEABLE[other].does,
            }
    owner = _category(press)
    if owner and press != CHANGEABLE[act].press:
        return _("“%(key)s” picks a category: %(category)s. Take another key.") % {
            "key": cap_of(press),
            "category": owner,
        }
    return ""


def _category(letter: str) -> str:
    """What a letter on the chips stands for, in any label set."""
    return next(
        (
            _(category.name)
            for each in LABEL_SETS.values()
            for category in each.categories
            if category.letter == letter
        ),
        "",
    )
