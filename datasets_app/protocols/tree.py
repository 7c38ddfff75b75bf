"""Reward Generalization: leaf pairs of a response tree, the beginning that they share greyed.

Who compares complete paths need not read the beginning twice. There is one question, and so no rule
between answers.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from datasets_app.protocols.base import Of, Protocol, Question, Step
from datasets_app.vocabulary import Modality, Outcome, QuestionKind

_BETTER = Step(
    key="better",
    title=_("preference"),
    ask=_("What is greyed stands in both. Which one goes on from it to the better answer?"),
    questions=(
        Question(
            key="better",
            kind=QuestionKind.CHOICE,
            of=Of.ITEM,
            wording=_("Better response"),
            help=_(
                "Judge the responses as a whole, to the end. What is greyed stands in both: it "
                "counts for neither, but what follows must fit it."
            ),
            outcomes=(Outcome.TIE, Outcome.CANNOT_JUDGE),
            strength=True,
            group="helpfulness",
        ),
    ),
)

TREE = Protocol(
    key="tree",
    version=1,
    title="Response tree",
    summary=_("Two leaves of one tree of texts: which one goes on better from where they part."),
    # What machines say of the texts is in these words; people are asked for no categories.
    label_set="pku_saferlhf",
    modality=Modality.TEXT,
    responses=2,
    steps=(_BETTER,),
    reads_tree=True,
    upsetting=_("Texts of all kinds. Few are upsetting; the gravest stay covered."),
)
