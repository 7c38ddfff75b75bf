"""Every format against its golden rows, and the documentation against the same rows.

After a deliberate change: WRITE_GOLDEN=1 pytest tests/datasets_app/formats/test_golden.py,
then read the difference before committing it.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from datasets_app.formats import FORMATS, fitting
from datasets_app.formats.base import Refusal
from datasets_app.formats.reading import Reading
from datasets_app.protocols import VERSIONS
from tests.datasets_app.formats import golden

PAGE = Path(__file__).parents[3] / "docs" / "formats.md"
REWRITES = bool(os.environ.get("WRITE_GOLDEN"))


def made(key: str) -> dict[str, Any]:
    """The literal rows of a format's golden record, by config."""
    body = golden.record(golden.SHOWN[key])
    found = {}
    for table in FORMATS[key].tables(golden.shape(body)):
        rows = table.rows(Reading(body))
        assert not isinstance(rows, Refusal)
        config = str(rows[0][table.config_column]) if table.config_column else table.config
        found[config] = [golden.literal(row) for row in rows]
    return found


@pytest.mark.parametrize("key", sorted(golden.SHOWN))
def test_a_format_makes_its_golden_rows(key: str) -> None:
    path = golden.FOLDER / f"{key}.json"
    if REWRITES:
        path.write_text(json.dumps(made(key), indent=2, ensure_ascii=False) + "\n")
    assert made(key) == json.loads(path.read_text())


@pytest.mark.parametrize("key", sorted(golden.SHOWN))
def test_rows_name_their_columns_in_the_order_of_the_features(key: str) -> None:
    body = golden.record(golden.SHOWN[key])
    for table in FORMATS[key].tables(golden.shape(body)):
        rows = table.rows(Reading(body))
        assert not isinstance(rows, Refusal)
        for row in rows:
            assert set(row) == set(table.features)
            assert key == "records" or list(row) == list(table.features)


@pytest.mark.parametrize("key", sorted(golden.SHOWN))
def test_the_page_shows_the_golden_row(key: str) -> None:
    configs = json.loads((golden.FOLDER / f"{key}.json").read_text())
    first = next(iter(configs.values()))[0]
    shown = json.dumps(first, indent=1, ensure_ascii=False)
    block = f"<!-- row: {key} -->\n```json\n{shown}\n```\n"
    text = PAGE.read_text()
    if REWRITES:
        pattern = rf"<!-- row: {key} -->\n```json\n.*?\n```\n"
        text = re.sub(pattern, lambda _: block, text, flags=re.DOTALL)
        PAGE.write_text(text)
    assert block in text


@pytest.mark.parametrize("key", sorted(FORMATS))
def test_the_page_tells_every_refusal(key: str) -> None:
    section = re.split(rf"^## .*`{key}`.*$", PAGE.read_text(), flags=re.MULTILINE)[1]
    section = section.split("\n## ")[0]
    for reason in FORMATS[key].refuses:
        assert f"`{reason}`" in section


@pytest.mark.parametrize("name", sorted(VERSIONS))
def test_every_protocol_has_formats_that_fit(name: str) -> None:
    keys = {format.key for format in fitting(name)}
    assert {"records", "votes"} < keys
    assert fitting(name.partition("@")[0]) == fitting(name)
