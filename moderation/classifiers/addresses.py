"""Understands the setting that names a classifier, and brings its folder here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from moderation.classifiers.contract import ClassifierError
from moderation.classifiers.fetching import fetched

# The guard that ships; docs/guard.md says what it is good for.
GUARD = Path(__file__).parent.parent / "guard" / "weights"
GUARD_NAME = "castor-guard"
_GUARD_REVISION = GUARD / "REVISION"

_HUB = re.compile(r"([\w.-]+/[\w.-]+)@([0-9a-f]{40})")
_HUB_LOOSE = re.compile(r"[\w-][\w.-]*/[\w.-]+(@.*)?")
_PINNED = re.compile(r"(.+)@sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a classifier's folder lies, its name, and the revision it must have, if any."""

    folder: Path
    name: str
    pinned: str | None = None


def found(setting: str) -> Address:
    """The place that a setting names; fetches from the model hub where the setting says so.

    '' or 'default': the shipped guard, pinned to the revision it was shipped with ·
    'PATH' or 'PATH@sha256:DIGEST': a local folder, pinned to a revision if one is given ·
    'org/name@COMMIT': a commit of the model hub, by its 40 digits, since branches and tags move.
    Raises ClassifierError, one line, for anything else.
    """
    wanted = setting.strip()
    if wanted in ("", "default"):
        return Address(GUARD, GUARD_NAME, _shipped_revision())
    hub = _HUB.fullmatch(wanted)
    if hub:
        return Address(fetched(hub[1], hub[2]), f"{hub[1]}@{hub[2][:12]}")
    pinned = _PINNED.fullmatch(wanted)
    folder = Path(pinned[1] if pinned else wanted).expanduser()
    if folder.is_dir():
        return Address(folder, folder.resolve().name, pinned[2] if pinned else None)
    if _HUB_LOOSE.fullmatch(wanted) and not pinned:
        raise ClassifierError(
            f"{wanted}: name the commit, as org/name@ and its 40 digits; branches and tags move"
        )
    raise ClassifierError(f"{folder}: no such folder; name a folder, org/name@COMMIT, or default")


def _shipped_revision() -> str:
    try:
        return _GUARD_REVISION.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ClassifierError(
            f"{GUARD}: the guard's weights are missing; run python -m moderation.guard.train"
        ) from error
