"""A crowd: many at once in several processes, each timing what it does."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

# One round of one person: True while there is more to do.
Turn = Callable[[], bool]


@dataclass
class Timed:
    """What a crowd did: how many turns in how many seconds, and how long each took (seconds)."""

    seconds: float
    turns: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.turns) / self.seconds

    def share(self, of: float) -> float:
        """The turn's length in milliseconds that this share of all turns does not exceed."""
        ordered = sorted(self.turns)
        return 1000 * ordered[min(int(len(ordered) * of), len(ordered) - 1)]


def crowd(people: Iterable[Callable[[], Turn]], *, seconds: float, processes: int = 0) -> Timed:
    """Let everybody take turns for so long, spread over processes; each person is a thread.

    A person is a function that, called in its own thread, gives its turn.
    """
    everybody = list(people)
    number = min(processes or 2 * (os.cpu_count() or 1), len(everybody))
    connections.close_all()  # a connection must not cross a fork
    context = multiprocessing.get_context("fork")
    told: Any = context.Queue()
    ready = context.Barrier(number)
    children = [
        context.Process(target=_child, args=(everybody[n::number], seconds, ready, told))
        for n in range(number)
    ]
    for child in children:
        child.start()
    results = [told.get(timeout=seconds + 120) for _child_ in children]
    for child in children:
        child.join()
    failed = [result for result in results if isinstance(result, str)]
    if failed:
        raise RuntimeError(failed[0])
    longest = max(elapsed for elapsed, _turns in results)
    return Timed(longest, [turn for _elapsed, turns in results for turn in turns])


def _child(people: list[Callable[[], Turn]], seconds: float, ready: Any, told: Any) -> None:
    """One process: its people get ready, wait for those of the others, and begin together."""
    turns: list[float] = []
    errors: list[str] = []
    here = threading.Barrier(len(people) + 1)
    go = threading.Event()
    until = [0.0]

    def live(person: Callable[[], Turn]) -> None:
        try:
            turn = person()
            here.wait(60)
            go.wait(180)
            while (began := time.perf_counter()) < until[0] and turn():
                turns.append(time.perf_counter() - began)
        except Exception:  # noqa: BLE001  told to the parent, which raises it
            errors.append(traceback.format_exc())
            here.abort()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=live, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    with contextlib.suppress(threading.BrokenBarrierError):  # `errors` says why
        here.wait(60)
    ready.wait(120)
    until[0] = (began := time.perf_counter()) + seconds
    go.set()
    for thread in threads:
        thread.join()
    told.put(errors[0] if errors else (time.perf_counter() - began, turns))
