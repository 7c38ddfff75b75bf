"""The registry of protocols, by key."""

from __future__ import annotations

from datasets_app.protocols.align_anything import ALIGN_ANYTHING
from datasets_app.protocols.base import Protocol
from datasets_app.protocols.beavertails import BEAVERTAILS
from datasets_app.protocols.beavertails_v import BEAVERTAILS_V
from datasets_app.protocols.correction import CORRECTION
from datasets_app.protocols.mm_deception import MM_DECEPTION
from datasets_app.protocols.pku_saferlhf import PKU_SAFERLHF
from datasets_app.protocols.safesora import SAFESORA
from datasets_app.protocols.system_message import SYSTEM_MESSAGE
from datasets_app.protocols.tree import TREE
from datasets_app.protocols.video_faults import VIDEO_FAULTS

PROTOCOLS: dict[str, Protocol] = {
    protocol.key: protocol
    for protocol in (
        *ALIGN_ANYTHING,
        BEAVERTAILS,
        BEAVERTAILS_V,
        CORRECTION,
        MM_DECEPTION,
        PKU_SAFERLHF,
        SAFESORA,
        SYSTEM_MESSAGE,
        TREE,
        VIDEO_FAULTS,
    )
}


class UnknownProtocol(Exception):
    """No protocol has that key; the text lists those there are."""


def protocol_named(name: str) -> Protocol:
    """The protocol of `key` or `key@version`. Raises UnknownProtocol."""
    key, _, version = name.partition("@")
    protocol = PROTOCOLS.get(key)
    if protocol is None or version not in {"", str(protocol.version)}:
        known = ", ".join(f"{p.key}@{p.version}" for p in PROTOCOLS.values())
        raise UnknownProtocol(f"There is no protocol {name!r}. Known: {known}.")
    return protocol


__all__ = ["PROTOCOLS", "Protocol", "UnknownProtocol", "protocol_named"]
