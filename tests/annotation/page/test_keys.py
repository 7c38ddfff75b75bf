"""Every answer of a page has a key, and the list of keys names those that do something there."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from annotation.judgement import SIDES
from annotation.page.keys import KEYS, useful
from annotation.page.questions import Field, fields_of
from datasets_app.protocols import PROTOCOLS, VERSIONS
from datasets_app.protocols.base import Protocol
from datasets_app.vocabulary import QuestionKind


def acts(protocol: str) -> set[str]:
    return {key.act for key in useful(KEYS, PROTOCOLS[protocol])}


@pytest.mark.parametrize(
    ("protocol", "named", "unnamed"),
    [
        (
            "pku_saferlhf",
            {"safe", "severity-3", "prefer-a", "compare", "both-unacceptable", "side-b"},
            {"play", "larger", "player", "question-after", "point"},
        ),
        (
            "beavertails_v",
            {"larger", "compare", "severity-1", "second-scale-up"},
            {"other-sound", "span-begin"},
        ),
        (
            "safesora",
            {"play", "frame-on", "player", "prefer-b", "both-unacceptable", "question-after"},
            {"other-sound", "compare", "apart", "severity-0"},
        ),
        (
            "align_anything_t2a",
            {"other-sound", "play", "first-scale-up", "point", "write"},
            {"larger", "marks", "apart", "both-unacceptable"},
        ),
        ("align_anything_ta2t", {"play", "frame-on", "player", "compare"}, {"other-sound"}),
        ("correction", {"write", "unchanged", "walk-on"}, {"marks", "play", "side-a", "tie"}),
        ("tree", {"prefer-a", "tie", "walk-on"}, {"side-a", "question-after"}),
        ("video_faults", {"marks", "span-end", "first-scale-up"}, {"second-scale-up"}),
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


def test_the_keys_of_a_flag_are_named_as_it_is_worded() -> None:
    def named(protocol: str) -> dict[str, str]:
        return {key.act: str(key.does) for key in useful(KEYS, PROTOCOLS[protocol])}

    lies = named("mm_deception")
    assert (lies["safe"], lies["unsafe"]) == ("Not deceptive", "Deceptive")
    with override("zh-hans"):
        lies = named("mm_deception")
        assert (lies["safe"], lies["unsafe"]) == ("没有欺骗性", "有欺骗性")
    harm = named("pku_saferlhf")
    assert (harm["safe"], harm["unsafe"]) == ("safe", "unsafe")


# What a kind of question is answered with that has no key for each answer.
ANSWERED_BY = {
    QuestionKind.SCALE: "point",
    QuestionKind.TEXT: "write",
    QuestionKind.MARKS: "marks",
    QuestionKind.SPANS: "span-begin",
}


@pytest.mark.parametrize("protocol", VERSIONS.values(), ids=VERSIONS)
def test_every_question_is_reached_and_every_answer_given_by_a_key(protocol: Protocol) -> None:
    listed = {key.act for key in useful(KEYS, protocol)}
    assert {"walk-on", "walk-back", "meaning"} <= listed
    for step in protocol.steps:
        for side in ("", *SIDES[: protocol.responses]):
            for field in fields_of(protocol, step, side):
                assert not without_key(field, listed), (step.key, field.key)


def without_key(field: Field, listed: set[str]) -> list[str]:
    """The answers that no key gives."""
    if field.kind in ANSWERED_BY:
        return [] if ANSWERED_BY[QuestionKind(field.kind)] in listed else [field.key]
    return [
        option.value
        for option in (*field.options, *field.extras)
        # The strong form of a choice is the same key once more.
        if not option.letter and option.act not in listed and not option.value.endswith(":2")
    ]
