"""Faults of one generated video, second by second: Castor's own, for what a rating cannot say.

Spans say when; what stands of several people's is all of them. A rating settles by votes.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from datasets_app.protocols.base import Of, Protocol, Question, Rule, Scope, Step, Weight
from datasets_app.vocabulary import Modality, QuestionKind

_FAULTS = Step(
    key="faults",
    title=_("faults"),
    ask=_(
        "Watch the video to its end. When does something go wrong, and how well did it turn out?"
    ),
    questions=(
        Question(
            key="faults",
            kind=QuestionKind.SPANS,
            of=Of.RESPONSE,
            wording=_("Faults"),
            help=_("Mark each fault from where it can first be seen to where it is over."),
            required=False,
            kinds={
                "prompt": _("not what was asked"),
                "motion": _("moves as nothing can"),
                "change": _("things change or vanish"),
                "picture": _("blurred or broken picture"),
                "harm": _("harmful content"),
            },
            group="faults",
        ),
        Question(
            key="quality",
            kind=QuestionKind.SCALE,
            of=Of.RESPONSE,
            wording=_("Quality"),
            help=_("Of the video as a whole, going by what was asked for."),
            low=0,
            high=3,
            anchors={
                0: _("Useless: it does not show what was asked for."),
                1: _("Poor: what was asked for is there, with grave faults."),
                2: _("Good: small faults that one can overlook."),
                3: _("Flawless: nothing to be found."),
            },
            group="quality",
        ),
    ),
)

_RULES = (
    Rule(
        "flawless_has_no_faults",
        Scope.EACH,
        ["all", ["is", ["get", "quality", "x"], 3], ["not", ["empty", ["get", "faults", "x"]]]],
        _("You marked a fault and call the video flawless."),
        Weight.WARN,
    ),
)

VIDEO_FAULTS = Protocol(
    key="video_faults",
    version=1,
    title="Video faults",
    summary=_("One video made from a text: when what goes wrong, and how well it turned out."),
    # What machines say is in these words; people are asked for no categories.
    label_set="safesora",
    modality=Modality.VIDEO,
    responses=1,
    steps=(_FAULTS,),
    rules=_RULES,
    upsetting=_("Made-up videos, some of them of harmful things. The gravest stay covered."),
)
