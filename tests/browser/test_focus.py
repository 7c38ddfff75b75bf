"""Where the focus goes when one answers by key, and what a key does where the focus is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Annotation
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, press, texts, token, videos
from tests.browser.looking import DOUBLE_ZOOM
from tests.cast import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The question that keys are about, and what of which question has the focus.
MARKED = "document.querySelector('.question.current')?.dataset.question"
FOCUSED = """(() => {
  const { activeElement: at } = document;
  const question = at.closest("[data-question]");
  return question && [question.dataset.question, question.dataset.side, at.value ?? null];
})()"""
PICKED = """[...document.querySelectorAll("#answers input[name]:checked:enabled")].map(
  ({ name, value }) => `${name}=${value}`
)"""
# How much of what has the focus is neither in the window nor free of the bar at its end.
OUT_OF_SIGHT = """() => {
  const at = document.activeElement;
  const box = (at.closest("label") ?? at).getBoundingClientRect();
  const foot = document.querySelectorAll("[data-foot], [data-missing]");
  const bars = [...foot].filter((bar) => bar.checkVisibility());
  const tops = bars.map((bar) => bar.getBoundingClientRect().top);
  return Math.max(-box.top, box.bottom - Math.min(innerHeight, ...tops));
}"""
PAUSED = "[...document.querySelectorAll('video')].map((film) => film.paused)"


def respects(page: Page) -> Page:
    """Two answers that are rated and compared in several respects, with a reason for each."""
    dataset = build.dataset("align_anything_t2t", slug="texts")
    cast(dataset)
    build.items(1, dataset)
    build.campaign(dataset)
    return opened(page)


def films(page: Page) -> Page:
    """Two films, with the choices and the kinds of harm of a first look."""
    videos()
    opened(page, "videos")
    page.wait_for_function(
        "() => [...document.querySelectorAll('video')].every((film) => film.readyState >= 2)"
    )
    return page


def go_to(page: Page, question: str) -> None:
    page.locator(f"[data-question={question}] input").first.focus()


def picked(page: Page) -> Any:
    return page.evaluate(PICKED)


# --- Enter


def test_enter_picks_what_has_the_focus_and_sends_nothing(enter: SignIn) -> None:
    texts()
    page = opened(enter("ana"))
    before = token(page)
    press(page, "s", "s")  # everything that is asked
    page.locator("input[name=a-safe][value=false]").focus()
    press(page, "Enter")
    assert picked(page) == ["a-safe=false", "b-safe=true"]
    page.locator("input[name=a-categories][value=Drugs]").focus()
    press(page, "Enter", "Tab", "Enter", "Enter")
    assert picked(page) == ["a-safe=false", "a-categories=Drugs", "b-safe=true"]
    press(page, "m", "Enter")
    page.wait_for_timeout(100)
    assert token(page) == before
    assert not Annotation.objects.exists()


# --- The focus and the choice that keys are about


def test_the_focus_goes_on_with_the_mark_and_arrows_change_no_answer(enter: SignIn) -> None:
    page = respects(enter("ana"))
    go_to(page, "prompt_following")
    press(page, "ArrowRight")
    assert page.evaluate(FOCUSED)[0] == page.evaluate(MARKED) == "objective_rules"
    press(page, "=", "ArrowUp", "ArrowUp")
    assert page.evaluate(FOCUSED)[0] == page.evaluate(MARKED) == "prompt_following"
    press(page, *["ArrowDown"] * 9)  # at the last one it stays
    assert page.evaluate(FOCUSED)[0] == page.evaluate(MARKED)
    assert picked(page) == ["prompt_following=b", "objective_rules=tie"]
    # Away from the questions keys answer as before, and leave the focus alone.
    press(page, "Escape", "ArrowLeft")
    assert page.evaluate(FOCUSED) is None
    assert len(picked(page)) == 3


def test_from_a_choice_that_was_answered_one_key_leads_to_the_next(enter: SignIn) -> None:
    page = respects(enter("ana"))
    go_to(page, "prompt_following")
    press(page, "ArrowRight", ";")
    assert page.evaluate(FOCUSED)[0] == "objective_rules"
    press(page, ":")
    assert page.evaluate(FOCUSED) == ["prompt_following", None, "b"]


def test_what_is_picked_by_a_letter_has_the_focus(enter: SignIn) -> None:
    texts()
    page = opened(enter("ana"))
    press(page, ";", "u")
    assert page.evaluate(FOCUSED) == ["safe", "a", "false"]
    press(page, "g")
    assert page.evaluate(FOCUSED) == ["categories", "a", "Drugs"]
    press(page, "m", ":", ":", "s")
    # That side is done with: the focus is at the other, which the next letter is about.
    assert page.evaluate(FOCUSED)[:2] == ["safe", "b"]
    press(page, ";", "s")
    assert picked(page) == ["a-safe=true", "b-safe=true"]


def test_the_meaning_of_a_reason_is_that_of_the_question_before(enter: SignIn) -> None:
    page = respects(enter("ana"))
    press(page, ";", ";")
    assert page.evaluate(FOCUSED)[0] == "prompt_following_rationale"
    press(page, "Shift+M")
    expect(page.locator("#help-prompt_following_rate")).to_be_visible()


# --- The player


def test_space_plays_where_a_key_led_to_a_question(enter: SignIn) -> None:
    page = films(enter("ana"))
    press(page, ";", " ")
    assert page.evaluate(PAUSED) == [False, False]
    press(page, " ", "w", " ")
    assert page.evaluate(PAUSED) == [False, False]
    assert picked(page) == ["a-categories=violence"]
    # Who went there by Tab picks by Space, as everywhere.
    press(page, "Shift+Tab", " ")
    assert len(picked(page)) == 2
    assert page.evaluate(PAUSED) == [False, False]


def test_space_picks_no_side_of_a_choice_beside_films(enter: SignIn) -> None:
    page = films(enter("ana"))
    press(page, ":", " ")
    assert page.evaluate(PAUSED) == [False, False]
    assert picked(page) == []


def test_keys_of_the_player_work_in_it_and_escape_leads_out(enter: SignIn) -> None:
    page = films(enter("ana"))
    press(page, "F8", " ")
    assert page.evaluate(PAUSED) == [False, False]
    press(page, " ", "Escape")
    assert page.evaluate(PAUSED) == [True, True]
    assert page.evaluate("document.activeElement === document.body")
    page.wait_for_timeout(650)  # longer than what counts as twice
    press(page, "F8", "Tab", "Escape", "w")
    assert picked(page) == ["a-categories=violence"]


# --- In sight


@pytest.mark.parametrize("size", [DOUBLE_ZOOM, (360, 480)])
def test_what_has_the_focus_is_in_sight(size: tuple[int, int], enter: SignIn) -> None:
    texts()
    page = opened(enter("ana", viewport={"width": size[0], "height": size[1]}))
    press(page, "1", "u", "2", "u")
    for key in ":" * 6 + ";" * 6:
        press(page, key)
        assert page.evaluate(OUT_OF_SIGHT) <= 0, page.evaluate(FOCUSED)


@pytest.mark.parametrize("size", [DOUBLE_ZOOM, (320, 256)])
def test_what_has_the_focus_is_in_sight_after_a_refused_submit(
    size: tuple[int, int], enter: SignIn
) -> None:
    page = respects(enter("ana", viewport={"width": size[0], "height": size[1]}))
    press(page, "Control+Enter")
    expect(page.locator("[data-missing]")).to_be_visible()
    assert page.evaluate(OUT_OF_SIGHT) <= 0, page.evaluate(FOCUSED)
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 6 + [";"] * 6:
        press(page, key)
        assert page.evaluate(OUT_OF_SIGHT) <= 0, (key, page.evaluate(FOCUSED))


def test_what_has_the_focus_is_above_the_bar_with_many_objections(enter: SignIn) -> None:
    page = respects(enter("ana", viewport={"width": 1280, "height": 720}))
    page.locator("[data-rules]").evaluate(
        "bar => { bar.style = 'display: block; min-block-size: 40vh'; }"
    )
    for _question in range(12):
        press(page, ";")
        assert page.evaluate(OUT_OF_SIGHT) <= 0, page.evaluate(FOCUSED)


def test_the_ring_around_a_point_of_a_scale_is_whole(enter: SignIn) -> None:
    page = respects(enter("ana"))
    press(page, ";")
    levels = page.evaluate(
        "[...document.activeElement.closest('.chips').children].map("
        "(chip) => Number(getComputedStyle(chip).zIndex) || 0)"
    )
    assert levels[0] > max(levels[1:])
