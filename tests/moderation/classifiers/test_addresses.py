"""Addresses: what the setting may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from moderation.classifiers import addresses
from moderation.classifiers.contract import ClassifierError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize("setting", ["", "default", "  "])
def test_nothing_said_means_the_guard_that_ships_at_its_revision(setting: str) -> None:
    address = addresses.found(setting)
    assert (address.folder, address.name) == (addresses.GUARD, "castor-guard")
    assert address.pinned is not None
    assert len(address.pinned) == 64


def test_a_missing_guard_says_how_to_make_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(addresses, "_GUARD_REVISION", tmp_path / "REVISION")
    with pytest.raises(ClassifierError, match=r"python -m moderation\.guard\.train"):
        addresses.found("")


def test_a_folder_is_named_by_its_last_part(tmp_path: Path) -> None:
    folder = tmp_path / "toxic guard @ home"
    folder.mkdir()
    assert addresses.found(str(folder)) == addresses.Address(folder, folder.name)


def test_a_folder_may_be_pinned(tmp_path: Path) -> None:
    address = addresses.found(f"{tmp_path}@sha256:{'a' * 64}")
    assert (address.folder, address.pinned) == (tmp_path, "a" * 64)


def test_a_commit_of_the_hub_is_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def fetched(repository: str, commit: str) -> Path:
        asked.append((repository, commit))
        return tmp_path

    monkeypatch.setattr(addresses, "fetched", fetched)
    address = addresses.found(f"org/guard-7b@{COMMIT}")
    assert asked == [("org/guard-7b", COMMIT)]
    assert (address.folder, address.name) == (tmp_path, f"org/guard-7b@{COMMIT[:12]}")


@pytest.mark.parametrize(
    ("setting", "advice"),
    [
        ("org/guard", "commit"),
        ("org/guard@main", "commit"),
        ("org/guard@v1.0", "commit"),
        (f"org/guard@{COMMIT[:12]}", "commit"),
        ("/nowhere/at/all", "no such folder"),
        ("guard", "no such folder"),
        (f"/nowhere@sha256:{'a' * 64}", "no such folder"),
        ("http://somewhere/model", "no such folder"),
        ("../no/where", "no such folder"),
    ],
)
def test_anything_else_is_refused_with_advice(setting: str, advice: str) -> None:
    with pytest.raises(ClassifierError, match=advice) as caught:
        addresses.found(setting)
    assert "\n" not in str(caught.value)
