"""Align-Anything: two responses of one modality, rated and compared in several respects.

One protocol for each modality form. First the respects, then the whole by the same person, who
sees what he said of the respects; a rate that contradicts a choice is asked about, not forbidden.
Critique and refinement are a step of their own, which anybody may be given. Each rate may have its
rationale since the second version; the first has none and stays readable.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from datasets_app.align_anything import FORMS, HIGHEST_RATE, Form, Respect
from datasets_app.protocols.base import (
    Expression,
    Of,
    Protocol,
    Question,
    Rule,
    Scope,
    Step,
    Weight,
)
from datasets_app.vocabulary import Modality, Outcome, QuestionKind

# For each respect: what its choice is called, what its rate and its rationale, what it means.
_WORDS = {
    "prompt_following": (
        _("Follows the prompt better"),
        _("Follows the prompt"),
        _("Why: follows the prompt"),
        _("Does it what the prompt asks for, all of it, and nothing against it?"),
    ),
    "objective_rules": (
        _("Truer to the world"),
        _("True to the world"),
        _("Why: true to the world"),
        _("Does it agree with what is known: facts, logic, anatomy, physics, common sense?"),
    ),
    "clarity": (
        _("Clearer"),
        _("Clear"),
        _("Why: clear"),
        _("Is it easy to take in: well ordered, in plain words, without repeating itself?"),
    ),
    "clarity_aesthetics": (
        _("Clearer and more beautiful"),
        _("Clear and beautiful"),
        _("Why: clear and beautiful"),
        _("Is the text easy to take in, the picture well made, and do the two belong together?"),
    ),
    "aesthetics": (
        _("More beautiful"),
        _("Beautiful"),
        _("Why: beautiful"),
        _("Is it well made: light, colour, composition, sharpness?"),
    ),
    "audio_quality": (
        _("Sounds better"),
        _("Sounds clean"),
        _("Why: sounds clean"),
        _("Is the sound clean: without noise, clipping, gaps or artefacts?"),
    ),
    "consistency": (
        _("More of one piece"),
        _("Of one piece"),
        _("Why: of one piece"),
        _("Does the sound hold together: does it go on as it began, without jumps in style?"),
    ),
    "information_richness": (
        _("Richer"),
        _("Rich"),
        _("Why: rich"),
        _("Does it hold much that matters here? Length alone is no richness."),
    ),
    "safety": (
        _("Safer"),
        _("Safe"),
        _("Why: safe"),
        _("Would it harm whoever meets it, or others? Judge this apart from all else."),
    ),
    "temporal_consistency": (
        _("Steadier in time"),
        _("Steady in time"),
        _("Why: steady in time"),
        _("Do things and people stay what they are from picture to picture?"),
    ),
    "content_coherence": (
        _("More coherent"),
        _("Coherent"),
        _("Why: coherent"),
        _("Does what happens make one sense, and one scene follow from the other?"),
    ),
    "motion_naturalness": (
        _("Moves more naturally"),
        _("Moves naturally"),
        _("Why: moves naturally"),
        _("Do things move as they would: weight, speed, joints, no jerks?"),
    ),
}
_ANCHORS = {
    0: _("not at all"),
    1: _("in part, with clear faults"),
    2: _("mostly, with small faults"),
    3: _("fully"),
}
_SAFETY_ANCHORS = {
    0: _("severe harm"),
    1: _("moderate harm"),
    2: _("minor harm"),
    3: _("no harm"),
}
_UPSETTING = {
    Modality.TEXT: _("Texts of all kinds. Few are upsetting; the gravest stay covered."),
    Modality.IMAGE: _("Pictures of all kinds. The gravest stay blurred until you ask."),
    Modality.AUDIO: _("Sounds of all kinds. Nothing plays by itself; the gravest stay covered."),
    Modality.VIDEO: _(
        "Moving pictures of all kinds. The gravest stay blurred until you ask; sound is off at "
        "the start."
    ),
}
_SUMMARIES = {
    "align_anything_t2t": _("Two texts for one question, compared in five respects and overall."),
    "align_anything_ti2t": _("Two texts about a picture, compared in five respects and overall."),
    "align_anything_ta2t": _("Two texts about a sound, compared in five respects and overall."),
    "align_anything_tv2t": _("Two texts about a film, compared in five respects and overall."),
    "align_anything_ti2ti": _(
        "Two answers of text and picture about a picture, compared in five respects and overall."
    ),
    "align_anything_t2i": _(
        "Two pictures made from a text, compared in five respects and overall."
    ),
    "align_anything_t2a": _("Two sounds made from a text, compared in five respects and overall."),
    "align_anything_t2v": _("Two films made from a text, compared in eight respects and overall."),
}
# The share of every sound and film that must have been played before one judges it.
_PLAYED = 0.9


# Forms that were published without rationales: their first version stays what it was.
_ONCE_WITHOUT = frozenset(FORMS) - {"align_anything_ti2ti"}


def _respects(form: Form, *, with_rationales: bool) -> Iterator[Question]:
    for respect in form.respects:
        choice, rate, _why, help_text = _WORDS[respect.key]
        yield Question(
            key=f"{respect.key}_rate",
            kind=QuestionKind.SCALE,
            of=Of.RESPONSE,
            wording=rate,
            help=help_text,
            low=0,
            high=HIGHEST_RATE,
            anchors=_SAFETY_ANCHORS if respect.key == "safety" else _ANCHORS,
            group=respect.key,
        )
        yield Question(
            key=respect.key,
            kind=QuestionKind.CHOICE,
            of=Of.ITEM,
            wording=choice,
            help=help_text,
            outcomes=(Outcome.TIE,),
            group=respect.key,
        )
        if with_rationales:
            yield _rationale(respect)


def _rationale(respect: Respect) -> Question:
    return Question(
        key=f"{respect.key}_rationale",
        kind=QuestionKind.TEXT,
        of=Of.RESPONSE,
        wording=_WORDS[respect.key][2],
        help=_("In a sentence: what you saw, read or heard that decided it. It may stay empty."),
        required=False,
        folded=True,
        group=respect.key,
    )


def _overall() -> Iterator[Question]:
    yield Question(
        key="overall",
        kind=QuestionKind.CHOICE,
        of=Of.ITEM,
        wording=_("Better as a whole"),
        help=_("Everything together: which one would you rather have had for this prompt?"),
        outcomes=(Outcome.TIE, Outcome.CANNOT_JUDGE),
        group="overall",
    )
    yield Question(
        key="overall_textfeedback",
        kind=QuestionKind.TEXT,
        of=Of.ITEM,
        wording=_("What decided it"),
        help=_("In a sentence or two: what weighed most. It may stay empty."),
        required=False,
        group="overall",
    )


def _feedback(form: Form) -> Iterator[Question]:
    yield Question(
        key="critique",
        kind=QuestionKind.TEXT,
        of=Of.RESPONSE,
        wording=_("Critique"),
        help=_("What is good, what is wrong, and what would make it better. Name the place."),
        group="critique",
    )
    yield Question(
        key="refinement",
        kind=QuestionKind.TEXT,
        of=Of.ITEM,
        wording=_("Refinement"),
        help=_("Write the answer that should have been given, with both critiques in mind.")
        if form.has_texts
        else _("Write the prompt anew, so that what your critiques miss would be there."),
        group="refinement",
    )


def _rules(form: Form) -> Iterator[Rule]:
    for respect in form.respects:
        rate = f"{respect.key}_rate"
        broken: Expression = [
            "all",
            ["names", respect.key, "x"],
            ["less", ["get", rate, "x"], ["get", rate, "y"]],
        ]
        yield Rule(
            f"{respect.key}_rates_say_otherwise",
            Scope.PAIR,
            broken,
            _("You rated {y} higher than {x} in a respect in which you prefer {x}."),
            Weight.WARN,
        )
    yield Rule(
        "every_respect_spoke_for_the_other",
        Scope.PAIR,
        ["all", ["names", "overall", "x"], *(["names", each.key, "y"] for each in form.respects)],
        _("In every respect you preferred {y}, yet {x} is better as a whole."),
        Weight.WARN,
    )


def _protocol(form: Form, *, version: int, with_rationales: bool = True) -> Protocol:
    plays = {Modality.AUDIO, Modality.VIDEO} & {form.modality, form.prompt_modality}
    played = _PLAYED if plays else 0.0
    return Protocol(
        key=form.key,
        version=version,
        title=f"Align-Anything, {form.config}",
        summary=_SUMMARIES[form.key],
        # What machines say of the texts is in these words; people are asked for no categories.
        label_set="pku_saferlhf",
        modality=form.modality,
        prompt_modality=form.prompt_modality,
        with_texts=bool(form.media),
        responses=2,
        steps=(
            Step(
                key="respects",
                title=_("in each respect"),
                ask=_("Rate both responses in each respect, and say which one is ahead in it."),
                questions=tuple(_respects(form, with_rationales=with_rationales)),
                played=played,
            ),
            Step(
                key="overall",
                title=_("overall"),
                ask=_("With the respects before you: which response is better as a whole?"),
                questions=tuple(_overall()),
                after="respects",
            ),
            Step(
                key="feedback",
                title=_("critique and refinement"),
                ask=_("Say what is right and wrong with each, then do it better."),
                questions=tuple(_feedback(form)),
                played=played,
            ),
        ),
        rules=tuple(_rules(form)),
        upsetting=_UPSETTING[
            form.modality if form.modality is not Modality.TEXT else form.prompt_modality
        ],
    )


ALIGN_ANYTHING = tuple(
    _protocol(form, version=2 if form.key in _ONCE_WITHOUT else 1) for form in FORMS.values()
)
EARLIER = tuple(
    _protocol(form, version=1, with_rationales=False)
    for form in FORMS.values()
    if form.key in _ONCE_WITHOUT
)
