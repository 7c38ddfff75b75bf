"""The labelling page in a real Chromium: by keyboard, without waiting, losing nothing."""

from __future__ import annotations

import json
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import APIResponse, Page, Request, Route, expect
from pytest_django.live_server_helper import LiveServer

from annotation import assigning
from annotation.models import Annotation, Annotator, Campaign, Draft, Skip, Slot
from annotation.vocabulary import SlotState, Standing
from datasets_app.media_views import PLAYER_PART
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.answering import submit
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    HEAVIEST,
    RATE,
    arrived,
    kept,
    long_film,
    opened,
    press,
    store,
    submitted,
    texts,
    token,
    until,
    videos,
    weighed,
)
from tests.browser.looking import faults
from tests.browser.people import watch
from tests.cast import PASSWORD, cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAINTED = 100  # milliseconds from the key to the next item, on a network of 150 ms
SUBMITS = 12


@pytest.fixture
def ana(enter: SignIn) -> Page:
    """Ana at the first of four text pairs."""
    texts()
    return opened(enter("ana"))


def answers() -> list[dict[str, Any]]:
    return [found.answers for found in Annotation.objects.order_by("pk")]


# --- By keyboard


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


# --- Rules


def test_a_broken_rule_is_said_at_once_and_stops_the_submit(enter: SignIn) -> None:
    _dataset, campaign = texts(1)
    page = opened(enter("ana"))
    submitted(page, "1", "u", "g", "d", "2", "s")
    arrived(page)
    Slot.objects.filter(step="helpful").delete()
    opened(page)
    expect(page.locator("[data-heading]")).to_contain_text("harmlessness")
    unsafe, safe = unsafe_and_safe_side(campaign)
    press(page, {"a": "ArrowLeft", "b": "ArrowRight"}[unsafe])
    expected = f"{unsafe.upper()} is unsafe and {safe.upper()} is safe"
    expect(page.locator("[data-rules]")).to_contain_text(expected)
    press(page, "Control+Enter")
    assert Annotation.objects.count() == 1
    press(page, {"a": "ArrowLeft", "b": "ArrowRight"}[safe])
    expect(page.locator("[data-rules]")).to_be_empty()


def test_what_was_answered_as_an_earlier_page_was_left_gives_way(enter: SignIn) -> None:
    """Its answers were on their way when this page was made."""
    _dataset, campaign = texts(2)
    page = opened(enter("ana"))
    before = token(page)
    ana = Annotator.objects.get()
    (held,) = (one for one in assigning.leases(ana, campaign) if str(one.token) == before)
    submit(ana, held)
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function(
        "before => document.querySelector('#answers input[name=token]')?.value !== before",
        arg=before,
    )
    expect(page.locator("[data-heading]")).to_contain_text("step 1 of 3")
    expect(page.get_by_text("on another page")).to_have_count(0)


def unsafe_and_safe_side(campaign: Campaign) -> tuple[str, str]:
    """Where the response that was called unsafe stands in the lease that is live now."""
    given = Annotation.objects.get().answers["safe"]
    slot = Slot.objects.get(campaign=campaign, state=SlotState.LEASED)
    first_is_unsafe = given[str(slot.item.first_id)] is False
    return ("a", "b") if first_is_unsafe != slot.flipped else ("b", "a")


def test_a_warning_takes_a_reason_that_belongs_to_this_item_only(enter: SignIn) -> None:
    item = videos()
    page = opened(enter("ana"), "videos")
    watch(page)
    submitted(page, *["ArrowLeft"] * 4)
    expect(page.get_by_text("Your first look", exact=True)).to_be_visible()
    slot = Slot.objects.get(item=item, step="overall", state=SlotState.LEASED)
    pilot = Annotation.objects.get()
    favoured_left = (pilot.answers["aesthetics"] == str(item.first_id)) != slot.flipped
    press(page, "ArrowRight" if favoured_left else "ArrowLeft", "ArrowDown", "=")
    press(page, "Control+Enter")
    assert page.evaluate("document.activeElement.name") == "override-pilot_spoke_for_the_other"
    page.keyboard.type("the other tells the story")
    press(page, "Enter")  # sends nothing
    assert page.evaluate("document.activeElement.name") == "override-pilot_spoke_for_the_other"
    press(page, "Control+Enter")
    page.get_by_text("Nothing to do here now").wait_for()
    assert Annotation.objects.latest("pk").overrides == {
        "pilot_spoke_for_the_other": "the other tells the story"
    }


# --- Never waiting


def test_the_next_item_is_on_the_screen_at_once_on_a_slow_network(enter: SignIn) -> None:
    texts(20)
    page = enter("ana")
    slow = page.context.new_cdp_session(page)
    opened(page)
    slow.send("Network.enable")
    slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 150, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    page.evaluate(STOPWATCH)
    for _ in range(SUBMITS):
        # Somebody reads for longer than it takes to send the one before.
        with page.expect_response(lambda response: response.url.endswith("/label/texts/")):
            submitted(page, "s", "s")
        page.wait_for_timeout(50)
    painted = page.evaluate("window.painted")
    assert len(painted) == SUBMITS
    # Who waited for the network would wait each time; a single late one is the busy machine's.
    assert median(painted) <= PAINTED, painted


# From the key to the next frame after the change, in milliseconds.
STOPWATCH = """() => {
  window.painted = [];
  let pressedAt = null;
  const press = (event) => { if (event.key === "Enter") pressedAt = performance.now(); };
  addEventListener("keydown", press, true);
  new MutationObserver(() => {
    if (pressedAt === null) return;
    const from = pressedAt;
    pressedAt = null;
    requestAnimationFrame(() => setTimeout(() => window.painted.push(performance.now() - from)));
  }).observe(document.querySelector("[data-stage]"), { childList: true });
}"""


def test_the_page_is_small_and_asks_nobody_else(enter: SignIn, live_server: LiveServer) -> None:
    texts()
    page = enter("ana")
    sizes: dict[str, int] = {}
    strangers: list[str] = []
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("response", lambda response: sizes.update(weighed(response)))
    page.on("request", lambda request: note_stranger(request, live_server.url, strangers))
    opened(page)
    press(page, "u")
    assert sum(sizes.values()) <= HEAVIEST, sizes
    assert len(sizes) > 10
    assert strangers == []
    assert said == []


def note_stranger(request: Request, home: str, strangers: list[str]) -> None:
    if urlsplit(request.url).netloc != urlsplit(home).netloc:
        strangers.append(request.url)


def test_what_a_model_wrote_does_nothing_on_the_page(
    enter: SignIn, live_server: LiveServer
) -> None:
    attack = (
        '<script>alert(1)</script><img src="https://evil.example/x" onerror="alert(1)">'
        "<svg onload=alert(1)> ![](https://evil.example/y.png) {{ 7 }} \u202egpj.exe"
        '</template></div><form action="https://evil.example"><template data-veiled>'
    )
    dataset = build.dataset(slug="texts")
    cast(dataset)
    build.item(dataset, asks=attack, says=(attack, attack + "!"))
    build.item(dataset, asks=attack, says=(attack + "?", attack), machine_severity=2)
    build.campaign(dataset)
    page = enter("ana")
    heard: list[str] = []
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: note_stranger(request, live_server.url, heard))
    opened(page)
    for _ in range(2):
        expect(page.locator("[data-part=prompt-text]")).to_contain_text("<script>alert(1)</script>")
        page.keyboard.down("b")
        expect(page.locator("[data-part=a]")).to_contain_text("onerror=")
        page.keyboard.up("b")
        submitted(page, "s", "s")
    assert heard == []


# --- Never losing


def test_a_draft_comes_back_after_a_reload_and_in_another_browser(ana: Page, enter: SignIn) -> None:
    press(ana, "u", "g", "d")
    arrived(ana)
    assert Draft.objects.count() == 1
    for page in (ana, enter("ana")):
        opened(page)
        expect(page.locator("input[name=a-severity][value='2']")).to_be_checked()
        expect(page.get_by_label("Drugs").first).to_be_checked()


def test_a_draft_is_in_the_browser_before_it_is_on_the_server(ana: Page) -> None:
    ana.route("**/draft/", lambda route: route.abort())
    press(ana, "u", "g", "v")
    until(ana, lambda: kept(ana) == ["draft"])
    opened(ana)
    expect(ana.locator("input[name=a-severity][value='3']")).to_be_checked()


def test_answers_given_without_a_network_arrive_once_and_in_order(ana: Page) -> None:
    ana.context.set_offline(True)
    submitted(ana, "s", "s")
    press(ana, "1", "u", "g", "m", "2", "s", "Control+Enter")
    # The one ahead was the last one here.
    for place in ("[data-stage]", "[data-announce]"):
        expect(ana.locator(place)).to_contain_text("There is no connection.")
    expect(ana.locator("[data-stage]")).to_contain_text("2 waiting to be sent")
    expect(ana.locator("[data-saved]")).to_be_empty()  # it is said once
    for act in ("[data-submit]", "[data-dialog=skip-dialog]", "[data-dialog=report-dialog]"):
        expect(ana.locator(act)).to_be_hidden()
    assert faults(ana) == []
    assert not Annotation.objects.exists()
    ana.context.set_offline(False)
    arrived(ana)
    settle_down(ana, 2)
    expect(ana.get_by_role("button", name="Submit")).to_be_visible()
    expect(ana.locator("[data-announce]")).to_contain_text("Next:")
    assert [set(given["safe"].values()) for given in answers()] == [{True}, {True, False}]


def settle_down(page: Page, wanted: int) -> None:
    """Wait until so many annotations are there, and a little longer for one too many."""
    until(page, lambda: Annotation.objects.count() >= wanted)
    page.wait_for_timeout(300)
    assert Annotation.objects.count() == wanted


def test_a_submit_whose_answer_got_lost_is_stored_once(ana: Page) -> None:
    lost: list[APIResponse] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    ana.route("**/label/texts/", lose_the_first)
    submitted(ana, "s", "s")
    arrived(ana)
    settle_down(ana, 1)
    assert len(lost) == 1


def test_answers_on_their_way_survive_the_page(ana: Page) -> None:
    ana.route(
        "**/label/texts/",
        lambda route: route.abort() if route.request.method == "POST" else route.continue_(),
    )
    submitted(ana, "s", "s")
    sent = ana.evaluate("indexedDB.databases().then((all) => all.length)")
    assert sent == 1
    ana.unroute("**/label/texts/")
    opened(ana)
    settle_down(ana, 1)
    # What was answered is not shown again.
    until(ana, lambda: not Annotation.objects.filter(token=token(ana)).exists())


def refused_once(page: Page, status: int) -> list[Route]:
    """The door refuses what comes first, once it is told to: what waits for that."""
    refusal = {
        "message": "Something is missing or does not fit.",
        "problems": [{"question": "severity", "side": "a", "message": "A severity, please."}],
        "objections": [],
    }
    if status != 422:
        refusal = {"message": "This is larger than any answer."}
    named = {"X-Annotator": str(Slot.objects.get(token=token(page)).annotator.key)}  # type: ignore[union-attr]  # leased
    waiting: list[Route] = []

    def refuse_the_first(route: Route) -> None:
        if route.request.method != "POST" or waiting:
            route.continue_()
            return
        waiting.append(route)
        page.wait_for_timeout(500)
        kind, body = "application/json", json.dumps(refusal)
        route.fulfill(status=status, content_type=kind, headers=named, body=body)

    page.route("**/label/texts/", refuse_the_first)
    return waiting


@pytest.mark.parametrize(
    ("status", "said"), [(422, "does not fit"), (413, "larger than any"), (400, "larger than any")]
)
def test_what_the_server_refuses_comes_back_with_its_answers_when_one_asks_for_it(
    ana: Page, status: int, said: str
) -> None:
    refused_once(ana, status)
    first = token(ana)
    submitted(ana, "1", "u", "g", "m", "2", "s")
    second = token(ana)
    expect(ana.get_by_text(said)).to_be_visible()
    # What is read now stays, and keys are about it.
    assert token(ana) == second
    press(ana, "1", "s")
    ana.get_by_role("button", name="Go to it").click()
    assert token(ana) == first
    expect(ana.get_by_label("Drugs").first).to_be_checked()
    expect(ana.locator("[data-rules]")).to_contain_text(
        "A severity, please." if status == 422 else said
    )
    submitted(ana, "1", "d")
    assert token(ana) == second
    expect(ana.locator("input[name=a-safe][value=true]")).to_be_checked()
    settle_down(ana, 1)
    assert 2 in answers()[0]["severity"].values()


def test_what_was_refused_comes_next_to_who_does_not_go_to_it(ana: Page) -> None:
    refused_once(ana, 422)
    first = token(ana)
    submitted(ana, "1", "u", "g", "m", "2", "s")
    expect(ana.get_by_role("button", name="Go to it")).to_be_visible()
    submitted(ana, "1", "s", "2", "s")
    assert token(ana) == first
    expect(ana.locator("[data-rules]")).to_contain_text("A severity, please.")
    expect(ana.get_by_role("button", name="Go to it")).to_have_count(0)


def test_who_is_signed_out_is_told_and_loses_nothing(ana: Page) -> None:
    ana.context.clear_cookies()
    submitted(ana, "s", "s")
    ana.get_by_role("button", name="Not now").click()
    expect(ana.locator("#status").get_by_text("Your session is over.")).to_be_visible()
    assert not Annotation.objects.exists()
    other = ana.context.new_page()
    other.goto("/accounts/login/")
    other.locator("input[name=login]").fill("ana")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    settle_down(ana, 1)


def test_two_tabs_show_one_item_and_make_one_annotation_that_counts(ana: Page) -> None:
    other = opened(ana.context.new_page())
    assert token(other) == token(ana)
    submitted(ana, "s", "s")
    arrived(ana)
    submitted(other, "s", "s")
    expect(other.get_by_text("came too late to count")).to_be_visible()
    assert Annotation.objects.filter(standing=Standing.COUNTED).count() == 1


# --- Kindly


def test_the_original_is_not_requested_before_it_is_revealed(enter: SignIn) -> None:
    dataset = build.dataset("beavertails_v", slug="pictures")
    cast(dataset)
    item = build.item(dataset, machine_severity=3, machine_categories=["horror_and_gore"])
    build.campaign(dataset)
    store(item.prompt.media_links.get().media, b"no picture, but bytes")
    page = enter("ana")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    opened(page, "pictures")
    expect(page.get_by_text("Covered: Horror and gore").first).to_be_visible()
    assert {path.rsplit("/", 1)[1] for path in asked if "/media/" in path} == {"preview"}
    page.keyboard.down("b")
    expect(page.locator("[data-part=a] .revealed-text")).to_be_visible()
    page.keyboard.up("b")
    expect(page.locator("[data-part=a] .revealed-text")).to_have_count(0)
    assert any(path.endswith("/original") for path in asked)


def test_escape_twice_takes_everything_away_and_gives_it_back(ana: Page) -> None:
    text = ana.locator("[data-part=a]").inner_text()
    press(ana, "u", "Escape", "Escape")
    expect(ana.get_by_text("Everything is gone from your screen")).to_be_visible()
    assert text not in ana.content()
    until(ana, lambda: not Slot.objects.filter(state=SlotState.LEASED).exists())
    assert not Draft.objects.exists()


def test_escape_is_pressed_twice_only_with_nothing_between(ana: Page) -> None:
    press(ana, "Escape", "k", "Escape")
    expect(ana.locator("#skip-dialog")).to_be_hidden()
    expect(ana.locator("#panic")).to_be_hidden()
    assert Slot.objects.filter(state=SlotState.LEASED).exists()


def test_a_report_freezes_the_item(ana: Page) -> None:
    held = token(ana)
    item = Slot.objects.get(token=held).item_id
    press(ana, "r")
    ana.get_by_label("What is wrong with it?").fill("somebody's address")
    ana.locator("#report-dialog").get_by_role("button", name="Report").click()
    ana.get_by_text("Nobody sees this item again").wait_for()
    assert Item.objects.get(pk=item).state == ItemState.QUARANTINED


def test_the_page_fits_a_phone_and_double_zoom(enter: SignIn) -> None:
    videos(machine_severity=2, machine_categories=["violence"])
    for size in ({"width": 360, "height": 740}, {"width": 640, "height": 400}):
        page = opened(enter("ana", viewport=size), "videos")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"]
        page.context.close()


# --- Films


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
