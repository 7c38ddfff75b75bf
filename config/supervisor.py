"""Runs the parts of Castor as one: starts them, prefixes what they say, restarts, ends them all."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.keeper import end_with_parent

GRACE = 15.0  # seconds between asking a part to end and killing it
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds after which a part counts as running well
LONGEST_LINE = 1 << 20
BEAT = 0.05
# What Celery says to somebody at its own terminal, who is not there.
CHATTER = ("worker: Hitting Ctrl+C again", "worker: Cold shutdown", "worker: Warm shutdown")
COLOURS = (36, 33, 32, 35, 34, 31)


@dataclass(frozen=True)
class Part:
    """One process: a name for its lines, its command, what its environment has beside ours."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    once: bool = False  # runs to its end and is not started again


class Supervisor:
    """All parts, from the first start to the last end.

    Each part leads a process group of its own, so that Ctrl-C reaches us alone and we end all of
    it in order. If we are killed, the kernel asks each part to end (Linux).
    """

    def __init__(
        self, parts: Sequence[Part], *, folder: Path, write: Callable[[str], None], colour: bool
    ) -> None:
        self.parts = parts
        self.folder = folder
        self.write = write
        self.colour = colour
        self.width = max(len(name) for name in ("castor", *(part.name for part in parts)))
        self.ending = asyncio.Event()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    async def run(self, *beside: Coroutine[None, None, None]) -> None:
        """Keep every part running, and `beside` with them, until SIGINT, SIGTERM or SIGHUP."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self.ending.set)
        keepers = [asyncio.create_task(self.keep(part)) for part in self.parts]
        others = [asyncio.create_task(companion) for companion in beside]
        try:
            await self.ending.wait()
            self.say("castor", "ending")
            for other in others:
                other.cancel()
            await self.end_all()
            await asyncio.gather(*keepers)
        finally:
            self.kill_all()

    async def keep(self, part: Part) -> None:
        """Start a part, again and again, after longer and longer pauses."""
        pause = FIRST_PAUSE
        while not self.ending.is_set():
            began = time.monotonic()
            code = await self.run_once(part)
            if part.once or self.ending.is_set():
                return
            if time.monotonic() - began > STEADY:
                pause = FIRST_PAUSE
            self.say("castor", f"{part.name} ended ({_how(code)}); starts again in {pause:.0f} s")
            await self.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def run_once(self, part: Part) -> int:
        """One life of a part; its exit code."""
        process = subprocess.Popen(
            part.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env={**os.environ, **part.environment},
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGTERM),
        )
        self.running[part.name] = process
        relay = asyncio.create_task(self.relay(part.name, process))
        # Not asyncio's wait(): it waits for the pipe too, which a child of the part may hold open.
        while (code := process.poll()) is None:
            await asyncio.sleep(BEAT)
        _signal_group(process, signal.SIGKILL)  # what the part has left behind
        del self.running[part.name]
        await asyncio.wait([relay], timeout=1)
        relay.cancel()
        return code

    async def relay(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Pass on what a part says, line by line."""
        lines = asyncio.StreamReader(limit=LONGEST_LINE)
        pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(lines), process.stdout
        )
        with closing(pipe):
            while True:
                try:
                    line = await lines.readline()
                except ValueError:  # longer than the limit; the buffer has been emptied
                    line = b"(a very long line)"
                if not line:
                    return
                text = line.decode(errors="replace").rstrip()
                if text and not text.startswith(CHATTER):
                    self.say(name, text)

    async def end_all(self) -> None:
        """Ask all parts to end, and kill what has not ended in time."""
        deadline = time.monotonic() + GRACE
        for process in list(self.running.values()):
            _signal_group(process, signal.SIGTERM, leader_only=True)
        while self.running and time.monotonic() < deadline:
            await asyncio.sleep(BEAT)
        for name in self.running:
            self.say("castor", f"{name} did not end within {GRACE:.0f} s; killed")
        self.kill_all()

    def kill_all(self) -> None:
        """The last resort."""
        for process in list(self.running.values()):
            _signal_group(process, signal.SIGKILL)

    async def sleep(self, seconds: float) -> None:
        """Sleep, but not past the end."""
        try:
            await asyncio.wait_for(self.ending.wait(), seconds)
        except TimeoutError:
            return

    def say(self, name: str, line: str) -> None:
        """One line with its prefix."""
        prefix = f"{name:<{self.width}} |"
        if self.colour:
            place = next((i for i, part in enumerate(self.parts) if part.name == name), -1)
            prefix = f"\033[{COLOURS[place % len(COLOURS)] if place >= 0 else 1}m{prefix}\033[0m"
        self.write(f"{prefix} {line}\n")


def _signal_group(
    process: subprocess.Popen[bytes], number: signal.Signals, *, leader_only: bool = False
) -> None:
    """Signal a part: its first process, which tells the others, or all of its group."""
    try:
        (os.kill if leader_only else os.killpg)(process.pid, number)
    except ProcessLookupError:
        return


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"
