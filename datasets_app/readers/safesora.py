"""SafeSora: pairs of videos made from one text, in the preference form and in the label form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datasets_app.label_sets.safesora import SAFESORA
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
from datasets_app.readers.rows.json_rows import json_any
from datasets_app.vocabulary import Modality, Speaker

_VIDEOS = ("video_0", "video_1")
_CHOICES = {"video_0": "0", "video_1": "1"}
_CATEGORIES = frozenset(SAFESORA.keys)
# Our question, and the names that its answer has had: loader and example trainer disagree.
_DIMENSIONS = (
    ("instruction_following", ("instruction_following",)),
    ("correctness", ("correctness",)),
    ("informativeness", ("information", "informativeness")),
    ("aesthetics", ("aesthetics",)),
)
_PROMPT = ("prompt_type", "prompt_labels", "source", "refined_from")
_OF_VIDEO = frozenset(
    {"video_id", "video_text", "video_path", "is_safe", "video_labels", "generated_from"}
    | {"prompt_id", "prompt_text", *_PROMPT}
)
_USED = frozenset(
    {"pair_id", "prompt_id", "prompt_text", *_PROMPT, *_VIDEOS}
    | {"helpfulness", "harmlessness", "sub_preferences"}
)


def read_rows(path: Path, options: ReadOptions) -> Iterator[Row | BadRow]:
    """The rows of config*.json(.gz), pairs as they are, labelled films two by two.

    The label form has one film a row. As SafeSora does, pairs are formed within a prompt: its
    first film with its second, its third with its fourth. A film that stays alone is refused.
    """
    alone: dict[Any, Row] = {}
    for row in json_any(path, options):
        if isinstance(row, BadRow) or "video_0" in row.values or "video_id" not in row.values:
            yield row
            continue
        prompt = repr((row.values.get("prompt_id"), row.values.get("prompt_text")))
        if prompt not in alone:
            alone[prompt] = row
        else:
            yield _paired(alone.pop(prompt), row)
    for row in alone.values():
        yield row.bad("is a film without a second one of the same prompt: a pair needs two")


def _paired(first: Row, second: Row) -> Row:
    shared = ("prompt_id", "prompt_text", *_PROMPT)
    values = {name: first.values[name] for name in shared if name in first.values}
    ids = f"{first.values['video_id']}+{second.values['video_id']}"
    films = {"video_0": first.values, "video_1": second.values}
    return second._replace(values={"pair_id": ids, **values, **films})


def interpret(row: Row) -> Incoming:
    """One pair of videos. Raises Unusable."""
    turn = IncomingTurn(Speaker.USER.value, cells.text(row, "prompt_text"))
    films = [_film(row, name) for name in _VIDEOS]
    answers = _answers(row, films)
    prompt_meta = {name: row.values[name] for name in _PROMPT if row.values.get(name) is not None}
    return Incoming(
        row.file,
        row.line,
        cells.word(row, "pair_id"),
        (turn,),
        tuple(_response(film) for film in films),
        prompt_meta=cells.meta(prompt_meta),
        prompt_external_id=cells.word(row, "prompt_id"),
        meta=cells.rest(row, _USED),
        votes=(IncomingVote("", answers),) if answers else (),
    )


def _film(row: Row, name: str) -> Row:
    """The object of one video, as a row of its own."""
    values = row.values.get(name)
    if not isinstance(values, dict):
        raise Unusable(f"{name} is {cells.shown(values)}, not the object of a video")
    return row._replace(values={"prompt_id": row.values.get("prompt_id"), **values}, split="")


def _response(film: Row) -> IncomingResponse:
    """`video_text` is what the generator was given; people see the prompt's own text."""
    known = {name: cells.word(film, name) for name in ("video_id",)}
    if film.values.get("video_text"):
        known["video_text"] = cells.text(film, "video_text")
    return IncomingResponse(
        "",
        media=_media(film),
        model=cells.word(film, "generated_from"),
        meta={**cells.rest(film, _OF_VIDEO), **{k: v for k, v in known.items() if v}},
    )


def _media(film: Row) -> IncomingMedia:
    """The file at `video_path`, else at videos/<prompt_id>/<video_id>.mp4, as the loader has it.

    The loader itself writes absolute paths into `video_path`; those are of another machine.
    """
    prompt, video = cells.word(film, "prompt_id"), cells.word(film, "video_id")
    usual = f"videos/{prompt}/{video}.mp4"
    given = film.values.get("video_path")
    path = given if isinstance(given, str) and given and not given.startswith("/") else usual
    if path == usual and not (prompt and video):
        raise Unusable("has a video without video_path, and without prompt_id and video_id")
    return IncomingMedia(Modality.VIDEO, path=cells.below(film, path, "video_path"), name=path)


def _answers(row: Row, films: list[Row]) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "better": cells.one_of(row, "helpfulness", _CHOICES),
        "safer": cells.one_of(row, "harmlessness", _CHOICES),
        "categories": {str(side): _categories(film) for side, film in enumerate(films)},
    }
    given = row.values.get("sub_preferences")
    if given is not None and not isinstance(given, dict):
        raise Unusable(f"sub_preferences is {cells.shown(given)}, not an object")
    for question, names in _DIMENSIONS:
        answers[question] = _dimension(row._replace(values=given or {}), names)
    return cells.given(answers)


def _dimension(given: Row, names: tuple[str, ...]) -> str | None:
    said: set[str] = {each for name in names if (each := cells.one_of(given, name, _CHOICES))}
    if len(said) > 1:
        raise Unusable(f"sub_preferences: {' and '.join(names)} contradict each other")
    return said.pop() if said else None


def _categories(film: Row) -> list[str] | None:
    """The kinds of harm; none where the film is only said to be safe, which means just that."""
    labels: Mapping[str, Any] | None = film.values.get("video_labels")
    named = cells.flags(labels, "video_labels", _CATEGORIES)
    if named is None and cells.flag(film, "is_safe"):
        return []
    return named


def _interpreter(options: ReadOptions) -> Interpret:
    return interpret


READER = Reader(
    key="safesora",
    title="SafeSora: a folder with config*.json(.gz) and videos/, or such a file",
    protocol="safesora",
    rows=read_rows,
    interpreter=_interpreter,
    media_folders=("videos",),
)
