"""Settings that two people change, each on a page of his own."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.meanwhile import ChangedMeanwhile, merged

SEEN: dict[str, Any] = {"overlap": 3, "certainty": 0.9, "skips": None}


@pytest.mark.parametrize(
    ("now", "said", "after"),
    [
        ({}, {"certainty": 0.8}, {"certainty": 0.8}),
        ({"overlap": 5}, {"certainty": 0.8}, {"overlap": 5, "certainty": 0.8}),
        ({"overlap": 5}, {}, {"overlap": 5}),
        ({"overlap": 5}, {"overlap": 5}, {"overlap": 5}),
        ({"skips": 2}, {"overlap": 4}, {"skips": 2, "overlap": 4}),
    ],
    ids=["alone", "another", "nothing", "the same", "one that was empty"],
)
def test_what_was_said_as_it_was_seen_stays_as_it_is(
    now: dict[str, Any], said: dict[str, Any], after: dict[str, Any]
) -> None:
    assert merged(SEEN | now, SEEN | said, SEEN) == SEEN | after


def test_what_both_changed_is_refused_by_name() -> None:
    with pytest.raises(ChangedMeanwhile) as refused:
        merged(SEEN | {"overlap": 5, "skips": 2}, SEEN | {"overlap": 4, "certainty": 0.8}, SEEN)
    assert refused.value.names == ["overlap"]


def test_what_was_not_seen_is_said_whatever_it_was() -> None:
    assert merged(SEEN | {"overlap": 5}, SEEN, {}) == SEEN
