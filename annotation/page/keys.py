"""The keys of the labelling page: one list for the page, its help and the chips' letters."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


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
