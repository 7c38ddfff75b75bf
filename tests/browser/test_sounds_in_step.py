"""Two sounds under one transport: the other takes over at the very instant, at one speed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, press, sounds

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOUNDS = "[...document.querySelectorAll('[data-pane] audio')]"
TIMES = f"{SOUNDS}.map((sound) => sound.currentTime)"
PLAYING = f"{SOUNDS}.map((sound) => !sound.paused)"
RATES = f"{SOUNDS}.map((sound) => sound.playbackRate)"
# From which second to which each was heard. A sound that goes on from elsewhere begins a new range,
# so this tells where a switch came, however late the page is asked.
HEARD = f"""{SOUNDS}.map(({{ played }}) =>
    Array.from({{ length: played.length }}, (_, at) => [played.start(at), played.end(at)]))"""
LOADED = "document.querySelector(`[data-pane=${side}] audio`).readyState >= 2"
STEP = 0.1  # Seconds that a switch may be off.


def ready(enter: SignIn, folder: Path, seconds: float) -> Page:
    sounds(folder, seconds=seconds)
    page = opened(enter("ana"), "sounds")
    page.wait_for_function(f"() => {SOUNDS}.every((sound) => sound.readyState >= 2)")
    return page


def sought(page: Page, thousandths: int) -> None:
    """Take the slider there, and the focus out of it, so that keys are the page's again."""
    slider = page.get_by_role("slider", name="Time")
    slider.fill(str(thousandths))
    slider.evaluate("slider => slider.blur()")


def test_while_paused_the_other_sound_stands_where_the_first_stood(
    enter: SignIn, tmp_path: Path
) -> None:
    page = ready(enter, tmp_path, seconds=4)
    sought(page, 500)
    assert page.evaluate(TIMES)[0] == pytest.approx(2, abs=0.01)
    press(page, "/")
    expect(page.get_by_role("button", name="Hear B")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(TIMES)[1] == pytest.approx(2, abs=0.01)
    sought(page, 750)
    press(page, "/")
    expect(page.get_by_role("button", name="Hear A")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(TIMES)[0] == pytest.approx(3, abs=0.01)
    assert page.evaluate(PLAYING) == [False, False]


def test_after_some_playing_the_other_sound_stands_where_the_first_was_stopped(
    enter: SignIn, tmp_path: Path
) -> None:
    page = ready(enter, tmp_path, seconds=20)
    press(page, " ")
    page.wait_for_function(f"() => {TIMES}[0] > 0.5")
    press(page, " ", "/")
    first, second = page.evaluate(TIMES)
    assert second == pytest.approx(first, abs=0.01)
    press(page, " ")
    page.wait_for_function(f"() => {TIMES}[1] > {first} + 0.5")
    press(page, " ", "/")
    first, second = page.evaluate(TIMES)
    assert first == pytest.approx(second, abs=0.01)


def test_a_sound_that_is_uncovered_takes_over_where_the_other_stands(
    enter: SignIn, tmp_path: Path
) -> None:
    sounds(tmp_path, seconds=4, machine_severity=2)
    page = opened(enter("ana"), "sounds")
    for side, seconds in (("a", 0), ("b", 2)):
        page.locator(f"[data-pane={side}] [data-veil-keep]").click()
        page.wait_for_function(f"side => {LOADED}", arg=side)
        found = page.locator(f"[data-pane={side}] audio").evaluate("sound => sound.currentTime")
        assert found == pytest.approx(seconds, abs=0.01)
        sought(page, 500)
    expect(page.get_by_role("slider", name="Time")).to_have_attribute("aria-valuetext", "0:02.0")


def test_while_playing_the_other_sound_goes_on_from_the_instant_at_which_the_first_stopped(
    enter: SignIn, tmp_path: Path
) -> None:
    page = ready(enter, tmp_path, seconds=20)
    sought(page, 100)
    press(page, " ")
    page.wait_for_function(f"() => {TIMES}[0] > 2.3")
    press(page, "/")
    page.wait_for_function(f"() => {PLAYING}[1] && {TIMES}[1] > {TIMES}[0] + 0.5")
    press(page, "/")
    page.wait_for_function(f"() => {PLAYING}[0] && {TIMES}[0] > {TIMES}[1] + 0.2")
    press(page, " ")
    assert page.evaluate(PLAYING) == [False, False]
    first, second = page.evaluate(HEARD)
    [[before, switched], [returned, _end]] = first
    [[began, left]] = second
    assert before == pytest.approx(2, abs=STEP)
    assert began == pytest.approx(switched, abs=STEP)
    assert returned == pytest.approx(left, abs=STEP)


def test_both_sounds_play_at_the_speed_that_is_chosen(enter: SignIn, tmp_path: Path) -> None:
    page = ready(enter, tmp_path, seconds=4)
    page.get_by_label("Speed").select_option("1.5")
    assert page.evaluate(RATES) == [1.5, 1.5]


def test_a_sound_begins_anew_at_its_end_only_where_it_is_to_loop(
    enter: SignIn, tmp_path: Path
) -> None:
    page = ready(enter, tmp_path, seconds=4)
    sought(page, 900)
    assert page.evaluate(AT_THE_END) == [True, 4]
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_label("Loop").check()
    sought(page, 900)
    page.evaluate(AT_THE_END)
    page.wait_for_function(f"() => {PLAYING}[0] && {TIMES}[0] > 0.1 && {TIMES}[0] < 3")
    assert page.evaluate(PLAYING) == [True, False]


# Play A to its end; then, when the page has done all that it does there, how A stands.
AT_THE_END = f"""() => new Promise((resolve) => {{
    const sound = {SOUNDS}[0];
    const state = () => [sound.paused, Math.round(sound.currentTime)];
    sound.addEventListener("ended", () => setTimeout(() => resolve(state())), {{ once: true }});
    document.querySelector("[data-play]").click();
}})"""
