"""The docs are true: everything there is has its heading, and every example still runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands, load_command_class

from datasets_app.formats import FORMATS
from datasets_app.label_sets import LABEL_SETS
from datasets_app.protocols import PROTOCOLS
from datasets_app.readers import READERS
from datasets_app.vocabulary import ItemState

PROJECT = Path(__file__).parent.parent
PAGES = sorted([PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")])
OURS = {"annotation", "config", "datasets_app", "moderation"}
COMMANDS = sorted(name for name, app in get_commands().items() if app in OURS)


def page(name: str) -> str:
    return (PROJECT / "docs" / name).read_text()


def everything_written() -> str:
    return "\n".join(path.read_text() for path in PAGES)


def fenced(text: str) -> list[tuple[str, str]]:
    """The fenced blocks of a page as (language, text)."""
    return re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def command_lines() -> list[tuple[str, list[str]]]:
    found = []
    for path in PAGES:
        for language, block in fenced(path.read_text()):
            if language in {"sh", "console", "bash"}:
                lines = block.replace("\\\n", " ").splitlines()
                found += [(path.name, words) for line in lines if (words := our_command(line))]
    return found


def our_command(line: str) -> list[str]:
    """The words after `manage.py` of such a line, without its comment; none for any other line."""
    words = shlex.split(line.lstrip("$ "), comments=True)
    named = [index for index, word in enumerate(words) if word.endswith("manage.py")]
    return words[named[0] + 1 :] if named else []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert f"manage.py {command}" in everything_written()


@pytest.mark.parametrize(("where", "words"), command_lines())
def test_every_command_line_in_the_docs_is_understood(where: str, words: list[str]) -> None:
    name, *rest = words
    command = load_command_class(get_commands()[name], name)
    parser = command.create_parser("manage.py", name)
    # argparse leaves with SystemExit at an unknown option or a missing argument.
    parser.parse_args(rest)


@pytest.mark.parametrize("key", sorted(FORMATS))
def test_every_format_has_a_heading(key: str) -> None:
    assert re.search(rf"^#+ .*`{key}`", page("formats.md"), flags=re.MULTILINE)


@pytest.mark.parametrize("key", sorted(PROTOCOLS))
def test_every_protocol_has_a_heading(key: str) -> None:
    assert re.search(rf"^#+ .*`{key}`", page("protocols.md"), flags=re.MULTILINE)


@pytest.mark.parametrize("key", sorted(LABEL_SETS))
def test_every_label_set_is_documented(key: str) -> None:
    assert f"`{key}`" in page("protocols.md")


@pytest.mark.parametrize("key", sorted(READERS))
def test_every_reader_is_documented(key: str) -> None:
    assert f"`{key}`" in page("loading.md")


@pytest.mark.parametrize("state", ItemState.values)
def test_every_state_is_in_the_picture_of_the_journey(state: str) -> None:
    assert state.upper() in page("architecture.md")


def test_every_model_is_in_the_glossary() -> None:
    written = page("glossary.md")
    named = [model.__name__ for app in OURS for model in apps.get_app_config(app).get_models()]
    assert [name for name in named if name not in written] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_between_pages_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_file_the_docs_name_is_there() -> None:
    named = re.findall(
        r"`((?:annotation|config|datasets_app|moderation|tests|static|benchmarks|docs)/[\w./-]+\.\w+)`",
        everything_written(),
    )
    assert sorted({name for name in named if not (PROJECT / name).exists()}) == []


def test_every_dependency_says_what_it_is_for() -> None:
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    pinned = [re.split(r"[\[=]", line)[0] for line in lines if line and not line.startswith("#")]
    written = page("dependencies.md")
    assert [name for name in pinned if not re.search(rf"\b{re.escape(name)}\b", written)] == []


def test_every_dependency_is_pinned() -> None:
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    loose = [line for line in lines if line and not line.startswith("#") and "==" not in line]
    assert loose == []
