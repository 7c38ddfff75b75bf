"""The door to the media room: hands files to the confined child and takes back what it made."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from json import dumps
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Self

from datasets_app.media.answers import facts_from, one_line
from datasets_app.media.facts import Facts, MediaRefused
from datasets_app.media.limits import Limits
from datasets_app.media.outputs import ROLES
from datasets_app.media.wire import Silence, hear, say
from datasets_app.media.workspace import Prepared, Workspace, digest_of, opened, workspace

_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0
_LAST_WORDS_SECONDS = 2.0
# A fresh process now and then, so that what leaks in a decoder never adds up.
_FILES_PER_PROCESS = 1000


class MediaChildFailed(Exception):
    """The child cannot run on this machine, whatever the file; the text says why, on one line."""


@dataclass(frozen=True, slots=True)
class _Process:
    """A running child: its socket, what it prints when it dies, and the guards that hold."""

    popen: subprocess.Popen[bytes]
    peer: socket.socket
    last_words: IO[bytes]
    guards: tuple[str, ...]


class MediaChild:
    """One confined child process, started when first needed and again whenever it is gone.

    Use as a context manager, from one thread; a second thread takes a second MediaChild.

        with MediaChild() as child:
            prepared = child.prepare(Path("photo.png"), into=folder, expect="image")
    """

    def __init__(self, *, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._process: _Process | None = None
        self._served = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def prepare(
        self, source: Path | bytes, *, into: Path, expect: str = "", name: str = ""
    ) -> Prepared:
        """Verify a file, strip it, and leave it with its renditions in the folder `into`.

        The same bytes always give the same files. `expect` is "image", "video", "audio" or ""
        for any; `name` is what reports call the file, by default the path's last part. Nothing
        is written outside `into`, and nothing stays there when the file is refused. Raises
        MediaRefused for the file's faults, OSError when the disk is full or `into` cannot be
        written, MediaChildFailed when no child can be started.
        """
        name = one_line(name or (source.name if isinstance(source, Path) else "the file"), most=80)
        limits = self.limits
        most = max(limits.image_size, limits.video_size, limits.audio_size)
        with opened(source, name=name, most=most) as file, workspace(into) as work:
            source_digest = digest_of(file)
            facts = self._ask(file, work, name=name, expect=expect)
            return work.keep(facts=facts, source_digest=source_digest, name=name)

    def inspect(self, source: Path | bytes, *, expect: str = "", name: str = "") -> Facts:
        """Return the facts of a file and keep nothing. Raises what `prepare` would raise."""
        with tempfile.TemporaryDirectory() as folder:
            return self.prepare(source, into=Path(folder), expect=expect, name=name).facts

    @property
    def guards(self) -> tuple[str, ...]:
        """What confines the child on this machine; see `confinement.confine`."""
        return self._running().guards

    @property
    def pid(self) -> int:
        """The process id of the child, started if need be."""
        return self._running().popen.pid

    def close(self) -> None:
        """End the child; the next file would start another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.peer.close()
        process.popen.kill()
        process.popen.wait()
        process.last_words.close()

    def _ask(self, file: BinaryIO, work: Workspace, *, name: str, expect: str) -> Facts:
        request = {"name": name, "expect": expect}
        files = (file.fileno(), *(work.files[role].fileno() for role in ROLES))
        if self._served >= _FILES_PER_PROCESS:
            self.close()
        process = self._running()
        try:
            say(process.peer, request, files=files)
        except OSError:
            # It died of something else since the last file; this one is not to blame.
            self.close()
            process = self._running()
            say(process.peer, request, files=files)
        self._served += 1
        return self._facts(process, name=name)

    def _facts(self, process: _Process, *, name: str) -> Facts:
        seconds = self.limits.wall_seconds
        try:
            answer, _ = hear(process.peer, until=time.monotonic() + seconds)
            if "refused" in answer:
                raise MediaRefused(one_line(str(answer["refused"])))
            if "failed" in answer:
                raise _machine_fault(answer["failed"])
            return facts_from(answer)
        except TimeoutError:
            self.close()
            raise MediaRefused(f"{name} took longer than {seconds:g} seconds to decode") from None
        except (Silence, ConnectionError):
            reason = self._death(process)
            self.close()
            raise MediaRefused(f"{name} {reason}") from None

    def _death(self, process: _Process) -> str:
        try:
            code = process.popen.wait(timeout=_LAST_WORDS_SECONDS)
        except subprocess.TimeoutExpired:
            return "made the decoder answer nonsense"
        if code == -signal.SIGXCPU:
            return f"took more than {self.limits.cpu_seconds} seconds of processor time to decode"
        if code == -signal.SIGKILL:
            return "was being decoded when the decoder was killed"
        how = signal.Signals(-code).name if code < 0 else f"exit {code}"
        return f"crashed the decoder ({how})"

    def _running(self) -> _Process:
        if self._process is not None and self._process.popen.poll() is not None:
            self.close()
        if self._process is None:
            self._process, self._served = _start(self.limits), 0
        return self._process


def _start(limits: Limits) -> _Process:
    ours, theirs = socket.socketpair()
    last_words = tempfile.TemporaryFile()  # noqa: SIM115  Lives as long as the process.
    with theirs:
        popen = subprocess.Popen(
            [sys.executable, "-P", "-m", "datasets_app.media.child", dumps(asdict(limits))],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=last_words,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )
    try:
        ready, _ = hear(ours, until=time.monotonic() + _START_SECONDS)
    except (Silence, TimeoutError, ConnectionError):
        popen.kill()
        popen.wait()
        last_words.seek(0)
        said = last_words.read().decode(errors="replace").strip().splitlines() or ["no reason"]
        ours.close()
        last_words.close()
        raise MediaChildFailed(f"the media child does not start: {one_line(said[-1])}") from None
    return _Process(popen, ours, last_words, tuple(map(str, ready["guards"])))


def _environment() -> dict[str, str]:
    """Return what the child may know: where the code lies. No password, token or address."""
    kept = {key: os.environ[key] for key in ("LD_LIBRARY_PATH",) if key in os.environ}
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "LC_ALL": "C.UTF-8"}


def _machine_fault(number: Any) -> OSError:
    code = number if type(number) is int else 0
    return OSError(code, os.strerror(code))
