"""The registry of protocols: the newest of each by key, every version ever published by name."""

from __future__ import annotations

from datasets_app.protocols.align_anything import ALIGN_ANYTHING, EARLIER
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


# By `key@version`: datasets made for an earlier version keep it.
VERSIONS: dict[str, Protocol] = {
    f"{protocol.key}@{protocol.version}": protocol for protocol in (*EARLIER, *PROTOCOLS.values())
}


class UnknownProtocol(Exception):
    """No protocol has that key; the text lists those there are."""


def protocol_named(name: str) -> Protocol:
    """The protocol of `key@version`, of a bare `key` its newest version. Raises UnknownProtocol."""
    protocol = VERSIONS.get(name) or PROTOCOLS.get(name)
    if protocol is None:
        raise UnknownProtocol(f"There is no protocol {name!r}. Known: {', '.join(VERSIONS)}.")
    return protocol


__all__ = ["PROTOCOLS", "VERSIONS", "Protocol", "UnknownProtocol", "protocol_named"]
