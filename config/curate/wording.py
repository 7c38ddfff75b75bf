"""Wording: what stands in the database as a key, in words for a curator."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from annotation.consensus import verdicts
from datasets_app.label_sets import LABEL_SETS
from datasets_app.protocols.base import Protocol
from datasets_app.selection import REASONS
from datasets_app.vocabulary import ItemState

_WEAK = re.compile(r"weak: (\d+%) where (\d+%) are wanted")
_WAITS = "waits for "


def category(key: str, label_set: str = "") -> str:
    """The name of a harm category, of that label set if it knows it; the key if none does."""
    sets = [LABEL_SETS[label_set]] if label_set in LABEL_SETS else []
    for one in [*sets, *LABEL_SETS.values()]:
        if key in one.keys:
            return _(one[key].name)
    return key


def question(protocol: Protocol, key: str) -> str:
    """The wording of a question; the key where the protocol has none of it any more."""
    known = {one.key: one.wording for one in protocol.questions}
    return _(known[key]) if key in known else key


def step(protocol: Protocol, key: str) -> str:
    """The title of a step; the key where the protocol has none of it any more."""
    known = {one.key: one.title for one in protocol.steps}
    return _(known[key]) if key in known else key


def state(value: str) -> str:
    """The name of an item's state; anything else as it is."""
    return str(ItemState(value).label) if value in ItemState.values else value


def is_waiting(dispute: str) -> bool:
    """Whether it is in dispute only because another question is."""
    return dispute.startswith(_WAITS)


def dispute(text: str) -> str:
    """Why a verdict does not stand, as a sentence."""
    if text == verdicts.SPLIT:
        return _("The votes are split: no answer has the majority.")
    if text == verdicts.NO_VOTES:
        return _("Nobody was asked, yet it must have an answer.")
    if text == verdicts.CANNOT_JUDGE:
        return _("Most say that it cannot be judged.")
    if weak := _WEAK.fullmatch(text):
        return _("Only %(got)s agree; %(wanted)s are wanted.") % {
            "got": weak[1],
            "wanted": weak[2],
        }
    if is_waiting(text):
        return _("It waits for %(other)s: rule that first, and this follows.") % {
            "other": text.removeprefix(_WAITS)
        }
    if text.startswith("rule "):
        return _("The verdicts contradict each other. %(rule)s") % {"rule": text.partition(": ")[2]}
    return text


def refusal(reason: str, protocol: Protocol) -> str:
    """Why an item stayed out of a version, as a sentence."""
    if reason in REASONS:
        return str(REASONS[reason])
    rules = {f"rule_{rule.key}": rule.message for rule in protocol.rules}
    if reason in rules:
        said = _(rules[reason]).format(x="A", y="B")
        return _("The verdicts contradict each other. %(rule)s") % {"rule": said}
    return reason
