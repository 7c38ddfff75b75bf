"""The kernel calls that a decoder at work needs, and no other: a seccomp filter as bytes."""

from __future__ import annotations

import platform
import struct

# Name: number on x86-64, number on 64-bit ARM (None where there is no such call). What is not
# here answers "not permitted": opening any file, sockets, new processes and threads, signals to
# others, tracing, mounting, asynchronous rings.
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "poll": (7, None),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "readv": (19, 65),
    "writev": (20, 66),
    "select": (23, None),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "dup": (32, 23),
    "nanosleep": (35, 101),
    "getpid": (39, 172),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "sendmsg": (46, 211),
    "recvmsg": (47, 212),
    "exit": (60, 93),
    "fcntl": (72, 25),
    "ftruncate": (77, 46),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "times": (100, 153),
    "getcwd": (79, 17),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "newfstatat": (262, 79),
    "pselect6": (270, 72),
    "ppoll": (271, 73),
    "setrlimit": (160, 164),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "rseq": (334, 293),
}
# Allowed on this very process only (first argument 0): on another it would be an attack.
_PRLIMIT = (302, 261)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x40000000  # The other way to number calls on x86-64, by which a filter could be passed.
_ALLOW, _NOT_PERMITTED, _KILL = 0x7FFF0000, 0x00050001, 0x80000000


def filter_program() -> bytes | None:
    """Return the filter for this machine; None where the numbers are not known."""
    column, architecture = _MACHINES.get(platform.machine(), (None, 0))
    if column is None:
        return None
    numbers = [number for calls in _ALLOWED.values() if (number := calls[column]) is not None]
    return b"".join(
        (
            _step(_LOAD, 0, 0, _ARCHITECTURE),
            _step(_EQUAL, 1, 0, architecture),
            _step(_RETURN, 0, 0, _KILL),
            _step(_LOAD, 0, 0, _NUMBER),
            _step(_AT_LEAST, 0, 1, _X32),
            _step(_RETURN, 0, 0, _NOT_PERMITTED),
            *(
                # Each test jumps to the last step of all, which allows.
                _step(_EQUAL, len(numbers) - index + 5, 0, number)
                for index, number in enumerate(numbers)
            ),
            _step(_EQUAL, 0, 4, _PRLIMIT[column]),
            _step(_LOAD, 0, 0, _FIRST_ARGUMENT),
            _step(_EQUAL, 0, 2, 0),
            _step(_LOAD, 0, 0, _FIRST_ARGUMENT + 4),
            _step(_EQUAL, 1, 0, 0),
            _step(_RETURN, 0, 0, _NOT_PERMITTED),
            _step(_RETURN, 0, 0, _ALLOW),
        )
    )


def _step(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
