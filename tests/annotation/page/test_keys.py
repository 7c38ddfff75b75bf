"""The list of keys on a page names those that do something there."""

from __future__ import annotations

import pytest

from annotation.page.keys import KEYS, useful
from datasets_app.protocols import PROTOCOLS


def acts(protocol: str) -> set[str]:
    return {key.act for key in useful(KEYS, PROTOCOLS[protocol])}


@pytest.mark.parametrize(
    ("protocol", "named", "unnamed"),
    [
        ("pku_saferlhf", {"safe", "severity-3", "prefer-a", "compare"}, {"play", "larger"}),
        ("beavertails_v", {"larger", "compare", "severity-1"}, {"other-sound", "span-begin"}),
        ("safesora", {"play", "frame-on", "prefer-b"}, {"other-sound", "compare", "severity-0"}),
        ("align_anything_t2a", {"other-sound", "play", "first-scale-up"}, {"larger", "marks"}),
        ("correction", {"write", "unchanged"}, {"marks", "play"}),
    ],
)
def test_a_page_names_the_keys_of_what_it_shows_and_asks(
    protocol: str, named: set[str], unnamed: set[str]
) -> None:
    assert named <= acts(protocol)
    assert not unnamed & acts(protocol)


def test_submit_skip_and_the_panic_key_are_named_everywhere_and_every_key_somewhere() -> None:
    assert all({"submit", "skip", "report", "panic", "help"} <= acts(key) for key in PROTOCOLS)
    assert set().union(*(acts(key) for key in PROTOCOLS)) == {key.act for key in KEYS}
