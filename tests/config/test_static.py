"""Static files as production serves them: small, whole, and each under the name of its content."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find
from django.core.management import call_command
from django.test import override_settings

from config.settings import STORAGES
from config.static import smaller

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
