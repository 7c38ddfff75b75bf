"""Two sounds side by side: drawn, heard one at a time, taken over at the same instant."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Annotation, Campaign, Slot, Viewing
from annotation.quality import gold, learning
from annotation.vocabulary import GoldPurpose
from datasets_app.models import Item
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState
from tests.annotation.checked import expected
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import arrived, opened, press, sounds, submitted
from tests.browser.looking import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRAWN = """() => [...document.querySelectorAll('[data-pane] canvas')].every((canvas) =>
    !canvas.hidden && canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
        .data.some((value) => value > 0))"""
PLAYING = "[...document.querySelectorAll('[data-pane] audio')].map((sound) => !sound.paused)"
TIMES = "[...document.querySelectorAll('[data-pane] audio')].map((sound) => sound.currentTime)"


def ready(page: Page) -> Page:
    page.wait_for_function(
        "() => [...document.querySelectorAll('audio')].every((sound) => sound.readyState >= 2)"
    )
    return page


def test_two_sounds_are_drawn_and_heard_one_at_a_time(enter: SignIn, tmp_path: Path) -> None:
    sounds(tmp_path)
    page = ready(opened(enter("ana"), "sounds"))
    page.wait_for_function(DRAWN)
    assert page.evaluate(PLAYING) == [False, False]
    press(page, " ")
    page.wait_for_function(f"() => {TIMES}[0] > 0.4")
    assert page.evaluate(PLAYING) == [True, False]
    before = page.evaluate(TIMES)[0]
    press(page, "/")
    page.wait_for_function(f"() => {PLAYING}[1]")
    assert page.evaluate(PLAYING) == [False, True]
    assert abs(page.evaluate(TIMES)[1] - before) < 0.5
    expect(page.get_by_role("button", name="Hear B")).to_have_attribute("aria-pressed", "true")
    press(page, " ", ".")
    assert page.evaluate(PLAYING) == [False, False]
    press(page, "F8")
    expect(page.get_by_role("slider", name="Time")).to_be_focused()


def test_a_sound_of_the_prompt_is_played_by_the_same_keys(enter: SignIn, tmp_path: Path) -> None:
    row = {
        "prompt": "What swells?",
        "audio_path": "low.wav",
        "response_1": "A tone.",
        "response_2": "A wave.",
    }
    sounds(tmp_path, reader="align_anything_ta2t", row=row)
    page = ready(opened(enter("ana"), "sounds"))
    sound = page.locator(".prompt-media audio")
    press(page, " ")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")
    press(page, " ", ".")
    assert sound.evaluate("sound => sound.paused")
    assert sound.evaluate("sound => sound.currentTime") > 1
    press(page, "F8")
    expect(sound).to_be_focused()


def test_a_click_in_the_drawing_seeks_and_is_heard(enter: SignIn, tmp_path: Path) -> None:
    sounds(tmp_path)
    page = ready(opened(enter("ana"), "sounds"))
    page.wait_for_function(DRAWN)
    drawing = page.locator('[data-pane="b"] canvas')
    box = drawing.bounding_box()
    assert box
    drawing.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    assert [round(at, 1) for at in page.evaluate(TIMES)] == [1.5, 1.5]
    expect(page.get_by_role("slider", name="Time")).to_have_attribute("aria-valuetext", "0:01.5")
    expect(page.get_by_role("button", name="Hear B")).to_have_attribute("aria-pressed", "true")


def test_a_covered_sound_is_not_requested_before_it_is_revealed(
    enter: SignIn, tmp_path: Path
) -> None:
    item = sounds(tmp_path, machine_severity=2, machine_categories=["violence"])
    page = enter("ana")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, "sounds")
    assert not [url for url in asked if "/media/" in url]
    page.locator('[data-pane="a"] [data-veil-keep]').click()
    page.wait_for_function("() => document.querySelector('[data-pane=a] audio').readyState >= 2")
    found = {url.split("/media/")[1].split("/")[0] for url in asked if "/media/" in url}
    assert len(found) == 1
    assert found < digests(item)


def digests(item: Item) -> set[str]:
    return {each.media_id for each in (item.first, item.second) if each and each.media_id}


def test_without_a_script_each_sound_has_controls(enter: SignIn, tmp_path: Path) -> None:
    sounds(tmp_path)
    page = enter("ana", java_script_enabled=False)
    page.goto("/label/sounds/")
    for sound in page.locator("[data-pane] audio").all():
        assert sound.get_attribute("controls") is not None
    expect(page.get_by_role("group", name="Both sounds")).to_be_hidden()


# --- Played enough

SHARES = "[...document.querySelectorAll('[data-played-of]')].map((share) => share.textContent)"


def rated(page: Page) -> None:
    """Answer all there is to answer, without playing anything."""
    for name in page.evaluate(
        "[...new Set([...document.querySelectorAll('[data-sheet] input[type=radio]')]"
        ".map((radio) => radio.name))]"
    ):
        page.locator(f'input[name="{name}"]').nth(2).check(force=True)


def test_answers_go_out_when_both_sounds_were_played(enter: SignIn, tmp_path: Path) -> None:
    sounds(tmp_path)
    page = ready(opened(enter("ana"), "sounds"))
    rated(page)
    press(page, "Control+Enter")
    expect(page.locator("[data-missing]")).to_contain_text("A 0 %, B 0 %")
    assert not Annotation.objects.exists()
    page.get_by_label("Speed").select_option("2")
    press(page, " ")
    page.wait_for_function(f"() => {SHARES}[0] === '100 %'")
    press(page, "/", ",", ",", ",", " ")
    page.wait_for_function(f"() => {SHARES}[1] === '100 %'")
    submitted(page)
    arrived(page)
    assert Annotation.objects.get().step == "respects"
    assert [row.played_ms for row in Viewing.objects.all()] == [3_000, 3_000]


def test_a_qualification_by_ear_asks_for_the_same_and_takes_it(
    enter: SignIn, tmp_path: Path
) -> None:
    item = sounds(tmp_path)
    campaign = Campaign.objects.get()
    Slot.objects.all().delete()
    Item.objects.filter(pk=item.pk).update(state=ItemState.SETTLED)
    step = protocol_named(campaign.protocol).steps[0]
    known = {q.key: {"0": 0, "1": 0} if q.key.endswith("_rate") else "tie" for q in step.questions}
    required = {q.key for q in step.questions if q.required}
    gold.make(
        campaign,
        item,
        step.key,
        expected=expected(item, {key: known[key] for key in required}),
        purpose=GoldPurpose.QUALIFICATION,
        explanation="Both swell.",
        by=None,
    )
    learning.demand(campaign, reading=False, qualified=[step.key], by=None)
    page = enter("ana")
    page.goto("/label/sounds/qualify/")
    page.get_by_role("button", name="Begin").click()
    page.wait_for_selector("[data-ready]")
    ready(page)
    assert faults(page) == []
    rated(page)
    press(page, "Control+Enter")
    expect(page.locator("[data-missing]")).to_contain_text("A 0 %, B 0 %")
    page.get_by_label("Speed").select_option("2")
    page.locator("body").click(position={"x": 2, "y": 2})
    press(page, " ")
    page.wait_for_function(f"() => {SHARES}[0] === '100 %'")
    press(page, "/", ",", ",", ",", " ")
    page.wait_for_function(f"() => {SHARES}[1] === '100 %'")
    press(page, "Control+Enter")
    page.wait_for_url("**/qualify/*/")
    expect(page.get_by_text("Both swell.")).to_be_visible()
    assert page.locator("audio").count() == 2
    assert faults(page) == []
    assert Annotation.objects.count() == 1


def test_the_server_refuses_what_a_page_only_claims(enter: SignIn, tmp_path: Path) -> None:
    """Negative control of the test above: the page's own check is gone, and the claim is forged."""
    sounds(tmp_path, seconds=30)
    page = ready(opened(enter("ana"), "sounds"))
    rated(page)
    page.evaluate(FORGED)
    press(page, "Control+Enter")
    page.get_by_role("button", name="Go to it").click()
    expect(page.locator("[data-missing]")).to_contain_text("than there was time for")
    assert not Annotation.objects.exists()


# A minute of sound is claimed within its first moments.
FORGED = """() => {
    document.querySelector("[data-playing]").removeAttribute("data-share");
    const send = window.fetch;
    window.fetch = (url, options = {}) => {
        const body = JSON.parse(options.body ?? "{}");
        for (const digest of Object.keys(body.played ?? {})) body.played[digest] = [[0, 30000]];
        return send(url, options.body ? { ...options, body: JSON.stringify(body) } : options);
    };
}"""


def test_a_reason_in_a_fold_is_open_when_it_was_written(enter: SignIn, tmp_path: Path) -> None:
    sounds(tmp_path)
    page = ready(opened(enter("ana"), "sounds"))
    folds = page.locator('[data-pane="b"] details.fold')
    opened_folds = page.locator("details.fold[open]")
    expect(opened_folds).to_have_count(0)
    folds.nth(1).locator("summary").click()
    folds.nth(1).locator("textarea").fill("It clips at the end.")
    with page.expect_response(lambda response: response.url.endswith("/draft/")):
        page.locator("h1").click()  # out of the field
    assert faults(page) == []
    opened(page, "sounds")
    expect(opened_folds).to_have_count(1)
    expect(folds.nth(1).locator("textarea")).to_have_value("It clips at the end.")
