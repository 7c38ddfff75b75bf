"""The data folder: where one copy of Castor keeps its database, media, secret and locks."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from config.environment import BadSetting

SYSTEM_DATA = Path("/var/lib/castor")


def default_folder(project: Path, *, superuser: bool | None = None) -> Path:
    """The folder of the copy of Castor that stands in `project`.

    An ordinary user keeps it inside the project. Root keeps it under /var/lib/castor, named after
    the project's path: the embedded PostgreSQL refuses to run as root, and its own user could not
    enter a project that lies in a private folder.
    """
    if superuser is None:
        superuser = os.geteuid() == 0
    if not superuser:
        return project / ".castor"
    mark = hashlib.sha256(os.fsencode(project)).hexdigest()[:8]
    return SYSTEM_DATA / f"{project.name}-{mark}"


def prepare(folder: Path) -> Path:
    """Make the data folder, for its owner only; root's lets PostgreSQL's user pass. Return it."""
    try:
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            f"the data folder {folder} cannot be made ({error.strerror}); "
            "name another one with CASTOR_HOME"
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BadSetting(
            f"the data folder {folder} belongs to another user; name another one with CASTOR_HOME"
        )
    return folder


def local_secret(folder: Path) -> str:
    """The secret of this copy, made once and readable by its owner only.

    Two processes may start at once: each writes a whole file of its own, the first link wins.
    """
    kept = prepare(folder) / "secret"
    if not kept.exists():
        made = folder / f"secret.{os.getpid()}.{secrets.token_hex(4)}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(64), encoding="ascii")
        try:
            os.link(made, kept)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    try:
        return kept.read_text(encoding="ascii")
    except OSError as error:
        raise BadSetting(
            f"the secret in {kept} cannot be read ({error.strerror}); "
            "run as the user who owns it, or name another folder with CASTOR_HOME"
        ) from None
