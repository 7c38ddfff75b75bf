"""The keys of the labelling page: one list for the page, its help and the chips' letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import Modality, QuestionKind


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `press` is the browser's name of it (KeyboardEvent.key), `shown` stands on its cap.

    `act` is what the page's script knows it by. `held` says Ctrl or ⌘ must be down as well.
    """

    press: str
    act: str
    does: Promise
    cap: str = ""
    held: bool = False

    @property
    def shown(self) -> str:
        return self.cap or self.press


KEYS = (
    Key("1", "side-a", _("answer about A")),
    Key("2", "side-b", _("answer about B")),
    Key("s", "safe", _("safe")),
    Key("u", "unsafe", _("unsafe")),
    Key("n", "severity-0", _("severity none")),
    Key("m", "severity-1", _("severity minor")),
    Key("d", "severity-2", _("severity moderate")),
    Key("v", "severity-3", _("severity severe")),
    Key("ArrowLeft", "prefer-a", _("prefer A; once more: much"), "←"),
    Key("ArrowRight", "prefer-b", _("prefer B; once more: much"), "→"),
    Key("=", "tie", _("equal")),
    Key("x", "cannot-judge", _("cannot judge")),
    Key("0", "unchanged", _("no change needed")),
    Key("F2", "write", _("write, or correct the text; Esc leads out")),
    Key(">", "larger", _("pictures larger")),
    Key("<", "smaller", _("pictures smaller")),
    Key("*", "full-size", _("pictures in full size, or fitting")),
    Key("F4", "marks", _("to the tools that mark a picture; Enter on one puts a mark there")),
    Key("(", "span-begin", _("a span begins at the picture shown")),
    Key(")", "span-end", _("the span ends at the picture shown")),
    Key("ArrowUp", "question-before", _("the question before"), "↑"),
    Key("ArrowDown", "question-after", _("the next question"), "↓"),
    Key("-", "first-scale-down", _("first scale: one less"), "−"),
    Key("+", "first-scale-up", _("first scale: one more")),
    Key("[", "second-scale-down", _("second scale: one less")),
    Key("]", "second-scale-up", _("second scale: one more")),
    Key("Enter", "submit", _("submit"), "⏎", held=True),
    Key("z", "back", _("back to the one before")),
    Key("k", "skip", _("skip, with a reason")),
    Key("r", "report", _("report")),
    Key("f", "compare", _("differences between A and B")),
    Key("S", "apart", _("scroll or zoom A and B each by itself, or together"), "⇧S"),
    Key("T", "text", _("text as written, or rendered"), "⇧T"),
    Key("b", "reveal", _("hold: reveal what is covered")),
    Key(" ", "play", _("play, pause"), "␣"),
    Key(",", "frame-back", _("one frame back; in a sound, one second")),
    Key(".", "frame-on", _("one frame on; in a sound, one second")),
    Key("/", "other-sound", _("hear the other sound, from the same instant")),
    Key("?", "help", _("this list")),
    Key("Escape", "panic", _("twice: hide everything and give the item back"), "Esc"),
)

_KINDS: dict[QuestionKind, tuple[str, ...]] = {
    QuestionKind.FLAG: ("safe", "unsafe"),
    QuestionKind.SEVERITY: ("severity-0", "severity-1", "severity-2", "severity-3"),
    QuestionKind.CHOICE: (
        "prefer-a",
        "prefer-b",
        "tie",
        "cannot-judge",
        "question-before",
        "question-after",
    ),
    QuestionKind.EDIT: ("unchanged", "write"),
    QuestionKind.TEXT: ("write",),
    QuestionKind.MARKS: ("marks",),
    QuestionKind.SPANS: ("span-begin", "span-end"),
    QuestionKind.SCALE: (
        "first-scale-down",
        "first-scale-up",
        "second-scale-down",
        "second-scale-up",
    ),
}
_SHOWN: dict[Modality, tuple[str, ...]] = {
    Modality.IMAGE: ("larger", "smaller", "full-size"),
    Modality.VIDEO: ("play", "frame-back", "frame-on"),
    Modality.AUDIO: ("play", "frame-back", "frame-on", "other-sound"),
}


def useful(keys: Iterable[Key], protocol: Protocol) -> list[Key]:
    """Those of `keys` that do something on pages of this protocol: what its list of keys names."""
    idle = _idle(_KINDS, {question.kind for question in protocol.questions})
    idle |= _idle(_SHOWN, {protocol.modality, protocol.prompt_modality})
    if protocol.responses < 2 or protocol.modality is not Modality.TEXT:
        idle.add("compare")
    if protocol.responses < 2:
        idle |= {"side-a", "side-b", "apart"}
    return [key for key in keys if key.act not in idle]


def _idle(acts: Mapping[Any, tuple[str, ...]], there: Collection[Any]) -> set[str]:
    """The acts of what is not there, without those that something which is there has as well."""
    used = {act for what in acts for act in acts[what] if what in there}
    return {act for each in acts.values() for act in each} - used
