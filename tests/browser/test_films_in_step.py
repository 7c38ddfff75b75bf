"""Two films under one transport: one speed, one place, one end, and one of them is heard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, videos

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FILMS = "[...document.querySelectorAll('[data-pane] video')]"
TIMES = f"{FILMS}.map((film) => film.currentTime)"
RATES = f"{FILMS}.map((film) => film.playbackRate)"
MUTED = f"{FILMS}.map((film) => film.muted)"
PLAYING = f"{FILMS}.every((film) => !film.paused && !film.ended)"
# Play both to their end; then, when the page has done all that it does there, what stands where.
AT_THE_END = f"""() => new Promise((resolve) => {{
    const states = () => {FILMS}.map((film) => [film.paused, Math.round(film.currentTime)]);
    const ends = {FILMS}.map((film) => new Promise((ended) => {{
        film.addEventListener("ended", () => setTimeout(ended), {{ once: true }});
    }}));
    Promise.all(ends).then(() => resolve(states()));
    document.querySelector("[data-play]").click();
}})"""


def ready(enter: SignIn) -> Page:
    """Two films of two seconds, open to Ana and loaded."""
    videos()
    page = opened(enter("ana"), "videos")
    page.wait_for_function(f"() => {FILMS}.every((film) => film.readyState >= 2)")
    return page


def test_both_films_play_at_the_speed_that_is_chosen(enter: SignIn) -> None:
    page = ready(enter)
    page.get_by_label("Speed").select_option("2")
    assert page.evaluate(RATES) == [2, 2]
    page.get_by_label("Speed").select_option("0.25")
    assert page.evaluate(RATES) == [0.25, 0.25]


def test_a_film_that_is_uncovered_later_plays_at_the_speed_chosen_before(enter: SignIn) -> None:
    videos(machine_severity=2)
    page = opened(enter("ana"), "videos")
    page.locator("[data-pane=a] [data-veil-keep]").click()
    page.wait_for_function(f"() => {FILMS}[0].readyState >= 2")
    page.get_by_label("Speed").select_option("2")
    page.locator("[data-pane=b] [data-veil-keep]").click()
    page.wait_for_function(f"() => {FILMS}[1].readyState >= 2")
    assert page.evaluate(RATES) == [2, 2]


def test_a_film_that_is_uncovered_later_stands_where_the_other_stands(enter: SignIn) -> None:
    videos(machine_severity=2)
    page = opened(enter("ana"), "videos")
    page.locator("[data-pane=a] [data-veil-keep]").click()
    page.wait_for_function(f"() => {FILMS}[0].readyState >= 2")
    page.get_by_role("slider", name="Time").fill("500")
    page.locator("[data-pane=b] [data-veil-keep]").click()
    page.wait_for_function(f"() => {FILMS}[1].readyState >= 2")
    assert page.evaluate(TIMES) == pytest.approx([1, 1], abs=0.01)


def test_a_film_that_falls_behind_is_set_right_while_both_play(enter: SignIn) -> None:
    page = ready(enter)
    page.get_by_label("Loop").uncheck()  # a common beginning would set it right as well
    page.get_by_label("Speed").select_option("0.25")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => {PLAYING} && {TIMES}[0] > 0")
    page.evaluate(f"() => {{ {FILMS}[1].currentTime = {FILMS}[0].currentTime + 0.5; }}")
    page.wait_for_function(f"() => {PLAYING} && Math.abs({TIMES}[0] - {TIMES}[1]) < 0.12")


def test_the_slider_takes_both_films_to_one_place(enter: SignIn) -> None:
    page = ready(enter)
    page.get_by_role("slider", name="Time").fill("500")
    assert page.evaluate(TIMES) == pytest.approx([1, 1], abs=0.01)
    page.get_by_role("slider", name="Time").fill("250")
    assert page.evaluate(TIMES) == pytest.approx([0.5, 0.5], abs=0.01)


def test_at_their_end_both_films_play_from_the_beginning_where_they_loop(enter: SignIn) -> None:
    page = ready(enter)
    expect(page.get_by_label("Loop")).to_be_checked()
    page.get_by_role("slider", name="Time").fill("800")
    page.evaluate(AT_THE_END)
    page.wait_for_function(f"() => {PLAYING} && {TIMES}.every((time) => time > 0.1 && time < 1.5)")


def test_at_their_end_both_films_stand_still_where_they_do_not_loop(enter: SignIn) -> None:
    page = ready(enter)
    page.get_by_label("Loop").uncheck()
    page.get_by_role("slider", name="Time").fill("800")
    assert page.evaluate(AT_THE_END) == [[True, 2], [True, 2]]
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"() => {PLAYING} && {TIMES}.every((time) => time > 0.1 && time < 1.5)")


def test_the_film_that_is_chosen_is_heard_and_no_other(enter: SignIn) -> None:
    page = ready(enter)
    sound = page.get_by_label("Sound")
    for chosen, muted in (("a", [False, True]), ("b", [True, False]), ("", [True, True])):
        sound.select_option(chosen)
        assert page.evaluate(MUTED) == muted
