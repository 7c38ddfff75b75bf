"""The keys of the labelling page: one list for the page, its help and the chips' letters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datasets_app.protocols.base import Of, Protocol
from datasets_app.vocabulary import Modality, Outcome, QuestionKind


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `press` is the browser's name of it (KeyboardEvent.key), `shown` stands on its cap.

    `act` is what the page's script knows it by. `held` says Ctrl or ⌘ must be down as well. One
    that is no single key, as any digit, has no `press`.
    """

    press: str
    act: str
    does: Promise | str
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
    Key("!", "both-unacceptable", _("both unacceptable")),
    Key("0", "unchanged", _("no change needed")),
    Key("F2", "write", _("write, or correct the text; Esc leads out")),
    Key(">", "larger", _("pictures larger")),
    Key("<", "smaller", _("pictures smaller")),
    Key("*", "full-size", _("pictures in full size, or fitting")),
    Key("F4", "marks", _("to the tools that mark; once more: to the next, and to what is marked")),
    Key("(", "span-begin", _("a span begins at the picture shown")),
    Key(")", "span-end", _("the span ends at the picture shown")),
    Key(";", "walk-on", _("to the next question, on either side; Esc leads out")),
    Key(":", "walk-back", _("to the question before")),
    Key("", "point", _("the point of that number, in the scale in focus"), "0–9"),
    Key("M", "meaning", _("what the question means"), "⇧M"),
    Key("ArrowUp", "question-before", _("the choice before"), "↑"),
    Key("ArrowDown", "question-after", _("the next choice"), "↓"),
    Key("-", "first-scale-down", _("first scale, or the one in focus: one less"), "−"),
    Key("+", "first-scale-up", _("first scale, or the one in focus: one more")),
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
    Key("B", "keep-open", _("keep open what is covered; once more: cover it"), "⇧B"),
    Key(" ", "play", _("play, pause"), "␣"),
    Key(",", "frame-back", _("one frame back; in a sound, one second")),
    Key(".", "frame-on", _("one frame on; in a sound, one second")),
    Key("F8", "player", _("to the time of the player; Tab goes on to speed, loop, sound")),
    Key("/", "other-sound", _("hear the other sound, from the same instant")),
    Key("G", "guideline", _("guideline, in another tab"), "⇧G"),
    Key("R", "break", _("take a break"), "⇧R"),
    Key("?", "help", _("this list")),
    Key("Escape", "panic", _("twice: hide everything and give the item back"), "Esc"),
)

_KINDS: dict[QuestionKind, tuple[str, ...]] = {
    QuestionKind.FLAG: ("safe", "unsafe"),
    QuestionKind.SEVERITY: ("severity-0", "severity-1", "severity-2", "severity-3"),
    QuestionKind.CHOICE: ("prefer-a", "prefer-b", "question-before", "question-after"),
    QuestionKind.EDIT: ("unchanged", "write"),
    QuestionKind.TEXT: ("write",),
    QuestionKind.MARKS: ("marks",),
    QuestionKind.SPANS: ("span-begin", "span-end", "marks"),
    QuestionKind.SCALE: (
        "point",
        "first-scale-down",
        "first-scale-up",
        "second-scale-down",
        "second-scale-up",
    ),
}
_OUTCOMES: dict[Outcome, tuple[str, ...]] = {
    Outcome.TIE: ("tie",),
    Outcome.CANNOT_JUDGE: ("cannot-judge",),
    Outcome.BOTH_UNACCEPTABLE: ("both-unacceptable",),
}
_SHOWN: dict[Modality, tuple[str, ...]] = {
    Modality.IMAGE: ("larger", "smaller", "full-size"),
    Modality.VIDEO: ("play", "frame-back", "frame-on", "player"),
    Modality.AUDIO: ("play", "frame-back", "frame-on", "player"),
}
# What takes two of a kind in one place.
_OF_SEVERAL: dict[QuestionKind, tuple[str, ...]] = {
    QuestionKind.CHOICE: ("question-before", "question-after"),
    QuestionKind.SCALE: ("second-scale-down", "second-scale-up"),
}
# What A and B of two responses must be, by what is done with both.
_BOTH: dict[str, tuple[Modality, ...]] = {
    "compare": (Modality.TEXT,),
    "apart": (Modality.TEXT, Modality.IMAGE),
    "other-sound": (Modality.AUDIO,),
}


def useful(keys: Iterable[Key], protocol: Protocol) -> list[Key]:
    """Those of `keys` that do something on pages of this protocol: what its list of keys names.

    What answers a flag is named as the flag is worded there.
    """
    questions = protocol.questions
    idle = _idle(_KINDS, {question.kind for question in questions})
    idle |= _idle(_OUTCOMES, {outcome for question in questions for outcome in question.outcomes})
    idle |= _idle(_SHOWN, {protocol.modality, protocol.prompt_modality})
    idle |= _idle(_OF_SEVERAL, {kind for kind in _OF_SEVERAL if _asks_several(protocol, kind)})
    is_pair = protocol.responses > 1
    idle |= {act for act, of in _BOTH.items() if not is_pair or protocol.modality not in of}
    if not is_pair or all(question.of is Of.ITEM for question in questions):
        idle |= {"side-a", "side-b"}
    worded = _flags_of(protocol)
    return [
        replace(key, does=worded.get(key.act, key.does))
        for key in keys
        if key.act not in idle and key.shown
    ]


def _flags_of(protocol: Protocol) -> dict[str, str]:
    """What the keys of flags say, where a flag does not ask whether something is safe."""
    flags = [question.flag for question in protocol.questions if question.flag]
    good = (flag.no if flag.is_bad else flag.yes for flag in flags)
    bad = (flag.yes if flag.is_bad else flag.no for flag in flags)
    acts = {"safe": good, "unsafe": bad} if flags else {}
    return {act: " / ".join(map(gettext, dict.fromkeys(said))) for act, said in acts.items()}


def _asks_several(protocol: Protocol, kind: QuestionKind) -> bool:
    """Whether a step asks more than one question of that kind in the same place."""
    return any(
        sum(question.kind is kind and question.of is of for question in step.questions) > 1
        for step in protocol.steps
        for of in Of
    )


def _idle(acts: Mapping[Any, tuple[str, ...]], there: Collection[Any]) -> set[str]:
    """The acts of what is not there, without those that something which is there has as well."""
    used = {act for what in acts for act in acts[what] if what in there}
    return {act for each in acts.values() for act in each} - used
