"""Web processes share connections, and who says nothing keeps nobody waiting."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

from config import sharing
from tests.config.served import Served, eventually

PEOPLE = 16


def sockets_of(process: int) -> int:
    """How many sockets a process holds."""
    found = Path(f"/proc/{process}/fd").iterdir()
    return sum(str(each.readlink()).startswith("socket:") for each in found)


def test_a_rush_of_connections_is_spread_over_the_processes(castor_env: dict[str, str]) -> None:
    """Left to gunicorn, the first to wake takes twelve to fourteen of sixteen."""
    with Served(castor_env, workers=2) as server, ExitStack() as open_ones:
        open_ones.callback(server.connected().close)
        eventually(lambda: len(server.processes()) == 2)
        before = {process: sockets_of(process) for process in server.processes()}

        def taken() -> list[int]:
            return [sockets_of(process) - held for process, held in before.items()]

        for _person in range(PEOPLE):
            open_ones.enter_context(server.silent())
        eventually(lambda: sum(taken()) >= PEOPLE)
        assert min(taken()) >= PEOPLE / 2 - 3


def test_a_process_that_dies_keeps_nobody_from_being_taken(castor_env: dict[str, str]) -> None:
    with Served(castor_env, workers=2) as server, ExitStack() as open_ones:
        open_ones.callback(server.connected().close)
        eventually(lambda: len(server.processes()) == 2)
        for _person in range(PEOPLE):
            open_ones.enter_context(server.silent())
        for process in server.processes():
            os.kill(process, signal.SIGKILL)
            for _time in range(3):
                open_ones.callback(server.connected().close)


def test_nobody_waits_for_a_process_that_stands_still(castor_env: dict[str, str]) -> None:
    with Served(castor_env, workers=2) as server, ExitStack() as open_ones:
        open_ones.callback(server.connected().close)
        eventually(lambda: len(server.processes()) == 2)
        still = server.processes()[0]
        for _person in range(PEOPLE):
            open_ones.enter_context(server.silent())
        os.kill(still, signal.SIGSTOP)
        try:
            # Half an idle connection's life: the other process would listen again after that.
            for _time in range(3):
                open_ones.callback(server.answered(seconds=8).close)
        finally:
            os.kill(still, signal.SIGCONT)


def test_who_comes_when_all_places_are_taken_has_none() -> None:
    everybody = {number: SimpleNamespace(place=number) for number in range(sharing.PLACES)}
    one_more = SimpleNamespace()
    sharing.take_place(SimpleNamespace(WORKERS=everybody), one_more)
    assert one_more.place is None


def test_connections_that_say_nothing_keep_nobody_waiting(castor_env: dict[str, str]) -> None:
    """gunicorn's own process gives each a thread, for five seconds."""
    with Served(castor_env, workers=1, threads=1) as server, ExitStack() as open_ones:
        open_ones.callback(server.connected().close)
        for _browser in range(30):
            open_ones.enter_context(server.silent())
        open_ones.callback(server.connected().close)
