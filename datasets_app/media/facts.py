"""What the media room says of a file: its facts, or why it is refused."""

from __future__ import annotations

from dataclasses import dataclass


class MediaRefused(Exception):
    """This file cannot be taken in; `reason` is one line that names the file and the fault."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found while decoding the whole file, never what its header claims.

    `modality` is "image", "video" or "audio"; `mime` is that of the stored bytes. Sides are in
    pixels, as displayed. `frame_rate` is a fraction such as "24/1", "" where there is none.
    `is_animated` says that the source moved and only its first frame was kept. `notes` tells
    what was changed beyond the removal of metadata, one sentence each.
    """

    modality: str
    mime: str
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    frames: int | None = None
    frame_rate: str = ""
    has_audio: bool = False
    is_animated: bool = False
    notes: tuple[str, ...] = ()
