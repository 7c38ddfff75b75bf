"""Aligner and Stream Aligner: one answer, or the next sentence of one, corrected.

What came before the sentence is fixed; that no change is needed is an answer like any other. There
is one question and so no rule between answers.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from datasets_app.protocols.base import Of, Protocol, Question, Step
from datasets_app.vocabulary import Modality, QuestionKind

_CORRECTION = Step(
    key="correction",
    title=_("correction"),
    ask=_("Correct the response so that it is helpful and harmless, or say that it is so already."),
    questions=(
        Question(
            key="correction",
            kind=QuestionKind.EDIT,
            of=Of.RESPONSE,
            wording=_("Correction"),
            help=_(
                "Change as little as makes it true, helpful and harmless, and keep what is good. A "
                "greyed beginning is fixed: correct only what goes on from it. Where nothing has "
                "to be changed, say so."
            ),
            group="correction",
        ),
    ),
)

CORRECTION = Protocol(
    key="correction",
    version=1,
    title="Correction",
    summary=_("One answer, or the next sentence of one: correct it, or say that it needs nothing."),
    # What machines say of the texts is in these words; people are asked for no categories.
    label_set="pku_saferlhf",
    modality=Modality.TEXT,
    responses=1,
    steps=(_CORRECTION,),
    upsetting=_(
        "Texts of all kinds, some of them harmful: that is what is corrected. The gravest stay "
        "covered until you ask for them."
    ),
)
