"""Publishing an export: one commit to a dataset repository of the Hub, then a tag. Resumable.

Law. What is at the Hub decides what is left to do, never what we remember: if the tag stands on
our manifest, nothing; if the head of the repository is our manifest, only the tag; else the commit,
on the head that was looked at, so that nobody's work is overwritten unseen. The token comes from
the environment (HF_TOKEN) and goes nowhere else; HF_ENDPOINT names another Hub. The Hub's client is
imported by a push only: it would make the start of every worker a quarter of a second longer.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import transaction

from datasets_app import exports, jobs, ledger, manifest
from datasets_app.models import Export, Publication, Version
from datasets_app.vocabulary import JobState

log = logging.getLogger(__name__)

Result = TypeVar("Result")

BRANCH = "main"
KIND = "dataset"
# Seconds to wait before each new try, when the Hub is overloaded and does not say how long itself.
WAITS: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0)
LONGEST_WAIT = 300.0
# The Hub takes no more files in one commit.
MOST_FILES = 25_000
# Files sent together; the job's lease is renewed in between.
TOGETHER = 100
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_PASSING = frozenset({408, 429, 500, 502, 503, 504})


class PublishFault(Exception):
    """It cannot be published; the text is one line: what, where, what to do."""


class _Passing(Exception):
    """The Hub is not to be had at the moment."""


@dataclass(frozen=True, slots=True)
class Published:
    """Where an export is to be found. `is_new` is False when all was there already."""

    repository: str
    commit: str
    tag: str
    is_new: bool


def request(export: Export, repository: str, by: User | None) -> Publication:
    """Ask for an export to be published, twice for the same row. Raises PublishFault."""
    if not _REPOSITORY.fullmatch(repository) or repository.endswith(".git"):
        raise PublishFault(f"{repository!r} names no repository; write ORG/NAME.")
    with transaction.atomic():
        publication, is_new = Publication.objects.get_or_create(
            export=export, repository=repository, defaults={"requested_by": by}
        )
        if is_new:
            ledger.note(
                "publication",
                by=by.pk if by else None,
                dataset=export.version.dataset_id,
                subject=f"publication:{publication.pk}",
                after=publication.state,
                data={"export": export.pk, "repository": repository},
            )
    # Done before, it is looked at again: somebody may have removed the tag.
    jobs.ask_again(publication, by=by.pk if by else None, whether=(JobState.FAILED, JobState.DONE))
    return publication


def publish(version: Version, format: str, repository: str, by: User | None) -> Published:
    """Publish a version in a format here and now, making the export first where it is missing.

    Run again after any interruption it completes what is left. Raises PublishFault, and what
    making the export raises.
    """
    token()
    publication = request(exports.make_now(version, format, by), repository, by)
    claimed = jobs.claim(Publication, only=publication.pk)
    if claimed is None:
        raise PublishFault(f"{publication} is on its way in another process; wait for it.")
    # Who started it is there to start it again: no second attempt behind his back.
    with jobs.worked_on(claimed, for_good=(Exception,)):
        return _run(claimed)
    raise PublishFault(f"{publication} was taken over by another process.")


def run_waiting() -> int:
    """Work off every publication that waits; how many were tried. Without a token they wait on."""
    tried = 0
    while os.environ.get("HF_TOKEN") and (publication := jobs.claim(Publication)) is not None:
        tried += 1
        try:
            with jobs.worked_on(publication, for_good=(PublishFault,)):
                _run(publication)
        except Exception:  # the row holds the error; the next one must have its turn
            log.exception("publication %s failed", publication.pk)
    return tried


def token() -> str:
    """The Hub's token, from the environment only. Raises PublishFault."""
    found = os.environ.get("HF_TOKEN", "").strip()
    if not found:
        raise PublishFault("HF_TOKEN is not set; give it a token that may write to the repository.")
    return found


def _run(publication: Publication) -> Published:
    from huggingface_hub.utils import disable_progress_bars

    disable_progress_bars()
    with exports.local_copy(publication.export) as folder:
        return _Push(publication, folder).run()


class _Push:
    """One attempt at bringing a folder to the Hub."""

    def __init__(self, publication: Publication, folder: Path) -> None:
        from huggingface_hub import HfApi

        self.publication = publication
        self.folder = folder
        self.repository = publication.repository
        self.paths = [entry["path"] for entry in exports.files(publication.export)]
        self.signature = (folder / manifest.NAME).read_bytes()
        self.tag = f"v{publication.export.version.number}"
        self.api = HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None, token=token())

    def run(self) -> Published:
        if len(self.paths) > MOST_FILES:
            raise PublishFault(
                f"{self.publication.export} has {len(self.paths):,} files; "
                f"the Hub takes {MOST_FILES:,} in a commit."
            )
        # Private at first: that a data set of harms is seen by everybody is decided at the Hub.
        self._ask(
            lambda: self.api.create_repo(
                self.repository, repo_type=KIND, private=True, exist_ok=True
            )
        )
        tagged = self._tagged()
        commit = tagged or _patiently(self._committed)
        jobs.renew(self.publication, commit=commit)
        if tagged is None:
            self._ask(
                lambda: self.api.create_tag(
                    self.repository, repo_type=KIND, tag=self.tag, revision=commit, exist_ok=True
                )
            )
        jobs.finish(self.publication, commit=commit, tag=self.tag, done_rows=len(self.paths))
        return Published(self.repository, commit, self.tag, is_new=tagged is None)

    def _tagged(self) -> str | None:
        """The commit under our tag, None without it. Refuses another export under it."""
        refs = self._ask(lambda: self.api.list_repo_refs(self.repository, repo_type=KIND))
        for ref in refs.tags:
            if ref.name == self.tag:
                if not self._is_ours(self.tag):
                    raise PublishFault(
                        f"{self.repository} has another export under the tag {self.tag}; "
                        "name another repository."
                    )
                return str(ref.target_commit)
        return None

    def _committed(self) -> str:
        """The commit that holds the export: the head if it does already, else a new one."""
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        info = self._told(lambda: self.api.dataset_info(self.repository, revision=BRANCH))
        if self._is_ours(info.sha):
            return str(info.sha)
        there = {file.rfilename for file in info.siblings or ()}
        additions = [CommitOperationAdd(path, str(self.folder / path)) for path in self.paths]
        for sent, some in _by_hundreds(additions):
            self._told(partial(self._send, some))
            jobs.renew(self.publication, done_rows=sent, total_rows=len(self.paths))
        stale = sorted(there - set(self.paths) - {".gitattributes"})
        operations = [*additions, *(CommitOperationDelete(path) for path in stale)]
        made = self._told(
            lambda: self.api.create_commit(
                self.repository,
                operations,
                commit_message=str(self.publication.export),
                repo_type=KIND,
                revision=BRANCH,
                parent_commit=info.sha,
            )
        )
        return str(made.oid)

    def _send(self, additions: Sequence[Any]) -> None:
        """Bring the large ones among the files there, ahead of the commit that will name them."""
        self.api.preupload_lfs_files(self.repository, additions, repo_type=KIND, free_memory=False)

    def _is_ours(self, revision: str) -> bool:
        """Whether the manifest at a revision is, byte for byte, the one in our folder."""
        found = self._told(
            lambda: self.api.get_paths_info(
                self.repository, [manifest.NAME], revision=revision, repo_type=KIND
            )
        )
        if not found:
            return False
        if found[0].lfs is not None:
            return bool(found[0].lfs.sha256 == hashlib.sha256(self.signature).hexdigest())
        # The name that git gives to these bytes; it is no safeguard, and nothing rests on it.
        header = b"blob %d\0" % len(self.signature)
        named = hashlib.sha1(header + self.signature, usedforsecurity=False).hexdigest()
        return bool(found[0].blob_id == named)

    def _ask(self, ask: Callable[[], Any]) -> Any:
        return _patiently(lambda: self._told(ask))

    def _told(self, ask: Callable[[], Any]) -> Any:
        """Ask the Hub; its faults come back as _Passing or as PublishFault."""
        from huggingface_hub.errors import HTTPError

        try:
            return ask()
        except HTTPError as error:
            raise _explained(error, self.repository) from error
        except RuntimeError as error:
            # The client wraps what went wrong with one file of many.
            if isinstance(error.__cause__, HTTPError):
                raise _explained(error.__cause__, self.repository) from error
            raise


def _by_hundreds(additions: Sequence[Any]) -> Iterator[tuple[int, Sequence[Any]]]:
    for first in range(0, len(additions), TOGETHER):
        some = additions[first : first + TOGETHER]
        yield first + len(some), some


def _patiently(ask: Callable[[], Result]) -> Result:
    """Ask again while the Hub is not to be had; give up after the last of `WAITS`."""
    for wait in WAITS:
        try:
            return ask()
        except _Passing as fault:
            time.sleep(_wanted_wait(fault) or wait)
    try:
        return ask()
    except _Passing as fault:
        raise PublishFault(f"{fault} Run it again later: it goes on where it stopped.") from fault


def _wanted_wait(fault: _Passing) -> float:
    response = getattr(fault.__cause__, "response", None)
    wanted = response.headers.get("retry-after", "") if response is not None else ""
    return min(float(wanted), LONGEST_WAIT) if wanted.isdecimal() else 0.0


def _explained(error: Any, repository: str) -> Exception:  # Any: the client's types are not read
    """A fault of the Hub in one line. The server's words stay out: they may quote the request."""
    response = getattr(error, "response", None)
    if response is None:
        return _Passing(f"The Hub cannot be reached ({type(error).__name__}).")
    status = response.status_code
    if status in _PASSING:
        return _Passing(f"The Hub answers {status} to everything.")
    if status in (401, 403):
        return PublishFault(
            f"The Hub refuses HF_TOKEN for {repository}; it must be allowed to write."
        )
    if status in (409, 412):
        return PublishFault(
            f"Somebody else changed {repository} meanwhile; look at it there, then run it again."
        )
    return PublishFault(f"The Hub answers {status} for {repository}.")
