"""Records: nothing is lost, and every column has one type."""

from __future__ import annotations

import json

import pytest

from datasets_app.formats.reading import Reading
from tests.datasets_app.formats.golden import record, row, table

KEY = "records"
PROTOCOLS = pytest.mark.parametrize(
    "protocol", ["pku_saferlhf", "beavertails_v", "safesora", "tree"]
)


@PROTOCOLS
def test_the_record_can_be_read_back(protocol: str) -> None:
    body, made = record(protocol), row(KEY, record(protocol))
    for name in ("meta", "prompt_meta"):
        made[name] = json.loads(made[name])
    for part in made["responses"]:
        part["meta"] = json.loads(part["meta"])
    for part in made["media"]:
        del part["path"]
    for verdict in made["verdicts"]:
        verdict["value"] = json.loads(verdict["value"])
        for vote in verdict["votes"]:
            vote["value"] = json.loads(vote["value"])
    assert made == body


@PROTOCOLS
def test_making_a_row_leaves_the_record_as_it_was(protocol: str) -> None:
    body = record(protocol)
    row(KEY, body)
    assert body == record(protocol)


@pytest.mark.parametrize("protocol", ["beavertails_v", "safesora"])
def test_every_file_comes_along_where_the_row_says(protocol: str) -> None:
    body = record(protocol)
    attached = table(KEY, body).attachments
    assert attached is not None
    files = {file.path: file.digest for file in attached(Reading(body))}
    assert files == {part["path"]: part["digest"] for part in row(KEY, body)["media"]}
