"""Where one embedded PostgreSQL keeps its files, its locks and its socket."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

DATABASE = "castor"
OWNER = "castor"
SOCKET_NAME = ".s.PGSQL.5432"
# A Unix socket's address is at most 107 bytes on Linux, 103 on macOS.
LONGEST_SOCKET = 103

# Tuned for one machine that also runs models: small buffers, the page cache does the rest.
# A statement that fails is not logged, nor are details: both may hold what people wrote.
OPTIONS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    # What parallel queries share comes from here first: containers have a /dev/shm of 64 MB.
    "min_dynamic_shared_memory": "64MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "synchronous_commit": "on",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_naptime": "20s",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Layout:
    """The files of the server in `folder`; `options` add to and win over `OPTIONS`."""

    folder: Path
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """PostgreSQL's own data folder; only its server may write in it."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the keeper and the server have to say."""
        return self.folder / "server.log"

    @property
    def keeper_lock(self) -> Path:
        """Locked by the keeper and, by inheritance, by every process of its server."""
        return self.folder / "keeper.lock"

    @property
    def holders_lock(self) -> Path:
        """Locked, shared, by every process that wants the server to run."""
        return self.folder / "holders.lock"

    @property
    def socket_folder(self) -> Path:
        """Beside the data, unless that path is too long for a socket or has awkward letters.

        The way out must not depend on the caller's environment: everyone has to find it.
        """
        beside = self.folder / "socket"
        plain = all(letter.isalnum() or letter in "/._-+@" for letter in str(beside))
        if plain and len(os.fsencode(beside / SOCKET_NAME)) <= LONGEST_SOCKET:
            return beside
        mark = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path("/tmp") / f"castor-{mark}"  # noqa: S108  its owner and mode are checked

    @property
    def all_options(self) -> Mapping[str, str]:
        """Every setting the server is started with."""
        return {
            **OPTIONS,
            **self.options,
            "unix_socket_directories": str(self.socket_folder),
        }

    def conninfo(self, database: str = DATABASE) -> dict[str, str]:
        """How libpq reaches the server."""
        return {"host": str(self.socket_folder), "user": OWNER, "dbname": database}
