"""Incoming items made ready for the database: digests, new ids, encoded texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import uuid_utils

from datasets_app import digests
from datasets_app.intake import copying
from datasets_app.intake.copying import jsonb, text, words
from datasets_app.protocols import Protocol
from datasets_app.readers.base import (
    BadRow,
    Incoming,
    IncomingMedia,
    IncomingResponse,
    IncomingTurn,
    IncomingVote,
    Unusable,
)
from datasets_app.vocabulary import ItemState, Modality, Speaker

_DERIVED = 40  # hexadecimal digits of the digest in a derived id: 160 bits
_COUNTS = {1: "one response", 2: "two responses"}

# Gives the digest under which a file is, or will be, stored. Raises Unusable.
FindMedia = Callable[[IncomingMedia], str]


# The fields that `packed` holds, in this order. Packing them here, ahead of the database, leaves
# little for the thread that waits for it.
PROMPT_FIELDS = ("external_id", "digest", "turns", "meta")
RESPONSE_FIELDS = ("digest", "text", "media_id", "model", "meta")
ITEM_FIELDS = ("external_id", "digest", "state", "meta")
_SCREENING = copying.text(ItemState.SCREENING.value)


@dataclass(slots=True)
class NewPrompt:
    """A prompt as it would be stored. `media` are digests in the order shown."""

    id: bytes
    digest: str
    external_id: str
    meta: Mapping[str, Any]
    media: tuple[str, ...]
    packed: bytes


@dataclass(slots=True)
class NewResponse:
    """A response as it would be stored. `parent` is what it goes on from, in a tree."""

    id: bytes
    digest: str
    media: str
    model: str
    meta: Mapping[str, Any]
    packed: bytes
    parent: NewResponse | None = None

    @property
    def line(self) -> list[NewResponse]:
        """Itself and all that it goes on from, up to the root."""
        return [self, *(self.parent.line if self.parent else ())]


@dataclass(slots=True)
class Arrival:
    """One item as it would be stored, with its place in the source."""

    file: str
    line: int
    id: bytes
    external_id: str
    digest: str
    prompt: NewPrompt
    responses: tuple[NewResponse, ...]
    meta: Mapping[str, Any]
    votes: tuple[IncomingVote, ...]
    packed: bytes
    notes: tuple[str, ...] = ()

    @property
    def media(self) -> tuple[str, ...]:
        """The digests of every file it shows."""
        return (*self.prompt.media, *(each.media for each in self.responses if each.media))

    def bad(self, reason: str) -> BadRow:
        """This row, refused."""
        return BadRow(self.file, self.line, reason)


def arrival_of(incoming: Incoming, protocol: Protocol, find: FindMedia) -> Arrival:
    """The item, ready. Raises Unusable when it does not fit the protocol, or judges nothing.

    An item without an id of its own gets one from its content: loaded twice, it is the same.
    """
    if len(incoming.responses) != protocol.responses:
        raise Unusable(
            f"has {_COUNTS[len(incoming.responses)]}; the protocol {protocol.key} judges "
            f"{_COUNTS[protocol.responses]} at once"
        )
    if protocol.reads_system and not any(t.speaker == Speaker.SYSTEM for t in incoming.turns):
        raise Unusable(f"has no system message; the protocol {protocol.key} judges by it")
    prompt = _prompt(incoming, find)
    responses = tuple(_response(each, protocol, find) for each in incoming.responses)
    if len({each.digest for each in responses}) < len(responses):
        raise Unusable("has two identical responses: there is nothing to compare")
    digest = digests.item_digest(prompt.digest, [each.digest for each in responses])
    external_id = incoming.external_id or digest[:_DERIVED]
    return Arrival(
        incoming.file,
        incoming.line,
        uuid_utils.uuid7().bytes,
        external_id,
        digest,
        prompt,
        responses,
        incoming.meta,
        incoming.votes,
        text(external_id) + text(digest) + _SCREENING + words(incoming.meta),
        incoming.notes,
    )


def _prompt(incoming: Incoming, find: FindMedia) -> NewPrompt:
    turns = [_turn(turn, find) for turn in incoming.turns]
    media = tuple(digest for _, _, found in turns for digest in found)
    shown = [{"speaker": s, "text": t, "media": found} for s, t, found in turns]
    digest, external_id = digests.prompt_digest(turns), incoming.prompt_external_id
    return NewPrompt(
        uuid_utils.uuid7().bytes,
        digest,
        external_id,
        incoming.prompt_meta,
        media,
        text(external_id) + text(digest) + jsonb(shown) + words(incoming.prompt_meta),
    )


def _turn(turn: IncomingTurn, find: FindMedia) -> tuple[str, str, list[str]]:
    return turn.speaker, turn.text, [find(media) for media in turn.media]


def _response(response: IncomingResponse, protocol: Protocol, find: FindMedia) -> NewResponse:
    has = response.media.modality if response.media else Modality.TEXT
    if has != protocol.modality:
        raise Unusable(
            f"has a response of {has.label.lower()}; the protocol {protocol.key} judges "
            f"{protocol.modality.label.lower()} (--protocol names another for a new dataset)"
        )
    if protocol.with_texts and not response.text:
        raise Unusable(f"has a response without text; the protocol {protocol.key} judges both")
    media = find(response.media) if response.media else ""
    above = _above(response) if response.segments else None
    return _new_response(response, media, above)


def _above(response: IncomingResponse) -> NewResponse | None:
    """The text before its last segment as a response of its own, with those before it."""
    above, text = None, ""
    for segment in response.segments[:-1]:
        text += segment
        above = _new_response(IncomingResponse(text, model=response.model), "", above)
    return above


def _new_response(
    response: IncomingResponse, media: str, parent: NewResponse | None
) -> NewResponse:
    digest = digests.response_digest(response.text, media)
    return NewResponse(
        uuid_utils.uuid7().bytes,
        digest,
        media,
        response.model,
        response.meta,
        b"".join(
            (
                text(digest),
                text(response.text),
                text(media) if media else copying.NULL,
                text(response.model),
                words(response.meta),
            )
        ),
        parent,
    )
