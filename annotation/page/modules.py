"""Which script modules a labelling page is made of, by what its protocol shows and asks."""

from __future__ import annotations

from annotation.page import playing
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import Modality, QuestionKind

# What the page's script is made of, named so that the browser fetches all of it at once.
MODULES = (
    "annotation/js/answers.js",
    "annotation/js/asking.js",
    "annotation/js/away.js",
    "annotation/js/clock.js",
    "annotation/js/desk.js",
    "annotation/js/drafts.js",
    "annotation/js/exposure.js",
    "annotation/js/foot.js",
    "annotation/js/going.js",
    "annotation/js/gone.js",
    "annotation/js/held.js",
    "annotation/js/keyboard.js",
    "annotation/js/labelling.js",
    "annotation/js/later.js",
    "annotation/js/letters.js",
    "annotation/js/looks.js",
    "annotation/js/outbox.js",
    "annotation/js/page.js",
    "annotation/js/rulebar.js",
    "annotation/js/sending.js",
    "annotation/js/sheets.js",
    "annotation/js/store.js",
    "annotation/js/vacancy.js",
    "annotation/js/walk.js",
    "annotation/js/ways.js",
    "annotation/js/wire.js",
    "annotation/js/words.js",
    "js/hold.js",
    "js/rules.js",
    "js/status.js",
    "js/veil.js",
)
# What pages need besides of people with keys of their own.
OWN_KEYS = "annotation/js/caps.js"
# What is fetched when its person asks for it.
ON_DEMAND = (
    "annotation/js/differences.js",
    "annotation/js/elsewhere.js",
    "annotation/js/overdue.js",
    "annotation/js/signing_in.js",
    "annotation/js/unsent.js",
)
# What looks after unsent answers where one signs out: on every page.
LEAVING = "annotation/js/leaving.js"
# What tells of it afterwards, on the page to which that leads.
LEFT = "annotation/js/left.js"
# What looks for them on every other page of who is signed in.
WAITING = "annotation/js/waiting.js"
KEYS_PAGE = "annotation/js/own_keys.js"
# What pages need besides that show pictures, films or sounds; each announces itself to `sheets.js`.
PLAYERS = {
    Modality.IMAGE: ("annotation/js/zoom.js", "annotation/js/pictures.js"),
    Modality.VIDEO: ("annotation/js/transport.js",),
    Modality.AUDIO: (
        "annotation/js/transport.js",
        "annotation/js/waveform.js",
        "annotation/js/sounds.js",
    ),
}
PLAYING = "annotation/js/playing.js"

# What only a protocol with such a question needs besides; the last of each announces itself.
DRAWN_MODULES = {
    QuestionKind.MARKS: (
        "annotation/js/given.js",
        "annotation/js/layer.js",
        "annotation/js/mark.js",
        "annotation/js/shapes.js",
        "annotation/js/marks.js",
    ),
    QuestionKind.SPANS: ("annotation/js/given.js", "annotation/js/spans.js"),
}


def players(protocol: Protocol) -> list[str]:
    """What plays or zooms what the protocol shows, and reports what was played."""
    found = [name for each in shown_modalities(protocol) for name in PLAYERS.get(each, ())]
    return list(dict.fromkeys([*found, PLAYING] if playing.asked_in(protocol) else found))


def shown_modalities(protocol: Protocol) -> tuple[Modality, Modality]:
    """Of the responses, and of the prompt."""
    return protocol.modality, protocol.prompt_modality


def drawn(protocol: Protocol) -> tuple[str, ...]:
    """What marks and spans are set with, where the protocol asks for them."""
    kinds = {question.kind for question in protocol.questions}
    wanted = (modules for kind, modules in DRAWN_MODULES.items() if kind in kinds)
    return tuple(dict.fromkeys(module for modules in wanted for module in modules))
