"""`manage.py run`: everything that Castor is, at one address, until Ctrl-C."""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import sys
from typing import IO, Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections
from kombu.exceptions import OperationalError

from config import demonstration, static
from config.apps import prepare_database
from config.celery import app
from config.data_folder import prepare
from config.embedded import server
from config.environment import BadSetting
from config.health import missing_migrations
from config.supervisor import Part, Supervisor
from datasets_app.commands import one_line
from datasets_app.models import Dataset

MANAGE = str(settings.PROJECT / "manage.py")
CELERY = (sys.executable, "-m", "celery", "--quiet", "-A", "config.celery")
WORKER = (*CELERY, "worker", "--without-gossip", "--without-mingle", "--without-heartbeat")


class Command(BaseCommand):
    """Web, workers and beat under one supervisor, with whatever they need made first."""

    help = "Run the web server, the workers and beat, until Ctrl-C."

    def handle(self, *args: Any, **options: Any) -> None:  # Any: as Django declares it
        """Prepare, supervise, leave nothing behind."""
        lock = take_the_folder()
        refuse_a_taken_port(settings.CASTOR_HOST, settings.CASTOR_PORT)
        prepare_everything()
        refuse_a_silent_broker()
        demo = settings.CASTOR_DEMO and lacks_demo()
        logins = demo_logins(new=demo)
        connections.close_all()
        supervisor = Supervisor(
            parts(demo=demo), folder=settings.PROJECT, write=write, colour=wants_colour()
        )
        asyncio.run(supervise(supervisor, logins))
        stop_the_server(supervisor)
        lock.close()


def take_the_folder() -> IO[str]:
    """The lock of the data folder: two supervisors would beat twice."""
    lock = (prepare(settings.CASTOR_HOME) / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise BadSetting(
            f"Castor already runs on {settings.CASTOR_HOME} ({lock.read().strip()}); "
            "end it, or give this one another folder with CASTOR_HOME"
        ) from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()}")
    lock.flush()
    return lock


def refuse_a_taken_port(host: str, port: int) -> None:
    """Fail now, in one line, rather than later in the web server's own words."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadSetting(
                f"cannot listen at {host}:{port} ({error.strerror}); end what runs there, "
                "or choose another port with CASTOR_PORT"
            ) from None


def prepare_everything() -> None:
    """Database, tables, static files: what is there already costs next to nothing."""
    if settings.CASTOR_USES_EMBEDDED:
        server.hold(settings.CASTOR_EMBEDDED)
    if missing_migrations():
        call_command("migrate", verbosity=0, interactive=False)
    prepare_database()
    settings.CASTOR_MEDIA_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
    static.collect_if_changed()


def refuse_a_silent_broker() -> None:
    """Fail now: workers would knock for ever, and nothing would be screened or settled."""
    with app.connection_for_write() as broker:
        try:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=5)
        except OperationalError as error:
            raise BadSetting(
                f"the broker at {broker.as_uri()} does not answer ({one_line(str(error))}); "
                "CELERY_BROKER_URL says where it is looked for"
            ) from None


def lacks_demo() -> bool:
    """Whether nobody could sign in yet, or an earlier start was ended before the demo was whole.

    Datasets by themselves do not count: `manage.py demo` makes some, without people. The folder
    of the demo's sources is removed when all is done.
    """
    shows = {show.slug for show in demonstration.SHOWS}
    there = Dataset.objects.filter(slug__in=shows).count() == len(shows)
    if there and not (settings.CASTOR_HOME / "demo").exists():
        return False
    return not User.objects.exclude(username__in=demonstration.PEOPLE).exists()


def demo_logins(*, new: bool) -> list[str]:
    """The demo's logins, one a line, if they are there or about to be made."""
    there = User.objects.filter(username__in=demonstration.PEOPLE).exists()
    return demonstration.logins() if settings.CASTOR_DEMO and (new or there) else []


def parts(*, demo: bool) -> list[Part]:
    """The processes of one Castor. The demo's data is made while the first page is read."""
    web = (sys.executable, "-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi")
    # On SIGTERM its processes get a few seconds, then leave their tasks to the next sweep. The gpu
    # worker has no processes that it could stop: it ends after the batch at hand.
    soft = {"REMAP_SIGTERM": "SIGQUIT"}
    return [
        Part("web", web),
        # One task at a time, and none fetched ahead: it would wait behind a long one.
        Part("gpu", (*WORKER, "-n", "gpu@%h", "-Q", "gpu", "--pool=solo", "-c", "1")),
        Part("worker", (*WORKER, "-n", "worker@%h", "-Q", "default,media,export"), soft),
        Part("beat", (*CELERY, "beat", "--pidfile=")),
        *([Part("demo", (sys.executable, MANAGE, "seed_demo"), once=True)] if demo else []),
    ]


async def supervise(supervisor: Supervisor, logins: list[str]) -> None:
    """Run the parts, say when the page is there, and keep the embedded database alive."""
    beside = [announce(supervisor, logins)]
    if settings.CASTOR_USES_EMBEDDED:
        beside.append(watch_the_database(supervisor))
    await supervisor.run(*beside)


async def announce(supervisor: Supervisor, logins: list[str]) -> None:
    """Wait for the first page, then say where it is and who may sign in."""
    address = f"http://{settings.CASTOR_ADDRESS}"
    while not await asyncio.to_thread(answers, f"{address}/healthz"):
        await asyncio.sleep(0.1)
    supervisor.say("castor", f"Castor is at {address}")
    for number, login in enumerate(logins):
        supervisor.say("castor", f"{'sign in as' if not number else '':<10} {login}")
    supervisor.say("castor", "Ctrl-C ends everything")


def answers(url: str) -> bool:
    """Whether a request is answered at all: with a 400, too, the server is there."""
    named = (host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*")
    request = Request(url, headers={"Host": next(named, settings.CASTOR_ADDRESS)})  # noqa: S310
    try:
        with urlopen(request, timeout=2):  # noqa: S310  our own address, put together above
            return True
    except URLError as error:
        return hasattr(error, "code")
    except OSError:
        return False


async def watch_the_database(supervisor: Supervisor) -> None:
    """Start the embedded PostgreSQL again, should it or its keeper be killed."""
    while True:
        await asyncio.sleep(1)
        if server.is_kept(settings.CASTOR_EMBEDDED):
            continue
        supervisor.say("castor", "the embedded PostgreSQL is gone; starts again")
        try:
            await asyncio.to_thread(server.hold, settings.CASTOR_EMBEDDED)
        except BadSetting as error:
            supervisor.say("castor", str(error))


def stop_the_server(supervisor: Supervisor) -> None:
    """Let go of the embedded PostgreSQL and see it end, unless somebody else needs it."""
    if not settings.CASTOR_USES_EMBEDDED:
        return
    connections.close_all()
    server.release(settings.CASTOR_EMBEDDED)
    # Parts that were killed a moment ago may not have let go yet.
    if server.wait_until_stopped(settings.CASTOR_EMBEDDED, seconds=3):
        return
    if server.is_held_by_others(settings.CASTOR_EMBEDDED):
        supervisor.say("castor", "PostgreSQL stays: another command of Castor uses it")
    elif not server.wait_until_stopped(settings.CASTOR_EMBEDDED, seconds=30):
        supervisor.say("castor", f"PostgreSQL is still ending; see {settings.CASTOR_EMBEDDED.log}")


def write(line: str) -> None:
    """To standard output, at once."""
    sys.stdout.write(line)
    sys.stdout.flush()


def wants_colour() -> bool:
    """On a terminal, unless the user has said no."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
