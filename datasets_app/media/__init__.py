"""The only room that decodes untrusted images, videos and sounds, in a child that may be killed.

    with MediaChild() as child:
        prepared = child.prepare(path, into=folder, expect="image")

`prepare` returns a `Prepared`: the stored file named by its digest, its renditions ("poster",
"preview", "peaks") and its `Facts`; or it raises `MediaRefused`, whose `reason` is one line for
the report. Nothing here imports Django, Pillow or PyAV into the caller. See docs/media.md.
"""

from __future__ import annotations

from datasets_app.media.facts import Facts, MediaRefused
from datasets_app.media.limits import Limits
from datasets_app.media.parent import MediaChild, MediaChildFailed
from datasets_app.media.workspace import Kept, Prepared

__all__ = [
    "Facts",
    "Kept",
    "Limits",
    "MediaChild",
    "MediaChildFailed",
    "MediaRefused",
    "Prepared",
]
