"""The registry of readers, by key."""

from __future__ import annotations

from datasets_app.readers import (
    beavertails,
    beavertails_v,
    correction,
    csv,
    hh_rlhf,
    janus_orpo,
    jsonl,
    mm_deception,
    parquet,
    pku_saferlhf,
    safesora,
    tree,
)
from datasets_app.readers.align_anything import ALIGN_ANYTHING
from datasets_app.readers.base import Reader, UnreadableFile

READERS: dict[str, Reader] = {
    reader.key: reader
    for reader in (
        pku_saferlhf.READER,
        beavertails.READER,
        beavertails_v.READER,
        safesora.READER,
        *ALIGN_ANYTHING,
        hh_rlhf.READER,
        janus_orpo.READER,
        correction.READER,
        correction.LAST_SENTENCE,
        mm_deception.READER,
        tree.READER,
        jsonl.READER,
        csv.READER,
        parquet.READER,
    )
}


def reader_named(key: str) -> Reader:
    """The reader of that key. Raises UnreadableFile, which lists those there are."""
    if key not in READERS:
        raise UnreadableFile(f"There is no format {key!r} to load. Known: {', '.join(READERS)}.")
    return READERS[key]


__all__ = ["READERS", "Reader", "reader_named"]
