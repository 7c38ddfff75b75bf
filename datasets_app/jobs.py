"""Jobs: claiming a row of work under a lease and a fence, and saying how it went.

Law. A claim raises the fence and the attempts, and holds for `LEASE` by the database's clock. Every
later write names the fence; once another worker has claimed the row it changes nothing, and the
writer learns so by LostLease. Three attempts, then the row is failed with its error. Every change
of state has its event in the same transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from django.db import DatabaseError, connections, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from datasets_app import ledger
from datasets_app.models.export import Job
from datasets_app.vocabulary import JobState

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 3
# How often running work says how far it is; its lease is renewed with it.
TELL_SECONDS = 1.0
INTERRUPTED = "It was interrupted three times; look at the log of the worker."

AnyJob = TypeVar("AnyJob", bound=Job)


class LostLease(Exception):
    """Somebody else has claimed this job meanwhile, or it is over; stop without a trace."""


def claim(kind: type[AnyJob], *, only: int | None = None) -> AnyJob | None:
    """Take the oldest job that waits, or whose worker fell silent; None if there is none.

    `only` names the one job that will do. A job whose worker fell silent for the third time is
    failed instead.
    """
    with transaction.atomic():
        _bury(kind)
        waiting = _jobs(kind).filter(_is_waiting(), attempts__lt=MOST_ATTEMPTS)
        if only is not None:
            waiting = waiting.filter(pk=only)
        job: AnyJob | None = waiting.order_by("pk").select_for_update(skip_locked=True).first()
        if job is None:
            return None
        before = job.state
        _jobs(kind).filter(pk=job.pk).update(
            state=JobState.RUNNING,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            leased_until=Now() + LEASE,
            done_rows=0,
            error="",
        )
        job.refresh_from_db()
        _note(job, before)
    return job


def renew(job: Job, **progress: Any) -> None:
    """Hold the job for another while and note its progress. Raises LostLease."""
    if not _held(job).update(leased_until=Now() + LEASE, **progress):
        raise LostLease(str(job))


def finish(job: Job, **result: Any) -> None:
    """The job is done, with its result. Raises LostLease."""
    with transaction.atomic():
        done = {"state": JobState.DONE, "finished_at": Now(), "leased_until": None, "error": ""}
        if not _held(job).update(**done, **result):
            raise LostLease(str(job))
        job.refresh_from_db()
        _note(job, JobState.RUNNING)


def fail(job: Job, error: str, *, for_good: bool = False) -> None:
    """The attempt failed: the job waits for its next one, or is failed after the last."""
    with transaction.atomic():
        is_last = for_good or job.attempts >= MOST_ATTEMPTS
        state = JobState.FAILED if is_last else JobState.QUEUED
        if _held(job).update(state=state, leased_until=None, error=error[:2000]):
            job.refresh_from_db()
            _note(job, JobState.RUNNING)


def ask_again(
    job: Job, *, by: int | None = None, whether: Sequence[JobState] = (JobState.FAILED,)
) -> None:
    """Let a failed job wait for a worker again, with all its attempts; leaves any other alone.

    `by` is the acting user's id; `whether` names other states from which it may start again.
    """
    with transaction.atomic():
        job.refresh_from_db()
        before = job.state
        over = _jobs(type(job)).filter(pk=job.pk, state=before, state__in=whether)
        if over.update(state=JobState.QUEUED, attempts=0, error="", finished_at=None):
            job.refresh_from_db()
            _note(job, before, by=by)


@contextmanager
def kept_beside(job: Job) -> Iterator[Callable[[int], None]]:
    """Keep a job whose work is one long transaction: its lease and its progress, from outside it.

    What the transaction itself wrote into the row nobody would see before its end. The block is
    given a function to tell how many rows are done; that raises LostLease once the job is lost.
    """
    keeper = _Keeper(job)
    keeper.start()
    try:
        yield keeper.tell
    finally:
        keeper.stop()


class _Keeper(threading.Thread):
    """Renews a job on a connection of its own until it is stopped."""

    def __init__(self, job: Job) -> None:
        super().__init__(name=f"keeper of {job}", daemon=True)
        self._job = job
        self._done = 0
        self._is_lost = False
        self._stopped = threading.Event()

    def run(self) -> None:
        try:
            while not self._stopped.wait(TELL_SECONDS):
                renew(self._job, done_rows=self._done)
        except (LostLease, DatabaseError):
            self._is_lost = True
        finally:
            connections.close_all()

    def tell(self, done: int) -> None:
        self._done = done
        if self._is_lost:
            raise LostLease(str(self._job))

    def stop(self) -> None:
        self._stopped.set()
        self.join()


@contextmanager
def worked_on(job: Job, *, for_good: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Fail the job when the block raises, and go on raising; a lost lease ends it silently.

    What is in `for_good` would be no better at a second attempt.
    """
    try:
        yield
    except LostLease:
        return
    except Exception as error:
        fail(job, str(error) or type(error).__name__, for_good=isinstance(error, for_good))
        raise


def _jobs(kind: type[AnyJob]) -> Any:  # Any: an abstract model's manager has no type of its own
    return kind._default_manager


def _held(job: Job) -> Any:
    return _jobs(type(job)).filter(pk=job.pk, fence=job.fence, state=JobState.RUNNING)


def _is_waiting() -> Q:
    return Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, leased_until__lt=Now())


def _bury(kind: type[AnyJob]) -> None:
    dead = _jobs(kind).filter(
        state=JobState.RUNNING, leased_until__lt=Now(), attempts__gte=MOST_ATTEMPTS
    )
    for job in dead.select_for_update(skip_locked=True):
        _jobs(kind).filter(pk=job.pk).update(
            state=JobState.FAILED, leased_until=None, error=INTERRUPTED, fence=F("fence") + 1
        )
        job.refresh_from_db()
        _note(job, JobState.RUNNING)


def _note(
    job: Any, before: str, *, by: int | None = None
) -> None:  # Any: every kind of job has its own columns
    kind = type(job)._meta.model_name
    ledger.note(
        str(kind),
        by=by,
        dataset=job.dataset_id,
        subject=f"{kind}:{job.pk}",
        before=before,
        after=job.state,
        reason=job.error,
        data={"attempt": job.attempts},
    )
