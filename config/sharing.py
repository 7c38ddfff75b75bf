"""The web process: gunicorn's with threads, which leaves new connections to the emptier one.

A connection stays with the process that accepted it. Left to themselves, the first to wake accepts
nearly all of a rush, and its people wait behind each other while the next process is idle.
"""

from __future__ import annotations

import mmap
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

# Twice the most of CASTOR_WEB_WORKERS: one that ends lingers beside the one that follows it.
PLACES = 128
# How long somebody who left a connection to another may sleep before looking again (seconds).
LOOKS_AGAIN = 0.01
# Nobody is waited for who has not turned for so long (seconds): all that are well turn each second.
STANDS_STILL = 1.5

# Of each process, by its place: how many connections it holds and one more; 0 is nobody. And when
# it turned last, by the clock of the machine. It is memory that every process forked from this one
# shares.
held = memoryview(mmap.mmap(-1, 4 * PLACES)).cast("i")
turned = memoryview(mmap.mmap(-1, 8 * PLACES)).cast("d")


class SharingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Listens while no other process holds fewer connections than it does.

    A connection that says nothing yet waits beside those kept alive, where gunicorn would keep a
    thread at it for up to five seconds: browsers open connections that they may want.
    """

    place: int | None  # given before the fork: see `take_place`

    def accept(self, listener: Any) -> None:
        """Take a new connection, to be handled when it says something."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another process was sooner
            return
        self.nr_conns += 1
        client.setblocking(False)
        connection = TConn(self.cfg, client, address, listener.getsockname())
        connection.set_timeout()
        self.pending_conns.append(connection)
        said = partial(self.on_pending_socket_readable, connection)
        self.poller.register(client, EVENT_READ, said)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """As gunicorn's, listening or not by what the others hold."""
        if self.place is not None:
            turned[self.place] = time.monotonic()
            # One that ends takes no more: the others do not wait for it.
            held[self.place] = self.nr_conns + 1 if self.alive else 0
        listens = self.alive and self.nr_conns < self.worker_connections and self._is_emptiest()
        self.set_accept_enabled(listens)
        super().wait_for_and_dispatch_events(timeout if listens else min(timeout, LOOKS_AGAIN))

    def _is_emptiest(self) -> bool:
        since = time.monotonic() - STANDS_STILL
        others = [number for number, at in zip(held, turned, strict=True) if number and at > since]
        return bool(self.nr_conns < min(others, default=self.nr_conns + 1))


def take_place(server: Any, worker: Any) -> None:
    """Before the fork: the first place that no living process has; who has none always listens."""
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next((place for place in range(PLACES) if place not in taken), None)
    if worker.place is not None:
        held[worker.place] = 0


def leave_place(_server: Any, worker: Any) -> None:
    """After the process has ended, however it did."""
    held[worker.place] = 0
