"""Reads settings from the environment, each by name, type, default and one line of its use."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})

# Ours, but read by others than the settings: the tests and `.ci/run`.
READ_ELSEWHERE = frozenset(
    {"CASTOR_SHARED_DATA", "CASTOR_REQUIRE_BROWSER", "CASTOR_TEST_HOME", "CASTOR_TEST_SLOT"}
)


class BadSetting(Exception):
    """A setting that makes no sense. Its text is one line: which one, why, what to do."""


@dataclass(frozen=True)
class Setting:
    """One documented setting, as docs/settings.md lists it."""

    name: str
    kind: str
    default: str
    use: str
    secret: bool = False
    # What holds, where the docs' default only says where it is to be found.
    holds: str = ""


class Environment:
    """Typed readers over environment variables, which remember what was asked for.

    An empty variable counts as not set. A secret may also come from a file, named by the
    variable with `_FILE` behind it. Relative paths start at `root`, not at the caller's folder.
    """

    def __init__(self, values: Mapping[str, str], *, root: Path) -> None:
        self._values = values
        self._root = root
        self.settings: dict[str, Setting] = {}

    def text(self, name: str, default: str, use: str) -> str:
        """Any text."""
        self._note(name, "text", default, use)
        return self._values.get(name, "") or default

    def secret(self, name: str, use: str) -> str:
        """A text that is never shown; empty if not set."""
        self._note(name, "secret", "", use, secret=True)
        file = self._values.get(f"{name}_FILE", "")
        if not file or self._values.get(name):
            return self._values.get(name, "")
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(f"{name}_FILE={file} cannot be read: {error}") from None

    def flag(self, name: str, default: bool, use: str) -> bool:
        """True or false."""
        self._note(name, "true or false", str(default).lower(), use)
        value = self._values.get(name, "").lower()
        if value in TRUE or value in FALSE:
            return value in TRUE
        if value:
            raise BadSetting(f"{name}={value} is neither true nor false; write one of the two")
        return default

    def integer(self, name: str, default: int, use: str, *, least: int, most: int) -> int:
        """A whole number between `least` and `most`, both included."""
        self._note(name, f"{least}–{most}", str(default), use)
        value = self._values.get(name, "")
        if not value:
            return default
        if not (value.isascii() and value.isdigit() and len(value) < 10) or not (
            least <= int(value) <= most
        ):
            raise BadSetting(f"{name}={value} is not a whole number from {least} to {most}")
        return int(value)

    def choice(self, name: str, default: str, use: str, *, of: Sequence[str]) -> str:
        """One of a few words."""
        self._note(name, " or ".join(of), default, use)
        value = self._values.get(name, "") or default
        if value not in of:
            raise BadSetting(f"{name}={value} is not known; write one of {', '.join(of)}")
        return value

    def names(self, name: str, default: Sequence[str], use: str) -> list[str]:
        """A list of words, separated by commas."""
        self._note(name, "list, with commas", ",".join(default), use)
        value = self._values.get(name, "")
        return [word.strip() for word in value.split(",") if word.strip()] or list(default)

    def path(self, name: str, default: Path, use: str, *, shown: str) -> Path:
        """A file or folder; the docs show `shown` as its default."""
        value = self._values.get(name, "")
        found = (self._root / Path(value).expanduser()).resolve() if value else default
        self._note(name, "path", shown, use, holds=str(found))
        return found

    def unknown(self) -> list[tuple[str, str]]:
        """Variables that begin with CASTOR_ and mean nothing, each with the nearest known name."""
        known = set(self.settings) | READ_ELSEWHERE
        known |= {f"{name}_FILE" for name, setting in self.settings.items() if setting.secret}
        strange = sorted(n for n in self._values if n.startswith("CASTOR_") and n not in known)
        return [
            (name, next(iter(difflib.get_close_matches(name, sorted(known), 1)), ""))
            for name in strange
        ]

    def _note(
        self,
        name: str,
        kind: str,
        default: str,
        use: str,
        *,
        secret: bool = False,
        holds: str = "",
    ) -> None:
        self.settings[name] = Setting(name, kind, default, use, secret, holds)
