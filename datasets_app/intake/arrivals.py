"""Incoming items made ready for the database: digests, new ids, encoded texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import uuid_utils

from datasets_app import digests
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
from datasets_app.vocabulary import Modality

_DERIVED = 40  # hexadecimal digits of the digest in a derived id: 160 bits
_COUNTS = {1: "one response", 2: "two responses"}

# Gives the digest under which a file is, or will be, stored. Raises Unusable.
FindMedia = Callable[[IncomingMedia], str]


@dataclass(slots=True)
class NewPrompt:
    """A prompt as it would be stored. `media` are digests in the order shown."""

    id: bytes
    digest: str
    turns: bytes
    external_id: str
    meta: Mapping[str, Any]
    media: tuple[str, ...]


@dataclass(slots=True)
class NewResponse:
    """A response as it would be stored."""

    id: bytes
    digest: str
    text: bytes
    media: str
    model: str
    meta: Mapping[str, Any]


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
    prompt = _prompt(incoming, find)
    responses = tuple(_response(each, protocol, find) for each in incoming.responses)
    if len({each.digest for each in responses}) < len(responses):
        raise Unusable("has two identical responses: there is nothing to compare")
    digest = digests.item_digest(prompt.digest, [each.digest for each in responses])
    return Arrival(
        incoming.file,
        incoming.line,
        uuid_utils.uuid7().bytes,
        incoming.external_id or digest[:_DERIVED],
        digest,
        prompt,
        responses,
        incoming.meta,
        incoming.votes,
    )


def _prompt(incoming: Incoming, find: FindMedia) -> NewPrompt:
    turns = [_turn(turn, find) for turn in incoming.turns]
    media = tuple(digest for _, _, found in turns for digest in found)
    shown = [{"speaker": s, "text": t, "media": found} for s, t, found in turns]
    return NewPrompt(
        uuid_utils.uuid7().bytes,
        digests.prompt_digest(turns),
        orjson.dumps(shown),
        incoming.prompt_external_id,
        incoming.prompt_meta,
        media,
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
    media = find(response.media) if response.media else ""
    return NewResponse(
        uuid_utils.uuid7().bytes,
        digests.response_digest(response.text, media),
        response.text.encode(),
        media,
        response.model,
        response.meta,
    )
