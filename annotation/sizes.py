"""How large what the labelling page sends may be: as large as what its questions allow."""

from __future__ import annotations

from annotation.judgement import notes, words
from annotation.judgement.marks import MOST
from datasets_app.protocols import VERSIONS
from datasets_app.protocols.base import Of, Protocol, Question, Step

# No character takes more in UTF-8.
_BYTES = 4
# Numbers and names of a mark or a span, and its place in a list.
_MARK = 300
# What is picked, reasons against warnings, names.
_REST = 200_000


def _text(question: Question) -> int:
    if question.is_in_words:
        return words.LONGEST * _BYTES
    return MOST * (notes.LONGEST * _BYTES + _MARK) if question.is_kept_as_given else 0


def _step(protocol: Protocol, step: Step) -> int:
    return sum(
        _text(question) * (1 if question.of is Of.ITEM else protocol.responses)
        for question in step.questions
    )


# Of the answers to any step of any protocol, as JSON.
ANSWERS = _REST + max(
    _step(protocol, step) for protocol in VERSIONS.values() for step in protocol.steps
)
# Of a body that carries them.
BODY = ANSWERS + _REST
