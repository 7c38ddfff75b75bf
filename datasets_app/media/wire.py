"""What parent and child say to each other: one JSON object a line, open files beside it."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

MOST_BYTES = 65_536


class Silence(Exception):
    """The other side is gone, or says what cannot be understood."""


def say(peer: socket.socket, message: dict[str, Any], *, files: tuple[int, ...] = ()) -> None:
    """Send one message; `files` are descriptors that the other side receives as its own."""
    line = json.dumps(message).encode() + b"\n"
    if files:
        socket.send_fds(peer, [line], list(files))
    else:
        peer.sendall(line)


def hear(
    peer: socket.socket, *, files: int = 0, until: float | None = None
) -> tuple[dict[str, Any], list[int]]:
    """Wait for one message and at most `files` descriptors.

    Raises Silence when the other side hung up, says more than `MOST_BYTES`, or says no object;
    TimeoutError when the monotonic clock passes `until`, however the message trickles in.
    """
    received, descriptors = b"", list[int]()
    while not received.endswith(b"\n"):
        if until is not None:
            peer.settimeout(max(0.001, until - time.monotonic()))
        if files:
            part, more, _, _ = socket.recv_fds(peer, MOST_BYTES, files)
            descriptors += more
        else:
            part = peer.recv(MOST_BYTES)
        received += part
        if not part or len(received) > MOST_BYTES:
            raise Silence
    try:
        message = json.loads(received)
    except ValueError as error:
        raise Silence from error
    if not isinstance(message, dict):
        raise Silence
    return message, descriptors
