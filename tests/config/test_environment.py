"""Typed readers: what they accept, and what they say of the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.environment import BadSetting, Environment

ROOT = Path("/srv/castor")


def environment(**values: str) -> Environment:
    return Environment(values, root=ROOT)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert environment(CASTOR_HOST="").text("CASTOR_HOST", "here", "") == "here"


@pytest.mark.parametrize("value", ["1", "true", "TRUE", "yes", "on"])
def test_it_knows_the_words_for_true(value: str) -> None:
    assert environment(A=value).flag("A", False, "") is True


@pytest.mark.parametrize("value", ["0", "false", "No", "off"])
def test_it_knows_the_words_for_false(value: str) -> None:
    assert environment(A=value).flag("A", True, "") is False


READERS: list[tuple[str, Callable[[Environment], object]]] = [
    ("maybe", lambda env: env.flag("A", True, "")),
    ("80", lambda env: env.integer("A", 8000, "", least=1024, most=65535)),
    ("8e3", lambda env: env.integer("A", 8000, "", least=1024, most=65535)),
    ("-8000", lambda env: env.integer("A", 8000, "", least=1024, most=65535)),
    ("٨٠٠٠", lambda env: env.integer("A", 8000, "", least=1024, most=65535)),
    ("9" * 5000, lambda env: env.integer("A", 8000, "", least=1024, most=65535)),
    ("prod", lambda env: env.choice("A", "local", "", of=("local", "production"))),
]


@pytest.mark.parametrize(("value", "read"), READERS)
def test_it_refuses_what_makes_no_sense_in_one_line(
    value: str, read: Callable[[Environment], object]
) -> None:
    with pytest.raises(BadSetting, match=r"^A=") as told:
        read(environment(A=value))
    assert "\n" not in str(told.value)


def test_a_list_has_no_empty_words() -> None:
    assert environment(A=" one, ,two,").names("A", [], "") == ["one", "two"]


def test_a_relative_path_starts_at_the_project_and_not_at_the_caller() -> None:
    read = environment(A="data/../media").path("A", ROOT, "", shown="")
    assert read == ROOT / "media"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    assert environment(A_FILE=str(tmp_path / "key")).secret("A", "") == "from a file"
    assert environment(A="said", A_FILE=str(tmp_path / "key")).secret("A", "") == "said"
    with pytest.raises(BadSetting, match="A_FILE=/nowhere cannot be read"):
        environment(A_FILE="/nowhere").secret("A", "")


def test_it_finds_the_variable_that_was_misspelt() -> None:
    env = environment(CASTOR_PROT="9000", CASTOR_SECRET_KEY_FILE="/dev/null", PATH="/")
    env.integer("CASTOR_PORT", 8000, "", least=1, most=9)
    env.secret("CASTOR_SECRET_KEY", "")
    assert env.unknown() == [("CASTOR_PROT", "CASTOR_PORT")]
