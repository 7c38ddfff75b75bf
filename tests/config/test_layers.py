"""The walls of the house stand: import-linter says so, and would say if they did not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from django.conf import settings

LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint_imports(config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--config", str(config), "--no-cache"],
        cwd=settings.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_is_kept() -> None:
    done = lint_imports(settings.PROJECT / "pyproject.toml")
    assert done.returncode == 0, done.stdout


def test_a_wall_in_the_wrong_place_would_be_noticed(tmp_path: Path) -> None:
    upside_down = tmp_path / "contracts.ini"
    upside_down.write_text(
        "[importlinter]\nroot_packages =\n    annotation\n    datasets_app\n"
        "[importlinter:contract:1]\nname = upside down\ntype = layers\n"
        "layers =\n    datasets_app\n    annotation\n"
    )
    done = lint_imports(upside_down)
    assert done.returncode == 1
    assert "annotation.access" in done.stdout
