"""Align-Anything: two responses of one modality with rates, choices and feedback; a reader a form.

The columns are those of `datasets_app.align_anything`. Whatever a row answers is a vote; a choice
of 0 is a tie. Media are paths or bytes inside the file, as the `datasets` library stores them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from datasets_app.align_anything import FEEDBACK, FORMS, FROM_ZERO, HIGHEST_RATE, Form
from datasets_app.readers import cells
from datasets_app.readers.base import (
    BadRow,
    Incoming,
    IncomingMedia,
    IncomingResponse,
    IncomingTurn,
    IncomingVote,
    Interpret,
    Reader,
    ReadOptions,
    Row,
    Unusable,
)
from datasets_app.readers.rows.by_ending import rows_by_ending
from datasets_app.vocabulary import Modality, Outcome, Speaker

_CHOICES = {1: "0", 2: "1", 0: Outcome.TIE.value, "1": "0", "2": "1", "0": Outcome.TIE.value}
# Where the published files put the film into the prompt's text.
_VIDEO_MARK = "<video>"
# The text of a prompt under either name: the source is not of one mind.
_PROMPTS = ("prompt", "question")


def interpret(row: Row, *, form: Form) -> Incoming:
    """One pair. Raises Unusable."""
    shown = (_shown(row, form.prompt_media, form.prompt_modality),) if form.prompt_media else ()
    text = cells.said(
        cells.text(row, _prompt_column(row, form)).replace(_VIDEO_MARK, "").strip(), form.prompt
    )
    answers = _answers(row, form)
    return Incoming(
        row.file,
        row.line,
        cells.word(row, "external_id"),
        (IncomingTurn(Speaker.USER.value, text, shown),),
        tuple(_response(row, form, at) for at in (0, 1)),
        meta=cells.rest(row, _used(form)),
        votes=(IncomingVote("", answers),) if answers else (),
    )


def _prompt_column(row: Row, form: Form) -> str:
    return next((name for name in (form.prompt, *_PROMPTS) if name in row.values), form.prompt)


def _response(row: Row, form: Form, at: int) -> IncomingResponse:
    text = cells.text(row, form.responses[at]) if form.has_texts else ""
    shown = _shown(row, form.files[at], form.modality) if form.files else None
    return IncomingResponse(text, media=shown, model=cells.word(row, form.models[at]))


def _shown(row: Row, column: str, modality: Modality) -> IncomingMedia:
    found = cells.media(row, column, modality)
    if found is None:
        raise Unusable(f"has no {column}")
    return found


def _answers(row: Row, form: Form) -> dict[str, Any]:
    answers: dict[str, Any] = {"overall": cells.one_of(row, form.overall, _CHOICES)}
    for respect in form.respects:
        answers[respect.key] = cells.one_of(row, form.choice(respect), _CHOICES)
        answers[f"{respect.key}_rate"] = {
            str(at): cells.whole(row, name, low=0, high=HIGHEST_RATE)
            for at, name in enumerate(respect.rates)
        }
        answers[f"{respect.key}_rationale"] = _both(row, respect.rationales)
    answers["overall_textfeedback"] = _text(row, FEEDBACK) or _text(row, form.feedback_again)
    answers["critique"] = _both(row, form.critiques)
    answers["refinement"] = _text(row, form.refinement)
    return cells.given(answers)


def _both(row: Row, names: tuple[str, str]) -> dict[str, str | None]:
    return {str(at): _text(row, name) for at, name in enumerate(names)}


def _text(row: Row, name: str) -> str | None:
    """A text that may be missing; an empty one is none."""
    value = row.values.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return cells.text(row, name)


def _used(form: Form) -> frozenset[str]:
    of_respects = {form.choice(respect) for respect in form.respects}
    of_respects |= {name for each in form.respects for name in (*each.rates, *each.rationales)}
    feedback = {FEEDBACK, form.feedback_again, *form.critiques, form.refinement, form.overall}
    asked = {"external_id", *_PROMPTS, form.prompt_media}
    again = FROM_ZERO if form.from_zero else ()
    shown = {*form.responses, *form.files, *form.models}
    return frozenset(of_respects | feedback | asked | shown | {*again})


def _rows(path: Path, options: ReadOptions, *, form: Form) -> Iterator[Row | BadRow]:
    return rows_by_ending(path, options, needs=form.responses)


def _interpreter(options: ReadOptions, *, form: Form) -> Interpret:
    return partial(interpret, form=form)


ALIGN_ANYTHING = tuple(
    Reader(
        key=form.key,
        title=f"Align-Anything, {form.config}: pairs with rates, choices and feedback",
        protocol=form.key,
        rows=partial(_rows, form=form),
        interpreter=partial(_interpreter, form=form),
        media_folders=("images", "audios", "videos"),
    )
    for form in FORMS.values()
)
