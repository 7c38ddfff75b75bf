"""The child: what it may do, how it dies, and that its death costs one file."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from PIL import Image

from datasets_app.media import Limits, MediaChild, MediaChildFailed, MediaRefused, parent
from datasets_app.media.answers import facts_from
from datasets_app.media.wire import Silence
from tests.datasets_app.media.conftest import Refuse
from tests.datasets_app.media.corpus import encoded, film, picture

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone has these guards")
ESCAPED = "/tmp/castor-escaped"  # noqa: S108  Nothing is written there, which is the point.
PNG = encoded(picture(), "PNG")

ATTEMPTS = {
    "read a file": "open('/etc/passwd').read(1)",
    "write a file": f"open('{ESCAPED}', 'w').close()",
    "open a socket": "import _socket; _socket.socket()",
    "fork": "os.fork() or os._exit(0)",
    "start a thread": "import _thread; _thread.start_new_thread(print, ())",
    "run a program": "os.execv('/bin/true', ['/bin/true'])",
    "signal its parent": "os.kill(os.getppid(), 0)",
    "limit its parent": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
    "trace its parent": "libc.ptrace(16, os.getppid(), 0, 0) and fail()",
    "remove a file": f"os.unlink('{ESCAPED}')",
    "make a ring": "libc.syscall(425, 1, 0) < 0 and fail()",
    "take 2 GB": "bytearray(2 << 30)",
}


def _attempt(what: str, *, confined: bool) -> str:
    """Try something in a process of its own; tell what became of it."""
    code = f"""
        import ctypes, os, resource, sys, _socket, _thread
        from datasets_app.media.confinement import confine
        from datasets_app.media.limits import Limits
        libc = ctypes.CDLL(None, use_errno=True)
        def fail():
            raise OSError(ctypes.get_errno(), "")
        if {confined}:
            assert "calls" in confine(Limits()), "no seccomp here"
        try:
            {ATTEMPTS[what]}
        except (OSError, MemoryError, RuntimeError) as error:
            os.write(1, b"refused " + str(getattr(error, "errno", "")).encode())
            os._exit(0)
        os.write(1, b"done")
        os._exit(0)
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, check=False, timeout=30
    )
    return ran.stdout.decode() if ran.returncode == 0 else f"ended {ran.returncode}"


@linux
@pytest.mark.parametrize("what", ATTEMPTS)
def test_the_confined_child_cannot(what: str, child: MediaChild) -> None:
    if "calls" not in child.guards:
        pytest.skip("this machine allows no seccomp filter")
    found = _attempt(what, confined=True)
    assert found in {f"refused {errno.EPERM}", "refused None", "refused "}, found


@linux
@pytest.mark.parametrize("what", ["read a file", "write a file", "open a socket", "fork",
                                  "start a thread", "signal its parent", "take 2 GB"])  # fmt: skip
def test_an_unconfined_process_can(what: str) -> None:
    # A thread's own line break may come first.
    assert _attempt(what, confined=False).lstrip().startswith(("done", "ended 0"))
    Path(ESCAPED).unlink(missing_ok=True)


@linux
def test_this_machine_confines_the_child_as_far_as_it_can(child: MediaChild) -> None:
    assert child.guards[0] == "limits"
    status = Path(f"/proc/{child.pid}/status").read_text()
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    assert f"{Limits().memory}" in limits
    if "calls" in child.guards:
        assert "Seccomp:\t2" in status
        assert "NoNewPrivs:\t1" in status
    if "network" in child.guards:
        ours = Path("/proc/self/ns/net").readlink()
        assert Path(f"/proc/{child.pid}/ns/net").readlink() != ours


@linux
def test_the_child_knows_no_secret_and_no_django(
    child: MediaChild, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://castor:secret@/castor")
    with MediaChild() as fresh:
        environment = Path(f"/proc/{fresh.pid}/environ").read_bytes()
        maps = Path(f"/proc/{fresh.pid}/maps").read_text()
    assert b"secret" not in environment
    assert "psycopg" not in maps
    code = (
        "import sys, datasets_app.media.child as child; "
        "print([n for n in sys.modules if n.split('.')[0] in ('django', 'numpy', 'torch')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert said.stdout.strip() == "[]"


def test_the_parent_never_imports_a_decoder() -> None:
    code = "import sys, datasets_app.media; print([n for n in ('PIL', 'av') if n in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert said.stdout.strip() == "[]"


def test_a_child_that_hangs_costs_one_file(tmp_path: Path) -> None:
    with MediaChild(limits=Limits(wall_seconds=0.5)) as child:
        first = child.pid
        os.kill(first, signal.SIGSTOP)
        with pytest.raises(MediaRefused, match=r"^one\.png took longer than 0\.5 seconds"):
            child.prepare(PNG, into=tmp_path, name="one.png")
        assert child.prepare(PNG, into=tmp_path).facts.width == 96
        assert child.pid != first
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_a_child_killed_midway_costs_one_file(tmp_path: Path) -> None:
    with MediaChild() as child:
        pid = child.pid
        os.kill(pid, signal.SIGSTOP)
        timer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
        timer.start()
        with pytest.raises(MediaRefused, match="was being decoded when the decoder was killed"):
            child.prepare(PNG, into=tmp_path, name="one.png")
        timer.join()
        assert list(tmp_path.iterdir()) == []
        assert child.prepare(PNG, into=tmp_path).facts.width == 96


def test_a_child_killed_between_files_costs_none(tmp_path: Path) -> None:
    with MediaChild() as child:
        child.prepare(PNG, into=tmp_path)
        pid = child.pid
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert child.prepare(PNG, into=tmp_path).facts.width == 96
        assert child.pid != pid


def test_a_film_that_takes_too_long_really_is_ended(tmp_path: Path) -> None:
    """A real slow input: a film that must be encoded, against a tenth of a second."""
    slow = film("mpeg4", size=(640, 480), frames=120)
    with MediaChild(limits=Limits(wall_seconds=0.1)) as child:
        pid = child.pid
        with pytest.raises(MediaRefused, match=r"took longer than 0\.1 seconds"):
            child.prepare(slow, into=tmp_path, name="slow.mp4")
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with MediaChild() as patient:
        assert patient.prepare(slow, into=tmp_path).facts.frames == 120


@linux
def test_processor_time_is_kept_by_the_kernel(tmp_path: Path) -> None:
    slow = encoded(Image.effect_noise((5000, 5000), 90), "GIF")
    with (
        MediaChild(limits=Limits(cpu_seconds=0)) as child,
        pytest.raises(MediaRefused, match="took more than 0 seconds of processor time"),
    ):
        child.prepare(slow, into=tmp_path, name="slow.gif")


def test_a_file_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    big = encoded(picture(5000, 4000), "PNG")
    with (
        MediaChild(limits=Limits(memory=200 << 20)) as child,
        pytest.raises(MediaRefused, match="needs more than 200 MB of memory"),
    ):
        child.prepare(big, into=tmp_path, name="big.png")
    with MediaChild() as child:
        assert child.prepare(big, into=tmp_path).facts.width == 5000


def test_a_file_that_would_be_stored_too_large_is_refused(tmp_path: Path) -> None:
    with (
        MediaChild(limits=Limits(output=200)) as child,
        pytest.raises(MediaRefused, match="would take more than 0 MB when stored"),
    ):
        child.prepare(encoded(picture(), "WEBP", lossless=True), into=tmp_path, name="a.webp")


@pytest.mark.parametrize("said", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_is_not_the_files_fault(said: int) -> None:
    error = parent._machine_fault(said)
    assert error.errno == said
    assert os.strerror(said) in str(error)


@linux
def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """A real full disk: a file system of 64 kB, where root may mount one."""
    noise = encoded(Image.effect_noise((400, 400), 90), "PNG")
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small file system")
    try:
        with MediaChild() as child, pytest.raises(OSError, match="No space left") as failed:
            child.prepare(noise, into=small)
        assert failed.value.errno == errno.ENOSPC
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_child_that_cannot_start_says_why(tmp_path: Path) -> None:
    with (
        MediaChild(limits=Limits(pixels=10)) as child,
        pytest.raises(MediaChildFailed, match=r"does not start: .*too large: 128 x 8 pixels"),
    ):
        child.prepare(PNG, into=tmp_path)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"modality": "image", "mime": "text/html", "frame_rate": ""},
        {"modality": "image", "mime": "video/mp4", "frame_rate": ""},
        {"modality": "image", "mime": "image/png", "frame_rate": "", "width": -1, "notes": []},
        {"modality": "image", "mime": "image/png", "frame_rate": "", "width": True, "notes": []},
        {"modality": "image", "mime": "image/png", "frame_rate": "1/0", "notes": []},
        {"modality": "image", "mime": "image/png", "frame_rate": "", "notes": [1]},
    ],
)
def test_the_parent_believes_no_nonsense(answer: dict[str, object]) -> None:
    with pytest.raises(Silence):
        facts_from(answer)


def test_the_parent_believes_sense() -> None:
    answer = {"modality": "image", "mime": "image/png", "frame_rate": "", "width": 3, "notes": []}
    assert facts_from(answer).width == 3


def test_a_missing_file_a_folder_a_pipe_and_an_empty_file_are_refused(
    refuse: Refuse, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    assert refuse(tmp_path / "gone.png") == "gone.png is missing"
    assert refuse(tmp_path / "pipe.png") == "pipe.png is a folder or a device, not a file"
    assert refuse(tmp_path / "folder.png") == "folder.png is a folder or a device, not a file"
    assert refuse(tmp_path / "empty.png") == "empty.png is empty"
    assert refuse(tmp_path / "a\0b.png").endswith("cannot be opened: its path holds a NUL")


def test_a_hostile_name_stays_on_one_line(refuse: Refuse) -> None:
    reason = refuse(b"nothing", name="a\n\x1b[31m\u202egnp.png" + "x" * 500)
    assert reason.isprintable()
    assert len(reason) < 160


def test_it_writes_nowhere_but_into_the_folder(child: MediaChild, tmp_path: Path) -> None:
    """Whatever the file calls itself, its bytes lie under their digest and nothing lies beside."""
    into = tmp_path / "deep" / "into"
    prepared = child.prepare(PNG, into=into, name="../../../escaped.png")
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert {path.name for path in into.iterdir()} == {
        prepared.stored.digest,
        *(kept.digest for kept in prepared.renditions.values()),
    }


def test_inspecting_keeps_nothing_and_finds_the_same(child: MediaChild, tmp_path: Path) -> None:
    assert child.inspect(PNG) == child.prepare(PNG, into=tmp_path).facts
    with pytest.raises(MediaRefused, match=r"a\.png is text, not an image"):
        child.inspect(b"words", name="a.png")


def test_the_child_outlives_many_files_and_then_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parent, "_FILES_PER_PROCESS", 3)
    with MediaChild() as child:
        pids = []
        for _ in range(7):
            child.prepare(PNG, into=tmp_path)
            pids.append(child.pid)
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]
