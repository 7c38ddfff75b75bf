"""The registry of formats, by key."""

from __future__ import annotations

from datasets_app.formats import (
    align_anything,
    aligner,
    beavertails,
    beavertails_v,
    janus_orpo,
    llamafactory,
    mm_deception,
    pku_saferlhf,
    records,
    safesora,
    tree,
    trl_preference,
    video_faults,
    votes,
)
from datasets_app.formats.base import Format

FORMATS: dict[str, Format] = {
    format.key: format
    for format in (
        align_anything.FORMAT,
        align_anything.LLF_FORMAT,
        align_anything.PICKAPIC_FORMAT,
        aligner.FORMAT,
        aligner.STREAM_FORMAT,
        beavertails.FORMAT,
        beavertails.VOTES_FORMAT,
        beavertails_v.PAIR_FORMAT,
        beavertails_v.QA_FORMAT,
        janus_orpo.FORMAT,
        llamafactory.FORMAT,
        mm_deception.FORMAT,
        pku_saferlhf.FORMAT,
        records.FORMAT,
        safesora.PAIR_FORMAT,
        safesora.LABEL_FORMAT,
        tree.FORMAT,
        trl_preference.FORMAT,
        video_faults.FORMAT,
        votes.FORMAT,
    )
}


class UnknownFormat(Exception):
    """No format has that key, or it cannot say these records; the text lists those that can."""


def fitting(protocol: str) -> list[Format]:
    """The formats that can say records of a protocol (`key` or `key@version`), by key."""
    return [format for format in FORMATS.values() if format.fits(protocol)]


def format_named(key: str, *, protocol: str) -> Format:
    """The format of that key, for records of that protocol. Raises UnknownFormat."""
    known = {format.key: format for format in fitting(protocol)}
    if key not in known:
        why = f"does not fit {protocol}" if key in FORMATS else "is unknown"
        raise UnknownFormat(f"The format {key!r} {why}. Those that fit: {', '.join(known)}.")
    return known[key]


__all__ = ["FORMATS", "Format", "UnknownFormat", "fitting", "format_named"]
