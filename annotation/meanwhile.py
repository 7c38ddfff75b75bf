"""Meanwhile: what somebody says of settings on a page that was made before others changed them.

Pure: values by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ChangedMeanwhile(Exception):
    """Others changed the same settings since the page was made; `names` are those settings."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(names)
        self.names = names


def merged(
    now: Mapping[str, Any], said: Mapping[str, Any], seen: Mapping[str, Any]
) -> dict[str, Any]:
    """The settings as they stand `now` with what was `said` on a page on which they were `seen`.

    What was said as it was seen is no change, and stays as it is now; what was not seen is one.
    Raises ChangedMeanwhile where both changed the same setting, to another value.
    """
    wanted = {name: said[name] for name in said if name not in seen or seen[name] != said[name]}
    both = [name for name in wanted if name in seen and now[name] not in (seen[name], wanted[name])]
    if both:
        raise ChangedMeanwhile(both)
    return {**now, **wanted}
