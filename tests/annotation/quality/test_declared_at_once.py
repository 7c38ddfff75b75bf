"""Two curators, or a double click: what a campaign demands of its people is what one said."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from django.db import IntegrityError

from annotation.models import Ability, Campaign, ConductRule, Requirement
from annotation.quality import abilities, conduct, learning
from annotation.quality.conduct import Rule
from annotation.vocabulary import ConsequenceKind
from datasets_app.models import Event
from tests import build
from tests.actors import PATIENCE, Actor, wait_for_a_lock
from tests.cast import as_annotator, cast

pytestmark = pytest.mark.django_db(transaction=True)

WARN = [Rule("", 0.5, 10, ConsequenceKind.WARN)]
PAUSE = [Rule("", 0.6, 10, ConsequenceKind.PAUSE)]
TRAIN = [Rule("", 0.9, 10, ConsequenceKind.TRAIN)]


@pytest.fixture
def two() -> Iterator[tuple[Actor, Actor]]:
    first, second = Actor(), Actor()
    yield first, second
    first.leaves()
    second.leaves()


@pytest.fixture
def campaign() -> Campaign:
    return build.campaign(build.dataset())


def declared_beside(
    campaign: Campaign, said: list[Rule], then: list[Rule], two: tuple[Actor, Actor]
) -> Future[None]:
    """Somebody declares, somebody else before the first is through; what came of the second."""
    first, second = two
    first.begin()
    first.does(conduct.declare, campaign, said, by=None)
    late = second.starts(conduct.declare, campaign, then, by=None)
    wait_for_a_lock()
    first.commit()
    late.exception(PATIENCE)
    return late


def stand() -> list[str]:
    return sorted(ConductRule.objects.values_list("then", flat=True))


def test_who_clicks_twice_declares_once(campaign: Campaign, two: tuple[Actor, Actor]) -> None:
    declared_beside(campaign, WARN, WARN, two).result()
    assert stand() == ["warn"]
    assert Event.objects.filter(verb="declare_rules").count() == 1


def test_of_two_curators_the_last_ones_rules_hold_alone(
    campaign: Campaign, two: tuple[Actor, Actor]
) -> None:
    conduct.declare(campaign, TRAIN, by=None)
    declared_beside(campaign, WARN, PAUSE, two).result()
    assert stand() == ["pause"]


def test_without_the_campaigns_lock_the_second_click_breaks_and_both_sets_stand(
    campaign: Campaign, two: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conduct, "_lock", lambda _campaign: None)
    assert isinstance(declared_beside(campaign, WARN, WARN, two).exception(), IntegrityError)
    conduct.declare(campaign, TRAIN, by=None)
    declared_beside(campaign, WARN, PAUSE, two).result()
    assert stand() == ["pause", "warn"]


# --- What a step asks for


def asked_beside(campaign: Campaign, two: tuple[Actor, Actor]) -> set[str]:
    """Of a step that asks for one ability, two people ask for others; what it then asks for."""
    abilities.ask_for(campaign, "safety", ["old"])
    first, second = two
    first.begin()
    first.does(abilities.ask_for, campaign, "safety", ["german"])
    late = second.starts(abilities.ask_for, campaign, "safety", ["french"])
    wait_for_a_lock()
    first.commit()
    late.result(PATIENCE)
    return set(Requirement.objects.values_list("group", flat=True))


def test_of_two_who_ask_for_abilities_the_last_ones_are_asked_for(
    campaign: Campaign, two: tuple[Actor, Actor]
) -> None:
    assert asked_beside(campaign, two) == {"french"}


def test_without_that_lock_both_are(
    campaign: Campaign, two: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abilities, "_lock", lambda _campaign: None)
    assert asked_beside(campaign, two) == {"german", "french"}


def test_reading_is_demanded_of_the_guideline_that_is_just_being_written(
    campaign: Campaign, two: tuple[Actor, Actor]
) -> None:
    first, second = two
    first.begin()
    first.does(learning.rewrite, Campaign.objects.get(), "# New", by=None)
    late = second.starts(learning.demand, campaign, reading=True, qualified=[], by=None)
    wait_for_a_lock()
    first.commit()
    late.result(PATIENCE)
    assert set(Requirement.objects.values_list("group", flat=True)) == {"guideline:2"}


# --- What somebody reads meanwhile


def read_beside(campaign: Campaign, two: tuple[Actor, Actor]) -> bool:
    """Ana is through with the guideline when another one is just being written: does it count?"""
    ana = as_annotator(cast(campaign.dataset).ana)
    first, second = two
    first.begin()
    first.does(learning.rewrite, Campaign.objects.get(), "# New", by=None)
    reading = second.starts(learning.read_to_the_end, ana, campaign, version=1)
    wait_for_a_lock()
    first.commit()
    counts = reading.result(PATIENCE)
    assert not learning.has_read(ana, Campaign.objects.get())
    return counts


def test_a_guideline_that_is_just_being_rewritten_is_not_read(
    campaign: Campaign, two: tuple[Actor, Actor]
) -> None:
    assert not read_beside(campaign, two)
    assert not Ability.objects.exists()
    assert not Event.objects.filter(verb="read_guideline").exists()
