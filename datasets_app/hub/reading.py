"""Reading a dataset repository of the Hub: a copy of its files, for the readers that read folders.

Only `huggingface_hub` is asked, and only for files. What is in them our own readers decode: they
are stricter than those of `datasets` (a key twice, NaN, numbers beyond 64 bits), tell file and
line, keep Parquet in its confined child, and know neither scripts nor pickles. A download that was
interrupted goes on where it stopped. HF_ENDPOINT names another Hub, HF_TOKEN opens what is closed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from datasets_app.readers.base import Reader, ReadOptions, UnreadableFile
from datasets_app.readers.rows.by_ending import SUFFIXES

PREFIX = "hf://"
KIND = "dataset"
_ADDRESS = re.compile(
    r"hf://(?P<name>[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:@(?P<revision>[\w./-]{1,100}))?",
    re.ASCII,
)
_CARD = "README.md"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class HubCopy:
    """The files of one revision on this machine, and how a reader finds those that were meant."""

    folder: Path
    options: ReadOptions


@dataclass(frozen=True, slots=True)
class _Config:
    """One `configs:` entry of a card: patterns by split."""

    name: str
    patterns: tuple[tuple[str, str], ...]


def is_address(source: str) -> bool:
    """Whether a source is at the Hub."""
    return source.startswith(PREFIX)


def fetch(address: str, reader: Reader, options: ReadOptions) -> HubCopy:
    """Copy what a reader needs of `hf://ORG/NAME[@REVISION]` into the Hub's own cache.

    Which files belong to a config and a split the card's `configs:` says, as everywhere at the Hub;
    without them, folder and file names do. Raises UnreadableFile.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise UnreadableFile(f"{address}: write hf://ORG/NAME or hf://ORG/NAME@REVISION")
    # It brings a web client with it, which only loads from the Hub need.
    import huggingface_hub as hub

    name, revision = found["name"], found["revision"] or "main"
    api = hub.HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None)
    about = _asked(address, lambda: api.dataset_info(name, revision=revision))
    there = [sibling.rfilename for sibling in about.siblings or ()]
    wanted, options = _selected(
        address, _configs(address, api, name, about.sha, there), there, options
    )
    media = [path for path in there if path.split("/")[0] in reader.media_folders]
    folder = _asked(
        address,
        lambda: api.snapshot_download(
            name,
            repo_type=KIND,
            revision=about.sha,
            allow_patterns=[*map(_literal, wanted + media)],
        ),
    )
    # Files of the cache are links to its blobs, which lie beside the snapshots.
    return HubCopy(Path(folder), replace(options, root=Path(folder).parents[1]))


def _configs(address: str, api: Any, name: str, sha: str, there: Sequence[str]) -> list[_Config]:
    """The `configs:` of the card; none where there is no card, or nothing in it."""
    if _CARD not in there:
        return []
    import huggingface_hub as hub

    path = _asked(address, lambda: api.hf_hub_download(name, _CARD, repo_type=KIND, revision=sha))
    try:
        words = hub.metadata_load(path) or {}
    except Exception:  # noqa: BLE001  Whatever the YAML library behind it raises.
        raise UnreadableFile(f"{address}: the front matter of its README.md is broken") from None
    listed = words.get("configs")
    entries = listed if isinstance(listed, list) else []
    return [_config(entry) for entry in entries if isinstance(entry, dict)]


def _config(entry: dict[str, Any]) -> _Config:
    files = entry.get("data_files")
    listed = files if isinstance(files, list) else [files]
    return _Config(
        str(entry.get("config_name", "default")),
        tuple(pair for each in listed for pair in _patterns(each)),
    )


def _patterns(entry: Any) -> Iterator[tuple[str, str]]:
    if isinstance(entry, str):
        yield "train", entry
    elif isinstance(entry, dict):
        paths = entry.get("path")
        for path in paths if isinstance(paths, list) else [paths]:
            if isinstance(path, str):
                yield str(entry.get("split", "train")), path


def _selected(
    address: str, configs: list[_Config], there: list[str], options: ReadOptions
) -> tuple[list[str], ReadOptions]:
    """The files to fetch, and the options that remain to be applied to them."""
    rows = [path for path in there if path.removesuffix(".gz").endswith(SUFFIXES)]
    if not any(config.patterns for config in configs):
        return rows, options
    by_name = {config.name: config for config in configs}
    if options.config and options.config not in by_name:
        known = ", ".join(by_name)
        raise UnreadableFile(f"{address}: there is no config {options.config}; there are: {known}")
    name = options.config or ("default" if "default" in by_name else "")
    chosen = [by_name[name]] if name else configs
    patterns = [
        _regex(pattern)
        for config in chosen
        for split, pattern in config.patterns
        if options.split in ("", split)
    ]
    wanted = [path for path in rows if any(pattern.fullmatch(path) for pattern in patterns)]
    if not wanted:
        raise UnreadableFile(
            f"{address}: no file of rows in {name or 'any config'}{_split(options)}"
        )
    return wanted, replace(options, config="", split="", only=frozenset(wanted))


def _split(options: ReadOptions) -> str:
    return f", split {options.split}" if options.split else ""


def _regex(pattern: str) -> re.Pattern[str]:
    """A glob as the Hub writes them: `**` crosses folders, `*` and `?` do not."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(known.get(piece, re.escape(piece)) for piece in pieces))


def _literal(path: str) -> str:
    """A pattern that means just this path."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _asked(address: str, ask: Callable[[], Result]) -> Result:
    """What the Hub answers. Raises UnreadableFile; its own words may hold addresses: not said."""
    from huggingface_hub import errors

    try:
        return ask()
    except errors.GatedRepoError:
        reason = "is gated: ask for access there, and set HF_TOKEN"
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError):
        reason = "is not there, or closed to you: check name and revision, and set HF_TOKEN"
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        reason = f"the Hub answered {status}: {'set HF_TOKEN' if status == 401 else 'try later'}"
    except (
        errors.HFValidationError,
        errors.EntryNotFoundError,
        OSError,
        errors.HTTPError,
    ) as error:
        reason = (
            f"the Hub cannot be reached ({type(error).__name__}): look at HF_ENDPOINT, try later"
        )
    raise UnreadableFile(f"{address}: {reason}")
