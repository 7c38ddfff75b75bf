"""Films on the labelling page: both play and step as one, to their end."""

from __future__ import annotations

import pytest

from datasets_app.media_views import PLAYER_PART
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    RATE,
    long_film,
    opened,
    press,
    store,
    videos,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_both_films_play_and_step_as_one(enter: SignIn) -> None:
    videos()
    page = opened(enter("ana"), "videos")
    page.wait_for_function(
        "() => [...document.querySelectorAll('video')].every((v) => v.readyState >= 2)"
    )
    press(page, ".", ".", ".")
    times = "[...document.querySelectorAll('video')].map((v) => v.currentTime)"
    assert [int(seconds * RATE) for seconds in page.evaluate(times)] == [3, 3]
    press(page, ",")
    assert [int(seconds * RATE) for seconds in page.evaluate(times)] == [2, 2]
    assert page.evaluate("[...document.querySelectorAll('video')].every((v) => v.muted)")
    press(page, " ")
    page.wait_for_function(f"() => {times}.every((seconds) => seconds > 0.5)")
    first, second = page.evaluate(times)
    assert abs(first - second) < 0.2
    press(page, " ")
    assert page.evaluate("[...document.querySelectorAll('video')].every((v) => v.paused)")
    page.get_by_label("Sound").select_option("b")
    assert page.evaluate("[...document.querySelectorAll('video')].map((v) => v.muted)") == [
        True,
        False,
    ]


def test_a_film_that_comes_in_parts_plays_to_its_end(enter: SignIn) -> None:
    response = videos().first
    assert response.media is not None
    film = long_film()
    assert len(film) > 2 * PLAYER_PART
    store(response.media, film)
    page = enter("ana")
    parts: list[str] = []
    page.on("response", lambda answer: parts.append(answer.headers.get("content-range", "")))
    opened(page, "videos")
    press(page, " ")
    page.wait_for_function("() => document.querySelector('video').currentTime > 1.9")
    assert sum(part.endswith(f"/{len(film)}") for part in parts) > 2
