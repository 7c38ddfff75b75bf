"""How much of anything one untrusted file may ask for."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of the media child. Times are in seconds, sizes in bytes, sides in pixels.

    `wall_seconds` is kept by the parent's clock, `cpu_seconds`, `memory` (address space) and
    `output` (any one file written) by the kernel, the rest by the code that decodes.
    """

    wall_seconds: float = 30.0
    cpu_seconds: int = 30
    memory: int = 1024 * MEGABYTE
    output: int = 512 * MEGABYTE
    image_size: int = 64 * MEGABYTE
    video_size: int = 512 * MEGABYTE
    audio_size: int = 256 * MEGABYTE
    pixels: int = 50_000_000
    video_seconds: int = 600
    audio_seconds: int = 3600
    frame_side: int = 4096
    frames_per_second: int = 120
    streams: int = 8
    channels: int = 8
    sample_rate: int = 192_000
