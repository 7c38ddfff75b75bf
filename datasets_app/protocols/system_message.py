"""Janus, the Multifaceted Collection: which text follows the values of a system message better.

The same pair may be decided one way under one system message and the other way under another.
There is one question and so no rule between answers.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from datasets_app.protocols.base import Of, Protocol, Question, Step
from datasets_app.vocabulary import Modality, Outcome, QuestionKind

_VALUES = Step(
    key="values",
    title=_("values"),
    ask=_("Read the system message first. Which response follows its values better?"),
    questions=(
        Question(
            key="follows",
            kind=QuestionKind.CHOICE,
            of=Of.ITEM,
            wording=_("Follows the system message's values better"),
            help=_(
                "Judge by what the system message asks for: style, background knowledge, depth, "
                "care. Your own taste does not count, nor which one would be better without it."
            ),
            outcomes=(Outcome.TIE, Outcome.CANNOT_JUDGE),
            strength=True,
            group="values",
        ),
    ),
)

SYSTEM_MESSAGE = Protocol(
    key="system_message",
    version=1,
    title="System message",
    summary=_("Two texts for one prompt: which follows the values of the system message better."),
    # What machines say of the texts is in these words; people are asked for no categories.
    label_set="pku_saferlhf",
    modality=Modality.TEXT,
    responses=2,
    steps=(_VALUES,),
    reads_system=True,
    upsetting=_("Texts of all kinds. Few are upsetting; the gravest stay covered."),
)
