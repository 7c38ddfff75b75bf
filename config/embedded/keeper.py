"""Keeps one embedded PostgreSQL running for as long as anyone holds it. Runs as a script.

Usage: python keeper.py FOLDER, with Orders as JSON on its standard input. It imports nothing but
Python's own library, so that it starts at once and stays small.

Who lives is told by two file locks, which the kernel gives up for the dead, however they died.

- `keeper.lock`, exclusive: the keeper takes it first. The server and all its processes inherit
  it, so whoever gets this lock knows that nothing of the server is left alive; what a stale
  `postmaster.pid` says, with its number given to another process by now, does not matter.
- `holders.lock`, shared by all who want the server. The keeper waits to get it exclusively: it
  has it when the last holder is gone, stops the server and ends. New holders wait until then.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

VERSION = "18"
STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Orders:
    """All that the keeper must know. `uid` and `gid` are the server's, or -1: the keeper's own."""

    folder: str
    socket_folder: str
    programs: str
    owner: str
    database: str
    options: dict[str, str]
    uid: int = -1
    gid: int = -1

    def write(self) -> bytes:
        """As `main` reads them."""
        return json.dumps(asdict(self)).encode()


class Keeper:
    """One server under one lock."""

    def __init__(self, orders: Orders, lock: int) -> None:
        self.orders = orders
        self.lock = lock
        self.folder = Path(orders.folder)
        self.data = self.folder / "data"
        self.server: subprocess.Popen[bytes] | None = None
        self.asked_to_stop = False

    def keep(self) -> int:
        """Run the server until nobody holds it, or until it ends by itself; its exit code."""
        self.prepare()
        self.server = self.start(
            [
                self.program("postgres"),
                "-D",
                str(self.data),
                "-c",
                f"config_file={self.write_config()}",
            ]
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.ask_to_stop())
        threading.Thread(target=self.wait_for_holders, daemon=True).start()
        code = self.server.wait()
        shutil.rmtree(self.orders.socket_folder, ignore_errors=True)
        return 0 if self.asked_to_stop else code or 1

    def wait_for_holders(self) -> None:
        """Stop the server as soon as the last holder has let go."""
        with (self.folder / "holders.lock").open("rb") as holders:
            fcntl.flock(holders, fcntl.LOCK_EX)
            self.ask_to_stop()
            threading.Event().wait(STOP_SECONDS)
            if self.server is not None and self.server.poll() is None:
                self.server.send_signal(signal.SIGQUIT)
            threading.Event().wait()  # the lock is given up by the end of this process

    def ask_to_stop(self) -> None:
        """A fast shutdown: sessions end, what was acknowledged is on disk."""
        self.asked_to_stop = True
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)

    def prepare(self) -> None:
        """Make the data folder and the socket's folder; sweep away what a crash left."""
        self.make_private(Path(self.orders.socket_folder))
        if not self.data.exists():
            self.make_data()
        found = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != VERSION:
            raise SystemExit(f"{self.data} was made by PostgreSQL {found}, this is {VERSION}")
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in Path(self.orders.socket_folder).glob(".s.PGSQL.5432*"):
            left.unlink(missing_ok=True)

    def make_data(self) -> None:
        """Initialise beside, then rename: an interrupted attempt never looks like a database."""
        draft = self.folder / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        self.make_private(draft)
        unsafe = self.orders.options.get("fsync") == "off"
        self.run(
            self.program("initdb"), "-D", str(draft), "-U", self.orders.owner, "--encoding=UTF8",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=trust",
            "--no-instructions", *(["--no-sync"] if unsafe else []),
        )  # fmt: skip
        create = f"CREATE DATABASE {self.orders.database};\n"
        self.run(self.program("postgres"), "--single", "-D", str(draft), "postgres", say=create)
        draft.rename(self.data)

    def make_private(self, folder: Path) -> None:
        """A folder that only the server's user may enter, and that nobody else made."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.orders.uid >= 0 and folder.stat().st_uid == os.geteuid():
            os.chown(folder, self.orders.uid, self.orders.gid)
        owner = self.orders.uid if self.orders.uid >= 0 else os.geteuid()
        if folder.is_symlink() or folder.stat().st_uid != owner:
            raise SystemExit(f"{folder} belongs to somebody else; move it away")
        folder.chmod(0o700)

    def run(self, *command: str, say: str = "") -> None:
        """Run one of the server's programs to its end."""
        child = self.start(list(command), talk=True)
        child.communicate(say.encode())
        if child.returncode:
            raise SystemExit(f"{Path(command[0]).name} ended with code {child.returncode}")

    def start(self, command: list[str], *, talk: bool = False) -> subprocess.Popen[bytes]:
        """Start a program as the server's user. It stops when the keeper dies, and has the lock."""
        other = self.orders.uid >= 0
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE if talk else subprocess.DEVNULL,
            cwd="/",
            env={"LC_ALL": "C", "PATH": os.defpath},
            pass_fds=(self.lock,),
            user=self.orders.uid if other else None,
            group=self.orders.gid if other else None,
            extra_groups=[] if other else None,
            umask=0o077,
            preexec_fn=end_with_parent(signal.SIGINT),
        )

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's programs."""
        return str(Path(self.orders.programs) / name)

    def write_config(self) -> Path:
        """The server's settings as the file that it reads."""
        file = self.folder / "postgresql.conf"
        lines = [f"{name} = '{value}'\n" for name, value in self.orders.options.items()]
        file.write_text("".join(lines), encoding="utf-8")
        file.chmod(0o644)  # the server's user reads it; there are no secrets in it
        return file


def end_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What a child does before it becomes its program: ask for a signal when its parent dies."""
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(1, int(number), 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os.kill(os.getpid(), number)

    return ask


def take(lock: int) -> bool:
    """Take the keeper's lock. Those who only look whether it is free have it for microseconds."""
    for _ in range(10):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        else:
            return True
    return False


def main() -> int:
    """Take the lock and keep the server; 0 at once if another keeper has it."""
    orders = Orders(**json.load(sys.stdin))
    lock = os.open(Path(orders.folder) / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
    return Keeper(orders, lock).keep() if take(lock) else 0


if __name__ == "__main__":
    sys.exit(main())
