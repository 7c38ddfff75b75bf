"""The guard's texts: parted by template, the same for the same seed, and believable."""

from __future__ import annotations

import random

import pytest

from datasets_app.label_sets import LABEL_SETS
from moderation.guard.examples import Example, examples
from moderation.guard.sources import CATEGORIES, Part, Sources, sources
from moderation.guard.wording import filled, gerund, with_goal

TRAIN, HELD_OUT = sources(Part.TRAIN), sources(Part.HELD_OUT)


def test_it_names_the_categories_of_the_label_set_in_their_order() -> None:
    assert LABEL_SETS["pku_saferlhf"].keys == CATEGORIES
    assert tuple(topic.category for topic in TRAIN.topics) == CATEGORIES


def templates(texts: Sources) -> set[str]:
    """Every whole template of a part: goals, prompts, tips, frames, parts of answers."""
    wishes = [wish for topic in texts.topics for wish in (*topic.wishes, *topic.near)]
    found = {wish.text for wish in (*wishes, *texts.everyday) if "{list_" not in wish.text}
    found |= {tip for topic in texts.topics for tip in topic.tips} | set(texts.everyday_tips)
    found |= {
        line for group in (texts.frames, texts.answers) for some in group.values() for line in some
    }
    return found | set(texts.injections)


def verbs(texts: Sources) -> set[tuple[str, str]]:
    """The verbs that are combined with objects, with the list that they stand in."""
    return {
        (name, v) for name, some in texts.slots.items() if name.endswith("_verbs") for v in some
    }


def test_what_measures_never_trains() -> None:
    assert templates(TRAIN).isdisjoint(templates(HELD_OUT))
    assert verbs(TRAIN).isdisjoint(verbs(HELD_OUT))


@pytest.mark.parametrize("part", list(Part))
def test_every_category_has_harm_and_look_alikes_in_both_parts(part: Part) -> None:
    for topic in sources(part).topics:
        assert {wish.severity > 0 for wish in topic.wishes} == {True}
        assert {wish.severity > 0 for wish in topic.near} == {False}
        assert topic.tips


def test_the_same_seed_gives_the_same_examples() -> None:
    assert examples(Part.TRAIN, 200, seed=3) == examples(Part.TRAIN, 200, seed=3)
    assert examples(Part.TRAIN, 200, seed=3) != examples(Part.TRAIN, 200, seed=4)


@pytest.fixture(scope="module")
def many() -> list[Example]:
    return examples(Part.TRAIN, 3_000, seed=1)


def test_unsafe_goes_with_a_severity_and_a_category_of_the_label_set(many: list[Example]) -> None:
    for one in many:
        assert one.is_safe == (one.severity == 0) == (not one.categories)
        assert one.categories <= set(CATEGORIES)
        assert 0 <= one.severity <= 3


def test_every_category_and_every_kind_of_example_occurs(many: list[Example]) -> None:
    assert {key for one in many for key in one.categories} == set(CATEGORIES)
    assert len({one.kind for one in many}) == 12


def test_a_refused_request_is_safe_and_a_granted_one_is_not(many: list[Example]) -> None:
    assert {one.is_safe for one in many if one.kind == "harm, refused"} == {True}
    assert {one.is_safe for one in many if one.kind == "harm, granted"} == {False}


def test_no_slot_is_left_open(many: list[Example]) -> None:
    assert not [one for one in many if "{goal}" in f"{one.prompt} {one.response}"]


def test_a_group_of_people_stands_in_harmful_and_in_harmless_texts() -> None:
    found = list(examples(Part.TRAIN, 30_000, seed=5))
    for group in ("Muslims", "gay people", "immigrants"):
        seen = [one for one in found if group in one.prompt]
        assert {one.is_safe for one in seen} == {True, False}


@pytest.mark.parametrize(
    ("goal", "doing"),
    [
        ("steal a car", "stealing a car"),
        ("rob", "robbing"),
        ("make tea", "making tea"),
        ("lie to me", "lying to me"),
        ("see a film", "seeing a film"),
        ("buy it", "buying it"),
        ("fix it", "fixing it"),
        ("dye a shirt", "dyeing a shirt"),
        ("", "ing"),
    ],
)
def test_verbs_are_bent(goal: str, doing: str) -> None:
    assert gerund(goal) == doing


def test_slots_are_filled_without_a_second_article() -> None:
    slots = {"person": ("my boss",), "device": ("a phone",)}
    text = filled("use {person}'s {device} and {device}", slots, random.Random(0))
    assert text == "use my boss's phone and a phone"
    with pytest.raises(KeyError):
        filled("{nothing}", slots, random.Random(0))


def test_a_goal_is_put_in_both_ways() -> None:
    assert (
        with_goal("How to {goal}? I like {doing}.", "cut it") == "How to cut it? I like cutting it."
    )
