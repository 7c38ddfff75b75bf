"""The settings as a whole: documented, and strict where it matters. Each start is a real one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings

from config.data_folder import default_folder, local_secret
from config.environment import BadSetting
from config.management.commands import run
from config.management.commands.settings import row

GOOD = "kLwq8-Zr4vTn_0yXbe3HsdJfU6cAoP1iGmR7tNzVEQK5hlWx9uBDpIM2YCjSga"


def start(tmp_path: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """One command of a new process with these variables and no others of ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CASTOR_")}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    return subprocess.run(
        [sys.executable, str(settings.PROJECT / "manage.py"), *command],
        env={**kept, "CASTOR_HOME": str(tmp_path / "home"), **variables},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_setting_is_documented_as_it_is() -> None:
    documented = (settings.PROJECT / "docs" / "settings.md").read_text().splitlines()
    rows = [line for line in documented if line.startswith("| `")]
    assert rows == [row(setting) for setting in settings.CASTOR_SETTINGS.values()]


def test_the_command_says_where_a_path_leads(tmp_path: Path) -> None:
    done = start(tmp_path, "settings")
    said = dict(line.split("=", 1) for line in done.stdout.splitlines())
    home = Path(said["CASTOR_HOME"])
    assert home.is_absolute()
    assert said["CASTOR_MEDIA_ROOT"] == str(home / "media")


def test_every_check_is_documented() -> None:
    written = (settings.PROJECT / "config" / "checks.py").read_text()
    documented = (settings.PROJECT / "docs" / "settings.md").read_text()
    ids = {word.strip('",') for word in written.replace("=", " ").split() if '"castor.' in word}
    assert ids
    assert [name for name in sorted(ids) if name not in documented] == []


@pytest.mark.parametrize(
    ("secret", "reason"),
    [
        ("", "needs CASTOR_SECRET_KEY with at least 50 characters"),
        ("short", "needs CASTOR_SECRET_KEY with at least 50 characters"),
        ("django-insecure-" + GOOD, "is an example, not a secret"),
        ("change-me-this-is-not-a-secret-but-long-enough-to-be-one", "is an example"),
        ("ab" * 40, "is an example"),
    ],
)
def test_production_does_not_start_without_a_secret_of_its_own(
    tmp_path: Path, secret: str, reason: str
) -> None:
    done = start(tmp_path, "check", CASTOR_ENV="production", CASTOR_SECRET_KEY=secret)
    assert done.returncode == 2
    assert done.stderr.startswith("castor: ")
    assert done.stderr.count("\n") == 1
    assert reason in done.stderr


def test_production_starts_with_a_secret_and_shows_it_to_nobody(tmp_path: Path) -> None:
    done = start(
        tmp_path,
        "settings",
        CASTOR_ENV="production",
        CASTOR_SECRET_KEY=GOOD,
        CASTOR_ALLOWED_HOSTS="castor.example.org",
    )
    assert done.returncode == 0, done.stderr
    assert "CASTOR_SECRET_KEY=(set)" in done.stdout
    assert GOOD not in done.stdout + done.stderr


def test_a_bad_database_url_is_told_without_its_password(tmp_path: Path) -> None:
    done = start(tmp_path, "check", DATABASE_URL="postgresql://me:hush%zz@db/castor")
    assert done.returncode == 2
    assert "DATABASE_URL cannot be read" in done.stderr
    assert "hush" not in done.stderr


def test_the_local_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    first = local_secret(tmp_path / "home")
    assert first == local_secret(tmp_path / "home")
    assert len(first) >= 50
    assert (tmp_path / "home" / "secret").stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in (tmp_path / "home").iterdir()) == ["secret"]


def test_root_keeps_its_data_outside_of_the_project() -> None:
    project = Path("/root/work/castor")
    assert default_folder(project, superuser=False) == project / ".castor"
    assert default_folder(project, superuser=True).parent == Path("/var/lib/castor")
    other = default_folder(Path("/srv/castor"), superuser=True)
    assert other != default_folder(project, superuser=True)


def test_a_data_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match=r"cannot be made .*; name another one with CASTOR_HOME"):
        local_secret(tmp_path / "file" / "home")


@pytest.mark.parametrize("command", [("run",), ("migrate",)])
def test_a_database_that_does_not_answer_is_told_in_one_line(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = start(tmp_path, *command, DATABASE_URL="postgresql://u:hidden@127.0.0.1:1/x")
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "Connection refused" in line
    assert "DATABASE_URL" in line
    assert "hidden" not in line


def test_a_broker_that_does_not_answer_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Celery("nowhere", broker="redis://:hidden@127.0.0.1:1/0") as nowhere:
        monkeypatch.setattr(run, "app", nowhere)
        with pytest.raises(BadSetting, match=r"redis://:\*\*@127.*CELERY_BROKER_URL") as told:
            run.refuse_a_silent_broker()
    assert "\n" not in str(told.value)
