"""Holds the embedded PostgreSQL: starts it when it does not run, and keeps it from stopping."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import make_conninfo

from config.data_folder import prepare
from config.embedded import account, keeper
from config.embedded.layout import DATABASE, OWNER, Layout
from config.environment import BadSetting

PATIENCE = 90.0  # seconds; recovery after a crash under load has taken less than ten
BEAT = 0.05
LARGEST_LOG = 10_000_000
# What of PostgreSQL's log says why it ended, and what only turns a guest away meanwhile.
_CAUSE = re.compile(r" (FATAL|PANIC|ERROR): ")
_WAITING = re.compile(
    r"the database system is (starting up|shutting down|in recovery mode|not (yet )?accepting)"
)

_held: dict[Path, IO[bytes]] = {}
_keepers: dict[Path, subprocess.Popen[bytes]] = {}  # those that this process has started
_one_at_a_time = threading.RLock()


def hold(layout: Layout) -> None:
    """Return when the server answers. It will not stop before this process ends or lets go.

    Costs two system calls once the server is held and alive, so it may be called at every
    connection; a server that died meanwhile is started again.

    Raises BadSetting, with the reason in one line, when the server cannot be started.
    """
    with _one_at_a_time:
        fresh = layout.folder not in _held
        if fresh:
            _held[layout.folder] = _join(layout)
        elif is_kept(layout):
            return
        try:
            _bring_up(layout)
        except BaseException:
            release(layout)
            raise


def release(layout: Layout) -> None:
    """Let go: the server stops when nobody else holds it."""
    with _one_at_a_time:
        holder = _held.pop(layout.folder, None)
        if holder is not None:
            holder.close()


def is_kept(layout: Layout) -> bool:
    """Whether a keeper, or anything that is left of its server, is alive."""
    return layout.keeper_lock.exists() and not _is_free(layout.keeper_lock)


def is_held_by_others(layout: Layout) -> bool:
    """Whether a process still holds the server; asked after this one has let go.

    The keeper that is stopping the server has the lock too, but for itself alone.
    """
    lock = layout.holders_lock
    return lock.exists() and not _is_free(lock) and _is_free(lock, fcntl.LOCK_SH)


def wait_until_stopped(layout: Layout, *, seconds: float = 30.0) -> bool:
    """Wait for the end of a server that this process has let go; whether it has come."""
    deadline = time.monotonic() + seconds
    while is_kept(layout) and time.monotonic() < deadline:
        time.sleep(BEAT)
    stopped = not is_kept(layout)
    if stopped and layout.folder in _keepers:
        _keepers.pop(layout.folder).wait()  # or it would stay in the table of processes
    return stopped


def _join(layout: Layout) -> IO[bytes]:
    """The shared lock of a holder. Waits while a keeper is stopping its server."""
    prepare(layout.folder.parent)
    prepare(layout.folder)
    lock = layout.holders_lock
    lock.touch(mode=0o600)
    holder = lock.open("rb")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(holder, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                holder.close()
                raise BadSetting(
                    f"the embedded PostgreSQL of {layout.folder} does not stop"
                ) from None
            time.sleep(BEAT)
        else:
            return holder


def _bring_up(layout: Layout) -> None:
    """Wait for a server that is on its way, or start one. What dies meanwhile gets one more try."""
    if is_kept(layout) and _becomes_ready(layout, None):
        return
    begun = layout.log.stat().st_size if layout.log.exists() else 0
    if not _becomes_ready(layout, _start_keeper(layout)):
        why = _last_words(layout, since=begun)
        raise BadSetting(f"the embedded PostgreSQL did not start: {why}")


def _start_keeper(layout: Layout) -> subprocess.Popen[bytes]:
    orders = _orders(layout)
    with _open_log(layout) as log:
        started = subprocess.Popen(
            [sys.executable, "-I", keeper.__file__, str(layout.folder)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,  # Ctrl-C in a terminal is for us, not for the server
        )
    assert started.stdin is not None
    with started.stdin as orders_for_it:
        orders_for_it.write(orders.write())
    _keepers[layout.folder] = started
    return started


def _orders(layout: Layout) -> keeper.Orders:
    server = account.server_account()
    programs = account.wheel_programs()
    if server is not None:
        account.require_entry(layout.folder, server)
        programs = account.readable_programs(layout.folder, server)
    return keeper.Orders(
        folder=str(layout.folder),
        socket_folder=str(layout.socket_folder),
        programs=str(programs),
        owner=OWNER,
        database=DATABASE,
        options=dict(layout.all_options),
        uid=server.pw_uid if server else -1,
        gid=server.pw_gid if server else -1,
    )


def _becomes_ready(layout: Layout, started: subprocess.Popen[bytes] | None) -> bool:
    """Poll until the server answers; False when neither `started` nor any keeper is left."""
    deadline = time.monotonic() + PATIENCE
    while not _answers(layout):
        if (started is None or started.poll() is not None) and not is_kept(layout):
            return False
        if time.monotonic() > deadline:
            raise BadSetting(
                f"the embedded PostgreSQL did not answer within {PATIENCE:.0f} s; see {layout.log}"
            )
        time.sleep(BEAT)
    return True


def _answers(layout: Layout) -> bool:
    try:
        psycopg.connect(make_conninfo(**layout.conninfo()), connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def _is_free(lock: Path, kind: int = fcntl.LOCK_EX) -> bool:
    with _opened(lock) as descriptor:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _open_log(layout: Layout) -> IO[bytes]:
    if layout.log.exists() and layout.log.stat().st_size > LARGEST_LOG:
        layout.log.rename(layout.log.with_suffix(".log.1"))
    layout.log.touch(mode=0o600)
    return layout.log.open("ab")


def _last_words(layout: Layout, *, since: int) -> str:
    """Why the attempt failed whose log begins at byte `since`: its last cause, else its last line.

    What comes after the cause, such as that the system is shut down, only follows from it.
    """
    log = layout.log.read_bytes()
    told = log[since if since <= len(log) else 0 :]  # it may have begun anew meanwhile
    lines = [line for line in told.decode(errors="replace").split("\n") if line.strip()]
    causes = [line for line in lines if _CAUSE.search(line) and not _WAITING.search(line)]
    last = (causes or lines)[-1:]
    return f"{last[0]} (see {layout.log})" if last else f"see {layout.log}"
