"""Static files as production serves them: small, whole, and each under the name of its content."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find
from django.core.management import call_command
from django.test import override_settings

from config.settings import STORAGES
from config.static import KEPT_SECONDS, collect_if_changed, smaller

HASHED = re.compile(r"\.[0-9a-f]{12}\.(?:js|css)$")
IMPORTED = re.compile(r"""(?:from|import)\s*\(?["'](\./[^"']+)["']""")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collected")
    with override_settings(STATIC_ROOT=folder, STORAGES=STORAGES):
        call_command("collectstatic", verbosity=0, interactive=False)
    return folder


def hashed(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if HASHED.search(path.name)]


def test_a_script_is_served_under_its_hash_and_asks_for_others_under_theirs(
    collected: Path,
) -> None:
    scripts = [path for path in hashed(collected / "annotation") if path.suffix == ".js"]
    assert len(scripts) > 20
    for script in scripts:
        asked = IMPORTED.findall(script.read_text())
        assert all((script.parent / name).is_file() for name in asked), script
        assert all(HASHED.search(name) for name in asked), script


def test_what_is_served_of_ours_is_smaller_and_never_empty(collected: Path) -> None:
    for name in ("annotation/js/labelling.js", "css/controls.css", "js/veil.js"):
        path = collected / name
        (served,) = path.parent.glob(f"{path.stem}.????????????{path.suffix}")
        source = find(name)
        assert source is not None
        assert 0 < served.stat().st_size < 0.9 * Path(source).stat().st_size


def test_what_others_ship_is_left_as_it_is(collected: Path) -> None:
    source = find("admin/js/core.js")
    assert source is not None
    assert (collected / "admin/js/core.js").read_bytes() == Path(source).read_bytes()


@pytest.mark.parametrize(
    ("name", "written", "served"),
    [
        ("js/a.js", b"// why\nconst  a = `x  // ${1}`;\n", b"const a=`x  // ${1}`;"),
        ("js/a.js", b'const url = "//x"; /* why */\n', b'const url="//x";'),
        ("css/a.css", b"/* why */\na > b { margin: 0 1px; }\n", b"a>b{margin:0 1px}"),
        ("css/a.css", b"a { width: calc(1px + 2px); }", b"a{width:calc(1px + 2px)}"),
        ("css/a.css", b"a { b :is(i, u) { margin : 0; } }", b"a{b *:is(i,u){margin:0}}"),
        ("img/a.svg", b"<svg>  </svg>", b"<svg>  </svg>"),
        ("unfold/js/a.js", b"// theirs\n", b"// theirs\n"),
    ],
)
def test_only_comments_and_idle_space_go(name: str, written: bytes, served: bytes) -> None:
    assert smaller(name, written) == served


# --- A release after the other

FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Path]:
    """Where the files of a release lie that has one script and another that it asks for."""
    folder = tmp_path / "source"
    (folder / "js").mkdir(parents=True)
    released(folder, "one")
    with override_settings(
        STATIC_ROOT=tmp_path / "served",
        STORAGES=STORAGES,
        STATICFILES_DIRS=[folder],
        STATICFILES_FINDERS=FINDERS,
    ):
        yield folder


def released(folder: Path, word: str) -> None:
    """A release, of which every file is as old as of the ones before."""
    page = f'export const later = () => import("./later.js"); // {word}\n'
    for name, text in (("page.js", page), ("later.js", f'export const word = "{word}";\n')):
        path = folder / "js" / name
        path.write_text(text * 9)
        os.utime(path, (1e9, 1e9 + len(word)))


def served(folder: Path) -> set[str]:
    """The scripts that are there, each by its hash."""
    return {path.name for path in hashed(folder.parent / "served")}


def grown(folder: Path, seconds: float) -> None:
    """So much time goes by for what is served."""
    for path in (folder.parent / "served").rglob("*"):
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


def test_a_page_of_the_release_before_still_finds_its_scripts(source: Path) -> None:
    assert collect_if_changed()
    first = served(source)
    assert not collect_if_changed()
    grown(source, 30 * KEPT_SECONDS)
    released(source, "three")
    assert collect_if_changed()
    assert first < served(source)
    assert "three" in (source.parent / "served/js/later.js").read_text()


def test_what_no_release_has_had_for_two_days_goes(source: Path) -> None:
    collect_if_changed()
    first = served(source)
    for number, word in enumerate(("three", "fourth"), start=1):
        released(source, word)
        collect_if_changed()
        assert first <= served(source), number
        grown(source, KEPT_SECONDS * 0.6)
    second = served(source)
    released(source, "the sixth")
    collect_if_changed()
    assert not first & served(source)
    assert served(source) & second
    left = [path for path in (source.parent / "served").rglob("*") if path.is_file()]
    assert not [path for path in left if any(name in path.name for name in first)]
