"""What a load did, or would have done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from datasets_app.readers.base import BadRow

# Flat memory also for a file whose every row is bad; the count goes on.
MOST_KEPT = 1000
# A note may quote its row, so there may be as many as rows.
_OTHERS = "other notes"


@dataclass(slots=True)
class LoadReport:
    """Rows by what became of them; `votes` and `media` count what was stored of each.

    Every row is in exactly one of `loaded` (a new item), `updated` (known, with other content or
    other metadata), `unchanged`, `duplicates` (the content is there already, under another id or
    earlier in the file), `refusals`; or it brought one more vote to an item of an earlier row.
    `refused` keeps the first thousand refusals. `notes` count what readers kept otherwise than it
    came; after a thousand different ones, the others together.
    """

    dataset: str
    source: str
    dry_run: bool = False
    loaded: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    votes: int = 0
    media: int = 0
    refusals: int = 0
    refused: list[BadRow] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    stored: bool = False

    def refuse(self, row: BadRow) -> None:
        """Count a bad row, and keep it while there is room."""
        self.refusals += 1
        if len(self.refused) < MOST_KEPT:
            self.refused.append(row)

    def tell(self, notes: Iterable[str]) -> None:
        """Count what was noted of a row, each as often as it was said."""
        for note in notes:
            has_room = note in self.notes or len(self.notes) < MOST_KEPT
            self.notes[note if has_room else _OTHERS] += 1

    def counts(self) -> dict[str, int]:
        """The numbers, as the event of the load keeps them."""
        names = ("loaded", "updated", "unchanged", "duplicates", "refusals", "votes", "media")
        return {name: getattr(self, name) for name in names}

    def as_json(self) -> Mapping[str, Any]:  # Any: numbers, texts, lists
        """One object for programs. `stored` is false after bad rows and in a dry run.

        Then nothing became of any row, and `would` says what would have become of the good ones.
        """
        rows = [{"file": r.file, "line": r.line, "reason": r.reason} for r in self.refused]
        return {
            "dataset": self.dataset,
            "source": self.source,
            "stored": self.stored,
            "dry_run": self.dry_run,
            **(self.counts() if self.stored else self._nothing()),
            "notes": [{"note": note, "times": times} for note, times in self.notes.most_common()],
            "refused": rows,
        }

    def _nothing(self) -> dict[str, Any]:  # Any: numbers, and an object of them
        good = {name: number for name, number in self.counts().items() if name != "refusals"}
        return {**dict.fromkeys(good, 0), "refusals": self.refusals, "would": good}
