"""The embedded PostgreSQL: it runs while anyone holds it, and comes back after anything."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from psycopg.conninfo import make_conninfo

from config.embedded import account, server
from config.embedded.layout import LONGEST_SOCKET, SOCKET_NAME, Layout
from config.environment import BadSetting

FAST = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "30"}
HOLDER = """
import sys, time
from pathlib import Path
from config.embedded import server
from config.embedded.layout import Layout
fast = {"fsync": "off", "shared_buffers": "16MB", "max_connections": "30"}
server.hold(Layout(Path(sys.argv[1]), fast))
print("holds", flush=True)
time.sleep(float(sys.argv[2]))
"""


@contextmanager
def folder() -> Iterator[Path]:
    """A data folder that the user of root's PostgreSQL may enter, unlike pytest's own."""
    home = Path(tempfile.mkdtemp(prefix="castor-test-"))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    """A server's files after its first start, which takes longest."""
    with folder() as home:
        layout = Layout(home / "postgres", FAST)
        server.hold(layout)
        server.release(layout)
        assert server.wait_until_stopped(layout)
        yield layout.folder


@pytest.fixture
def empty() -> Iterator[Layout]:
    """A server that was never started; killed when the test ends."""
    with folder() as home:
        layout = Layout(home / "postgres", FAST)
        yield layout
        server.release(layout)
        kill(processes_of(layout))
        eventually(lambda: not processes_of(layout))


@pytest.fixture
def layout(empty: Layout, made_once: Path) -> Layout:
    """A server that was started before."""
    subprocess.run(["cp", "-a", "--sparse=always", str(made_once), str(empty.folder)], check=True)
    return empty


def processes_of(layout: Layout) -> list[int]:
    """The keeper, the postmaster and its children: all that have the keeper's lock open."""
    return [
        n for n in numbers(Path("/proc")) if n != os.getpid() and layout.keeper_lock in opened(n)
    ]


def opened(process: int) -> set[Path]:
    with suppress(OSError):  # it has ended meanwhile, or is not ours
        return {link.readlink() for link in Path(f"/proc/{process}/fd").iterdir()}
    return set()


def numbers(place: Path) -> list[int]:
    return [int(entry.name) for entry in place.iterdir() if entry.name.isdigit()]


def kill(processes: Iterable[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):  # its parent's end was its own
            os.kill(process, signal.SIGKILL)


def postmaster(layout: Layout) -> int:
    return int((layout.data / "postmaster.pid").read_text().split()[0])


def keepers_of(layout: Layout) -> list[int]:
    return [number for number in processes_of(layout) if b"keeper.py" in said_at_start(number)]


def said_at_start(process: int) -> bytes:
    with suppress(OSError):  # it has ended meanwhile: PostgreSQL's helpers come and go
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def eventually(true: Callable[[], bool], *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def start_holder(layout: Layout, seconds: float = 60) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(layout.folder), str(seconds)],
        cwd=settings.PROJECT,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_until_it_holds(holder: subprocess.Popen[str]) -> None:
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holds\n"


def run_sql(layout: Layout, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(make_conninfo(**layout.conninfo()), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_it_leaves_no_process_when_the_last_holder_lets_go(layout: Layout) -> None:
    server.hold(layout)
    assert len(processes_of(layout)) > 2
    server.release(layout)
    assert server.wait_until_stopped(layout)
    assert processes_of(layout) == []


def test_it_stays_while_another_process_holds_it(layout: Layout) -> None:
    holder = start_holder(layout)
    wait_until_it_holds(holder)
    server.hold(layout)
    before = postmaster(layout)
    server.release(layout)
    assert server.is_held_by_others(layout)
    assert postmaster(layout) == before
    holder.kill()
    holder.wait()
    assert server.wait_until_stopped(layout)


def test_many_processes_that_start_it_at_once_share_one_server(layout: Layout) -> None:
    holders = [start_holder(layout) for _ in range(4)]
    for holder in holders:
        wait_until_it_holds(holder)
    eventually(lambda: len(keepers_of(layout)) == 1)
    for holder in holders:
        holder.kill()
        holder.wait()
    assert server.wait_until_stopped(layout)


def test_what_was_acknowledged_survives_a_kill_of_everything(layout: Layout) -> None:
    holder = start_holder(layout)
    wait_until_it_holds(holder)
    run_sql(layout, "CREATE TABLE kept (n int)")
    run_sql(layout, "INSERT INTO kept SELECT generate_series(1, 1000)")
    kill([*processes_of(layout), holder.pid])
    holder.wait()
    eventually(lambda: not server.is_kept(layout))
    server.hold(layout)
    assert run_sql(layout, "SELECT count(*) FROM kept") == [(1000,)]


@pytest.mark.parametrize("victim", [lambda layout: keepers_of(layout)[0], postmaster])
def test_it_comes_back_at_the_next_connection_when_it_was_killed(
    layout: Layout, victim: Callable[[Layout], int]
) -> None:
    server.hold(layout)
    before = postmaster(layout)
    kill([victim(layout)])
    eventually(lambda: not server.is_kept(layout))
    server.hold(layout)
    assert run_sql(layout, "SELECT 1") == [(1,)]
    assert postmaster(layout) != before


def test_it_starts_although_a_stale_pid_file_names_a_living_process(layout: Layout) -> None:
    server.hold(layout)
    server.release(layout)
    assert server.wait_until_stopped(layout)
    lines = f"{os.getpid()}\n{layout.data}\n0\n5432\n{layout.socket_folder}\n\n  0 0\nready\n"
    (layout.data / "postmaster.pid").write_text(lines)
    server.hold(layout)
    assert postmaster(layout) != os.getpid()


def test_an_interrupted_first_start_does_not_look_like_a_database(empty: Layout) -> None:
    draft = empty.folder / "data.draft"
    draft.mkdir(parents=True)
    empty.folder.chmod(0o711)
    (draft / "PG_VERSION").write_text("18\n")
    server.hold(empty)
    assert run_sql(empty, "SHOW server_encoding") == [("UTF8",)]
    assert not draft.exists()


def test_it_says_in_one_line_why_it_does_not_start(layout: Layout) -> None:
    broken = Layout(layout.folder, {"shared_buffers": "nonsense"})
    with pytest.raises(
        BadSetting, match=r"did not start: .*nonsense|did not start: .*errors"
    ) as told:
        server.hold(broken)
    assert "\n" not in str(told.value)


def test_it_says_the_cause_and_not_what_followed_from_it(layout: Layout) -> None:
    for segment in (layout.data / "pg_wal").glob("0*"):
        segment.unlink()
    with pytest.raises(BadSetting, match="could not locate a valid checkpoint record"):
        server.hold(layout)
    assert "is shut down" in layout.log.read_text().splitlines()[-1]


@pytest.mark.parametrize(
    "turned_away", ["starting up", "shutting down", "in recovery mode", "not accepting connections"]
)
def test_a_guest_turned_away_meanwhile_is_no_cause(empty: Layout, turned_away: str) -> None:
    empty.folder.mkdir(parents=True, exist_ok=True)
    lines = ["PANIC:  no checkpoint", f"FATAL:  the database system is {turned_away}"]
    empty.log.write_text("\n".join(f"12:00 [1] {line}" for line in lines))
    assert "no checkpoint" in server._last_words(empty, since=0)


def test_only_its_own_user_may_enter_the_socket_folder(layout: Layout) -> None:
    server.hold(layout)
    assert layout.socket_folder.stat().st_mode & 0o777 == 0o700
    assert run_sql(layout, "SHOW listen_addresses") == [("",)]


@pytest.mark.parametrize("name", ["a folder with spaces", "x" * 120, "it's", "comma,comma"])
def test_a_path_that_no_socket_can_have_is_led_to_a_short_one(name: str) -> None:
    found = Layout(Path("/srv") / name / "postgres").socket_folder
    assert found.parent == Path("/tmp")  # noqa: S108
    assert len(os.fsencode(found / SOCKET_NAME)) <= LONGEST_SOCKET
    assert found == Layout(Path("/srv") / name / "postgres").socket_folder


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
def test_as_root_it_refuses_a_private_folder_and_opens_none(layout: Layout) -> None:
    private = layout.folder.parent / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(BadSetting, match=f"may not enter {private}; set CASTOR_HOME"):
        server.hold(Layout(private / "home" / "postgres", FAST))
    assert private.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another user")
def test_as_root_it_copies_programs_that_its_user_could_not_read(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = layout.folder.parent / "hidden"
    hidden.mkdir(mode=0o700)
    package = account.wheel_programs().parent.parent
    shutil.copytree(package / "pginstall18", hidden / package.name / "pginstall18", symlinks=True)
    shutil.copytree(f"{package}.libs", hidden / f"{package.name}.libs", symlinks=True)
    programs = hidden / package.name / "pginstall18" / "bin"
    monkeypatch.setattr(account, "wheel_programs", lambda: programs)
    server.hold(layout)
    assert str(hidden) not in str(Path(f"/proc/{postmaster(layout)}/exe").readlink())
    assert hidden.stat().st_mode & 0o777 == 0o700


def test_a_signal_to_the_group_of_the_holder_does_not_reach_the_server(layout: Layout) -> None:
    server.hold(layout)
    assert {os.getpgid(n) for n in processes_of(layout)}.isdisjoint({os.getpgrp()})


def test_a_keeper_that_is_stopping_its_server_is_not_taken_for_a_holder(layout: Layout) -> None:
    layout.holders_lock.touch()
    with layout.holders_lock.open() as keeper:
        fcntl.flock(keeper, fcntl.LOCK_EX)
        assert not server.is_held_by_others(layout)
        fcntl.flock(keeper, fcntl.LOCK_SH)
        assert server.is_held_by_others(layout)
