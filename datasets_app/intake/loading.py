"""The verb `load`: everything of a source into the ledger, or nothing of it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, transaction

from datasets_app import ledger
from datasets_app.intake import known, merging
from datasets_app.intake.ahead import batches_ahead
from datasets_app.intake.arrivals import Arrival, FindMedia, arrival_of
from datasets_app.intake.plan import Planner
from datasets_app.intake.report import LoadReport
from datasets_app.intake.shelf import NotPrepared, Shelf
from datasets_app.intake.strangers import NoStrangers, Strangers
from datasets_app.intake.target import LoadRefused, Wishes, only_load, protocol_for, settle_target
from datasets_app.intake.votes import VoteShape
from datasets_app.intake.writing import write
from datasets_app.models import Dataset, Media
from datasets_app.protocols import Protocol
from datasets_app.readers import Reader
from datasets_app.readers.base import BadRow, Incoming, ReadOptions, UnreadableFile, Unusable
from datasets_app.readers.rows.limits import ROWS
from datasets_app.storage import storage

BATCH = 4000
_OBJECTS_BETWEEN_COLLECTIONS = 100_000

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Source:
    """What to read, and how. `name` is what reports call it.

    All votes in it are kept under `votes_named`; where that is "", each is kept under the name of
    its file, after `origin`.
    """

    path: Path
    reader: Reader
    name: str
    options: ReadOptions = field(default_factory=ReadOptions)
    votes_named: str = ""
    origin: str = ""

    def read(self) -> Iterator[Incoming | BadRow]:
        """Every row. Raises UnreadableFile."""
        for count, row in enumerate(self.reader.read(self.path, self.options)):
            if count >= ROWS:
                raise UnreadableFile(f"{self.name}: has more than {ROWS:,} rows: load it in parts")
            yield row


class _Undo(Exception):
    """Takes everything back that the transaction has done."""


def load(
    source: Source,
    wishes: Wishes,
    *,
    by: int | None = None,
    skip_bad: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> LoadReport:
    """Take every row of a source into a dataset, in one transaction, and say what became of each.

    Items are recognised by external id and by content, so a load that was interrupted is simply
    run again. With a bad row nothing is stored, unless `skip_bad` stores the rest. `by` is the
    acting user's id. `progress` is told what is being done and how many rows are.

    Raises UnreadableFile, LoadRefused, UnknownProtocol, StorageFault, OSError (a full disk),
    MediaChildFailed, and writing.Moved; whatever is raised, the database is as before.
    """
    protocol = protocol_for(wishes, default=source.reader.protocol)
    job = _Load(source, wishes, protocol, by, skip_bad, dry_run, progress or _silent)
    with (
        only_load(wishes.slug),
        storage().workplace(f"load-{wishes.slug}") as place,
        Shelf(place, storage()) as shelf,
        _seldom_collected(),
    ):
        return job.run(shelf)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Rows form no cycles: the collector would walk over each batch again and again, in vain.

    It takes a quarter of the time that Python spends on a row.
    """
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _silent(doing: str, rows: int) -> None:
    """Nobody is looking."""


@dataclass(frozen=True, slots=True)
class _Into:
    """What every batch of one attempt is written with."""

    dataset: int
    shelf: Shelf
    shape: VoteShape
    strangers: Strangers | NoStrangers


@dataclass(frozen=True, slots=True)
class _Load:
    source: Source
    wishes: Wishes
    protocol: Protocol
    by: int | None
    skip_bad: bool
    dry_run: bool
    progress: Progress

    def run(self, shelf: Shelf) -> LoadReport:
        """Text goes straight in. Media are looked at before a transaction begins, and put into
        the storage after a rehearsal has shown that all will go well.

        A shelf that an interrupted load has left would answer as if its files were stored.
        """
        if shelf.is_empty():
            with suppress(NotPrepared):
                return self._attempt(shelf, store=not self.dry_run)
        self._prepare_media(shelf)
        try:
            return self._rehearsed(shelf)
        except NotPrepared:
            raise LoadRefused("a file was changed while it was being loaded: load again") from None

    def _rehearsed(self, shelf: Shelf) -> LoadReport:
        rehearsed = self._attempt(shelf, store=False)
        if self.dry_run or (rehearsed.refusals and not self.skip_bad):
            return rehearsed
        shelf.keep_all()
        return self._attempt(shelf, store=True)

    def _prepare_media(self, shelf: Shelf) -> None:
        for count, row in enumerate(self.source.read(), 1):
            if isinstance(row, Incoming):
                for media in row.media:
                    # A refused file is a bad row, which the rehearsal reports in its place.
                    with suppress(Unusable):
                        shelf.take(media)
            self.progress("media", count)

    def _attempt(self, shelf: Shelf, *, store: bool) -> LoadReport:
        report = LoadReport(self.wishes.slug, self.source.name, dry_run=self.dry_run)
        with suppress(_Undo), transaction.atomic():
            dataset = settle_target(self.wishes, self.protocol, by=self.by)
            self._write_all(dataset, shelf, report)
            if not store or (report.refusals and not self.skip_bad):
                raise _Undo
            self._note(dataset, report)
            report.stored = True
        return report

    def _write_all(self, dataset: Dataset, shelf: Shelf, report: LoadReport) -> None:
        with connection.cursor() as cursor:
            # Deferred checks would pile up in the server's memory until the commit.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        merging.begin()
        into = _Into(dataset.pk, shelf, VoteShape(self.protocol), known.begin(dataset.pk))
        done = 0
        with batches_ahead(self._arrivals(shelf.find), size=BATCH) as batches:
            for batch in batches:
                self._write_batch(batch, into, report)
                done += len(batch)
                self.progress("rows", done)
        report.votes = merging.merge(named=self.source.votes_named, origin=self.source.origin)

    def _arrivals(self, find: FindMedia) -> Iterator[Arrival | BadRow]:
        """Runs ahead in a thread: no database here."""
        for row in self.source.read():
            if isinstance(row, BadRow):
                yield row
                continue
            try:
                arrival = arrival_of(row, self.protocol, find)
            except Unusable as refusal:
                yield BadRow(row.file, row.line, str(refusal))
            else:
                yield arrival

    def _write_batch(self, batch: list[Arrival | BadRow], into: _Into, report: LoadReport) -> None:
        arrivals = [row for row in batch if isinstance(row, Arrival)]
        found = known.known_of(arrivals, dataset=into.dataset, strangers=into.strangers)
        planner = Planner(found, into.shape, report)
        for row in batch:
            if isinstance(row, BadRow):
                report.refuse(row)
            else:
                planner.take(row)
                report.tell(row.notes)
        report.media += _write_media(arrivals, into.shelf)
        write(planner.plan, dataset=into.dataset, by=self.by)

    def _note(self, dataset: Dataset, report: LoadReport) -> None:
        ledger.note(
            "load",
            by=self.by,
            dataset=dataset.pk,
            subject=f"dataset:{dataset.pk}",
            data={
                "source": self.source.name,
                "format": self.source.reader.key,
                **report.counts(),
            },
        )


def _write_media(arrivals: list[Arrival], shelf: Shelf) -> int:
    """Store the rows of media that are new to the ledger; how many those are."""
    digests = {media for a in arrivals for media in a.media}
    if not digests:
        return 0
    digests -= set(Media.objects.filter(digest__in=digests).values_list("digest", flat=True))
    rows = {media.digest: media for media in shelf.rows_of(digests)}
    Media.objects.bulk_create(rows.values())
    return len(rows)
