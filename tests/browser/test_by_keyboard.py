"""The labelling page by keyboard: every answer, and every way from it, is a key."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Annotation, Skip, Slot
from annotation.vocabulary import Standing
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    answers,
    arrived,
    opened,
    press,
    submitted,
    texts,
    token,
)
from tests.cast import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_safe_pair_takes_three_keys(ana: Page) -> None:
    submitted(ana, "s", "s")
    arrived(ana)
    assert set(answers()[0]["safe"].values()) == {True}
    assert Annotation.objects.get().seconds is not None
    expect(ana.locator("[data-today]")).to_have_text("1 today")


def test_an_unsafe_answer_is_named_and_weighed_by_keyboard(ana: Page) -> None:
    submitted(ana, "2", "u", "w", "Shift+C", "g", "g", "v", "1", "s")
    arrived(ana)
    found = Annotation.objects.get()
    right = str(found.item.first_id if found.flipped else found.item.second_id)
    assert found.answers["safe"][right] is False
    assert found.answers["categories"][right] == ["Cybercrime", "Violence"]
    assert found.answers["severity"][right] == 3


def test_what_is_missing_is_named_and_goes_into_focus(ana: Page) -> None:
    before = token(ana)
    press(ana, "u", "Control+Enter")
    bar = ana.locator("[data-rules]")
    expect(bar).to_contain_text("A: Kinds of harm")
    expect(bar).to_contain_text("B: Safe?")
    assert ana.evaluate("document.activeElement.name") == "a-categories"
    assert token(ana) == before
    assert not Annotation.objects.exists()


def test_keys_are_letters_while_one_types(ana: Page) -> None:
    press(ana, "k")
    note = ana.get_by_label("A note")
    note.focus()
    ana.keyboard.type("usku")
    press(ana, "Control+Enter")
    expect(note).to_have_value("usku")
    assert not ana.locator("#answers input:checked").count()


def test_a_choice_goes_to_its_strong_form_when_the_key_is_pressed_twice(enter: SignIn) -> None:
    texts(1)
    Slot.objects.exclude(step="helpful").delete()
    page = opened(enter("ana"))
    press(page, "ArrowRight", "ArrowRight")
    expect(page.get_by_role("radio", name="B much")).to_be_checked()
    press(page, "ArrowLeft")
    expect(page.locator("input[value='a:1']")).to_be_checked()
    press(page, "x")
    expect(page.get_by_role("radio", name="Cannot judge x")).to_be_checked()


@pytest.mark.parametrize(("key", "picked"), [("ArrowLeft", "a:1"), ("ArrowRight", "b:1")])
def test_arrows_pick_what_their_caps_name_where_something_missing_was_pointed_out(
    key: str, picked: str, enter: SignIn
) -> None:
    texts(1)
    Slot.objects.exclude(step="helpful").delete()
    page = opened(enter("ana"))
    press(page, "Control+Enter")
    assert page.evaluate("document.activeElement.type") == "radio"
    press(page, key)
    expect(page.locator("#answers input:checked")).to_have_value(picked)


def test_that_neither_can_be_accepted_is_a_key(enter: SignIn) -> None:
    texts(1)
    Slot.objects.exclude(step="safer").delete()
    page = opened(enter("ana"))
    press(page, "!")
    expect(page.locator("#answers input:checked")).to_have_value("both_unacceptable")


def rates(page: Page, side: str) -> dict[str, str]:
    """What was picked at a side, by question."""
    found: dict[str, str] = page.evaluate(
        "side => Object.fromEntries([...document.querySelectorAll("
        "`[data-pane=${side}] input:checked`)].map(({ name, value }) => [name.slice(2), value]))",
        side,
    )
    return found


def test_any_number_of_scales_is_answered_by_going_from_question_to_question(
    enter: SignIn,
) -> None:
    dataset = build.dataset("align_anything_t2t", slug="texts")
    cast(dataset)
    build.items(1, dataset)
    build.campaign(dataset)
    page = opened(enter("ana"))
    # Between two rates lies a reason, in which nobody writes who only passes by.
    press(page, ";", "3", ";", ";", "1", ";", ";", "2", "+", "9")
    assert rates(page, "a") == {
        "prompt_following_rate": "3",
        "objective_rules_rate": "1",
        "clarity_rate": "3",
    }
    press(page, "Shift+M")
    expect(page.locator(".hint-text:popover-open")).to_contain_text("easy to take in")
    press(page, "F2")
    page.keyboard.type("12 short sentences;")
    press(page, "Escape", ";", "0", ":", ":", "2")
    words = page.get_by_label("Why: clear").first
    expect(words).to_have_value("12 short sentences;")
    assert rates(page, "a")["clarity_rate"] == "2"
    assert rates(page, "a")["information_richness_rate"] == "0"
    # Out of the scale, digits are sides again.
    press(page, "Escape", "2", ";", "1")
    assert rates(page, "b") == {"prompt_following_rate": "1"}
    press(page, *(";" * 10), "ArrowRight", ";", "=")
    expect(page.locator(".verdict-bar input:checked")).to_have_count(2)
    assert page.locator("input[name=prompt_following]:checked").input_value() == "b"
    assert page.locator("input[name=objective_rules]:checked").input_value() == "tie"


def test_a_skip_takes_a_reason_and_the_next_item_comes(ana: Page) -> None:
    before = token(ana)
    press(ana, "k")
    ana.get_by_label("It upsets me").check()
    ana.locator("#skip-dialog").get_by_role("button", name="Skip").click()
    arrived(ana)
    assert token(ana) != before
    assert Skip.objects.get().reason == "upsetting"


def test_back_changes_what_was_just_submitted(ana: Page) -> None:
    submitted(ana, "s", "s")
    press(ana, "z")
    ana.wait_for_url("**/revise/*/")
    ana.wait_for_selector("[data-ready]")
    expect(ana.locator("#answers input:checked")).to_have_count(2)
    press(ana, "1", "u", "g", "m")
    with ana.expect_navigation(url="**/label/texts/"):
        press(ana, "Control+Enter")
    standings = list(Annotation.objects.order_by("pk").values_list("standing", flat=True))
    assert standings == [Standing.REVISED, Standing.COUNTED]
    assert False in answers()[1]["safe"].values()
