"""How gunicorn serves Castor: `gunicorn -c python:config.gunicorn config.wsgi`."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

os.environ["CASTOR_PROCESS"] = "web"
from config.environment import BadSetting

try:
    from config import settings, sharing
except BadSetting as error:
    sys.stderr.write(f"castor: {error}\n")
    sys.exit(2)

bind = settings.CASTOR_ADDRESS
workers = settings.CASTOR_WEB_WORKERS
worker_class = "config.sharing.SharingWorker"
threads = settings.CASTOR_WEB_THREADS
proc_name = "castor-web"
timeout = 60
graceful_timeout = 5
keepalive = 15
backlog = 512
max_requests = 50_000  # a leak, should there be one, ends here
max_requests_jitter = 5_000
limit_request_line = 8_190
limit_request_field_size = 16_384
forwarded_allow_ips = "*" if settings.CASTOR_TLS_PROXY else "127.0.0.1"
# Where every copy of Castor of one user would meet.
control_socket_disable = True
# Heartbeats of the workers are files: memory, not a disk that may be busy.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
accesslog = "-" if settings.DEBUG else None
access_log_format = "%(m)s %(U)s %(s)s %(L)ss"  # no query: people search for words
logconfig_dict = {
    **settings.LOGGING,
    "loggers": {
        **settings.LOGGING["loggers"],
        "gunicorn.error": {"level": "WARNING"},
        "gunicorn.access": {"level": "INFO"},
    },
}
pre_fork = sharing.take_place
child_exit = sharing.leave_place


def post_worker_init(worker: object) -> None:
    """Leave what was loaded out of the search for garbage, which would stop every thread for it."""
    gc.collect()
    gc.freeze()
