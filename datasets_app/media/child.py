"""The process that decodes untrusted bytes: `python -m datasets_app.media.child`, never by hand.

It speaks `wire` on its standard input. Each request carries open files: the source and one for
each of `outputs.ROLES`. It answers with the facts or with a reason, and may die at any moment.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import warnings
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any, BinaryIO

from PIL import Image

from datasets_app.media.confinement import allow_processor_time, confine
from datasets_app.media.facts import Facts, MediaRefused
from datasets_app.media.images import prepare_image
from datasets_app.media.kinds import HEAD, TAIL, kind_of, refuse_two_faced
from datasets_app.media.limits import Limits
from datasets_app.media.outputs import ROLES, Outputs
from datasets_app.media.rehearsal import rehearse
from datasets_app.media.sounds import prepare_audio
from datasets_app.media.videos import prepare_video
from datasets_app.media.wire import Silence, hear, say

# The machine's faults while writing: the file is not to blame.
_NOT_THE_FILE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_PREPARE = {"image": prepare_image, "video": prepare_video, "audio": prepare_audio}


def main() -> None:
    """Serve requests until the parent hangs up."""
    limits = Limits(**json.loads(sys.argv[1]))
    parent = socket.socket(fileno=os.dup(0))
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", ResourceWarning)
    Image.MAX_IMAGE_PIXELS = limits.pixels
    rehearse(limits)
    say(parent, {"guards": confine(limits)})
    while True:
        try:
            request, files = hear(parent, files=1 + len(ROLES))
        except Silence:
            return
        say(parent, _answer(request, files, limits))


def _answer(request: dict[str, Any], files: list[int], limits: Limits) -> dict[str, Any]:
    name = str(request["name"])
    allow_processor_time(limits.cpu_seconds)
    try:
        # Closing is inside: what is still buffered meets a full disk only then.
        with ExitStack() as stack:
            source, *outputs = (
                stack.enter_context(os.fdopen(file, "r+b" if at else "rb"))
                for at, file in enumerate(files)
            )
            facts = _prepare(source, Outputs(*outputs), limits, name, request["expect"])
        return asdict(facts)
    except MediaRefused as refusal:
        reason = refusal.reason
    except MemoryError:
        reason = f"needs more than {limits.memory >> 20} MB of memory to decode"
    except OSError as error:
        if error.errno in _NOT_THE_FILE:
            return {"failed": error.errno}
        reason = f"is damaged or cut short: {error.strerror or error}"
        if error.errno == errno.EFBIG:
            reason = f"would take more than {limits.output >> 20} MB when stored"
    except Exception as error:  # noqa: BLE001  Decoders raise anything on damaged input.
        what = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        reason = f"is damaged or cut short: {what}"
    return {"refused": f"{name} {reason}"}


def _prepare(source: BinaryIO, outputs: Outputs, limits: Limits, name: str, expect: str) -> Facts:
    head, tail, size = _ends(source)
    kind = kind_of(head, name=name, expect=expect)
    refuse_two_faced(head, tail)
    most = {
        "image": limits.image_size,
        "video": limits.video_size,
        "audio": limits.audio_size,
    }[kind.modality]
    if size > most:
        raise MediaRefused(f"is too large: {size >> 20} MB, at most {most >> 20} MB")
    return _PREPARE[kind.modality](source, kind=kind, outputs=outputs, limits=limits)


def _ends(source: BinaryIO) -> tuple[bytes, bytes, int]:
    """Return the first and last bytes of a file and its size, and leave it at its start."""
    size = source.seek(0, os.SEEK_END)
    source.seek(max(0, size - TAIL))
    tail = source.read(TAIL)
    source.seek(0)
    head = source.read(HEAD)
    source.seek(0)
    return head, tail, size


if __name__ == "__main__":
    main()
