"""Locks a process in before it touches untrusted bytes; there is no way back out."""

from __future__ import annotations

import ctypes
import resource
import sys
from contextlib import suppress

from datasets_app.media.limits import Limits
from datasets_app.media.syscalls import filter_program

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER_MODE = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine(limits: Limits) -> tuple[str, ...]:
    """Confine this process for good; return the guards that hold, for the log and the tests.

    "limits": address space, size of a file, no core, no new process or thread. "network": an
    empty network namespace. "calls": a seccomp filter, which leaves only work on descriptors
    that are open already. The last two are Linux's and may be denied by a container; the first
    and the parent's clock hold everywhere.
    """
    guards = ["limits"]
    for what, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.output),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        # macOS knows RLIMIT_AS and refuses to set it.
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (value, value))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if not libc.unshare(_CLONE_NEWNET) or not libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET):
            guards.append("network")
        if _filter_calls(libc):
            guards.append("calls")
    return tuple(guards)


def allow_processor_time(seconds: int) -> None:
    """Let this process use so many more seconds; then the kernel ends it with SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _filter_calls(libc: ctypes.CDLL) -> bool:
    program = filter_program()
    if program is None or libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    structure = _Program(len(program) // 8, program)
    return not libc.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.byref(structure), 0, 0)
