"""HH-RLHF: where two dialogues part, the responses begin."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from datasets_app.readers.base import IncomingVote
from tests.datasets_app.media.corpus import shared
from tests.datasets_app.readers.reading import Read, read

BEGIN = "\n\nHuman: Hello\n\nAssistant: Hi.\n\nHuman: A story, please"


def read_pair(folder: Path, chosen: object, rejected: object) -> Read:
    path = folder / "test.jsonl"
    path.write_text(json.dumps({"chosen": chosen, "rejected": rejected}))
    return read("hh_rlhf", path)


def test_it_reads_the_published_dialogues() -> None:
    found = read("hh_rlhf", shared("hh_rlhf/harmless-base-test.jsonl.gz"))
    assert len(found.items) == 2308
    # Four dialogues end before the assistant has said anything.
    assert [row.line for row in found.bad] == [87, 517, 926, 1104]
    assert {row.reason for row in found.bad} == {"chosen ends with an empty turn of the assistant"}


def test_what_both_share_becomes_the_turns(tmp_path: Path) -> None:
    (item,) = read_pair(
        tmp_path, f"{BEGIN}\n\nAssistant: Once.", f"{BEGIN}\n\nAssistant: No."
    ).items
    assert [(turn.speaker, turn.text) for turn in item.turns] == [
        ("user", "Hello"),
        ("assistant", "Hi."),
        ("user", "A story, please"),
    ]
    assert [response.text for response in item.responses] == ["Once.", "No."]
    assert item.votes == (IncomingVote("", {"better": "0"}),)


def test_responses_that_begin_alike_are_not_cut(tmp_path: Path) -> None:
    (item,) = read_pair(
        tmp_path, f"{BEGIN}\n\nAssistant: Once upon", f"{BEGIN}\n\nAssistant: Once more"
    ).items
    assert [response.text for response in item.responses] == ["Once upon", "Once more"]


def test_dialogues_that_part_early_keep_all_that_follows(tmp_path: Path) -> None:
    (item,) = read_pair(
        tmp_path,
        "\n\nHuman: Hello\n\nAssistant: Hi.\n\nHuman: Bye\n\nAssistant: Bye.",
        "\n\nHuman: Hello\n\nAssistant: What?\n\nHuman: Bye\n\nAssistant: Go.",
    ).items
    assert [turn.text for turn in item.turns] == ["Hello"]
    assert item.responses[0].text == "Hi.\n\nHuman: Bye\n\nAssistant: Bye."


def test_dialogues_of_different_length_part_before_the_shorter_ends(tmp_path: Path) -> None:
    (item,) = read_pair(
        tmp_path,
        f"{BEGIN}\n\nAssistant: Once.",
        f"{BEGIN}\n\nAssistant: Once.\n\nHuman: More\n\nAssistant: Twice.",
    ).items
    assert len(item.turns) == 3
    assert item.responses[1].text == "Once.\n\nHuman: More\n\nAssistant: Twice."


@pytest.mark.parametrize(
    ("chosen", "rejected", "reason"),
    [
        ("Hello", f"{BEGIN}\n\nAssistant: x", "chosen is no dialogue"),
        (f"{BEGIN}\n\nAssistant: x", "\n\nHuman: Hello", "rejected is no dialogue"),
        (
            "\n\nHuman: A\n\nAssistant: x",
            "\n\nHuman: B\n\nAssistant: y",
            "have no turn in common",
        ),
        (f"{BEGIN}\n\nAssistant:", f"{BEGIN}\n\nAssistant: x", "chosen ends with an empty turn"),
        (None, f"{BEGIN}\n\nAssistant: x", "chosen is null, not a text"),
        ("", f"{BEGIN}\n\nAssistant: x", "chosen is empty"),
    ],
)
def test_it_refuses_what_cannot_be_compared(
    tmp_path: Path, chosen: object, rejected: object, reason: str
) -> None:
    assert reason in read_pair(tmp_path, chosen, rejected).reasons[0]
