"""Reads on in a thread while the database works: neither waits for the other."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from queue import Full, Queue
from typing import TypeVar

Each = TypeVar("Each")
_BEAT = 0.1


@contextmanager
def batches_ahead(
    items: Iterable[Each], *, size: int, ahead: int = 2
) -> Iterator[Iterator[list[Each]]]:
    """Batches of `size`, made in a thread at most `ahead` batches early, so memory stays flat.

    What `items` raises is raised here, in its place. On leaving the block the thread has ended,
    and `items` is closed where it was running: `items` must not touch the database, whose
    connection belongs to the calling thread.
    """
    queue: Queue[list[Each] | BaseException | None] = Queue(maxsize=ahead)
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(items, size, queue, stop), daemon=True)
    thread.start()
    try:
        yield _taken(queue)
    finally:
        stop.set()
        thread.join()


def _taken(queue: Queue[list[Each] | BaseException | None]) -> Iterator[list[Each]]:
    while (found := queue.get()) is not None:
        if isinstance(found, BaseException):
            raise found
        yield found


def _run(
    items: Iterable[Each],
    size: int,
    queue: Queue[list[Each] | BaseException | None],
    stop: threading.Event,
) -> None:
    end: BaseException | None = None
    iterator = iter(items)
    try:
        while not stop.is_set() and (batch := list(islice(iterator, size))):
            _put(queue, batch, stop)
    except BaseException as error:  # noqa: BLE001  The caller's thread answers it.
        end = error
    finally:
        close = getattr(iterator, "close", None)
        if close is not None:
            close()
    _put(queue, end, stop)


def _put(
    queue: Queue[list[Each] | BaseException | None],
    what: list[Each] | BaseException | None,
    stop: threading.Event,
) -> None:
    while not stop.is_set():
        try:
            queue.put(what, timeout=_BEAT)
        except Full:
            continue
        return
