"""Wellbeing in a real Chromium: the server counts what is revealed, and ends it at the budget."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Response, Route, expect

from annotation import assigning, closing, holding, labelling
from annotation.models import Annotation, Campaign, Exposure, Slot, Wishes
from annotation.vocabulary import SlotState, Standing
from datasets_app.models import Item
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    arrived,
    opened,
    press,
    submitted,
    texts,
    token,
    until,
    videos,
)
from tests.browser.looking import faults
from tests.cast import as_annotator, cast, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def shown(page: Page) -> None:
    """Hold the key that reveals."""
    with page.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.keyboard.down("b")


def test_a_reveal_is_counted_from_the_key_to_its_end(enter: SignIn) -> None:
    texts(3, machine_severity=2)
    page = opened(enter("ana"))
    assert not Exposure.objects.exists()
    shown(page)
    assert Exposure.objects.get().ended_at is None
    with page.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.keyboard.up("b")
    assert Exposure.objects.get().ended_at is not None


def test_at_the_budget_all_is_covered_and_the_day_ends_whatever_the_browsers_clock_says(
    enter: SignIn,
) -> None:
    texts(3, machine_severity=2)
    Campaign.objects.update(daily_exposure=120)
    page = enter("ana")
    # To the browser it is yesterday, and time stands still.
    page.clock.set_fixed_time(timezone.now() - timedelta(days=1))
    opened(page)
    with page.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.get_by_role("button", name="Keep open").first.click()
    expect(page.locator("[data-veil].revealed")).to_have_count(1)
    Exposure.objects.update(began_at=timezone.now() - timedelta(minutes=2))
    with page.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.get_by_role("button", name="Cover again").click()
    expect(page.get_by_text("That is enough for today")).to_be_visible()
    page.keyboard.down("b")
    expect(page.locator("[data-veil].revealed")).to_have_count(0)
    expect(page.locator("[data-exposure]")).to_have_attribute(
        "aria-label", "Exposure today: 5 of 5"
    )
    page.keyboard.up("b")
    # What was answered is taken; then the page says goodbye, and so does another tab.
    press(page, "s", "s", "Control+Enter")
    expect(page.get_by_text("Enough for today", exact=True)).to_be_visible()
    assert Slot.objects.filter(state=SlotState.DONE).count() == 1
    assert not Slot.objects.filter(state=SlotState.LEASED).exists()
    tab = page.context.new_page()
    tab.goto("/label/texts/")
    expect(tab.get_by_text("Enough for today", exact=True)).to_be_visible()


# --- Behind the door


def kept_back(page: Page) -> list[Route]:
    """Reveals are on their way and stay there, as on a slow network, until they are let go on."""
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        if json.loads(route.request.post_data or "{}").get("parts"):
            waiting.append(route)
        else:
            route.continue_()

    page.route("**/reveal/", keep)
    return waiting


def let_go(page: Page, waiting: list[Route]) -> None:
    """The next that is kept back goes on; a page asks a moment after it says so."""
    until(page, lambda: waiting)
    waiting.pop().continue_()


def test_covered_text_is_in_the_page_only_while_it_is_in_sight(enter: SignIn) -> None:
    texts(3, machine_severity=2, says=("Dreadful one.", "Dreadful two."))
    page = opened(enter("ana"))
    assert "Dreadful" not in page.content()
    page.keyboard.down("b")
    expect(page.locator("[data-part=a] .revealed-text")).to_contain_text("Dreadful")
    expect(page.locator("[data-part=b] .revealed-text")).to_contain_text("Dreadful")
    page.keyboard.up("b")
    expect(page.locator(".revealed-text")).to_have_count(0)
    assert "Dreadful" not in page.content()
    submitted(page, "s", "s")  # the item that was fetched ahead
    arrived(page)
    assert "Dreadful" not in page.content()


def test_while_it_is_on_its_way_the_page_says_so_and_letting_go_keeps_it_covered(
    enter: SignIn,
) -> None:
    texts(1, machine_severity=2, says=("Dreadful one.", "Dreadful two."))
    page = opened(enter("ana"))
    waiting = kept_back(page)
    page.keyboard.down("b")
    expect(page.get_by_text("One moment").first).to_be_visible()
    expect(page.locator(".revealed")).to_have_count(0)
    page.keyboard.up("b")
    expect(page.get_by_text("One moment").first).to_be_hidden()
    with page.expect_response(lambda response: '"shown":false' in asked_in(response)):
        let_go(page, waiting)  # it comes too late
    expect(page.locator(".revealed")).to_have_count(0)
    assert "Dreadful" not in page.content()
    assert Exposure.objects.get().ended_at is not None  # it was given out, so it is counted
    page.keyboard.down("b")
    expect(page.get_by_text("One moment").first).to_be_visible()
    let_go(page, waiting)
    expect(page.locator("[data-part=a] .revealed-text")).to_contain_text("Dreadful")


def asked_in(response: Response) -> str:
    return response.request.post_data or ""


def test_escape_ends_what_is_kept_open_and_what_is_on_its_way(enter: SignIn) -> None:
    texts(1, machine_severity=2, says=("Dreadful one.", "Dreadful two."))
    page = opened(enter("ana"))
    page.get_by_role("button", name="Keep open").first.click()
    expect(page.locator(".revealed-text")).to_have_count(1)  # the other side is covered
    press(page, "Escape")
    expect(page.locator(".revealed-text")).to_have_count(0)
    expect(page.locator("[data-kept]")).to_have_count(0)
    kept_back(page)
    page.get_by_role("button", name="Keep open").first.click()
    expect(page.locator("[data-coming]")).to_have_count(1)
    press(page, "Escape")
    expect(page.locator("[data-coming]")).to_have_count(0)


def test_what_cannot_be_asked_for_stays_covered_and_the_page_says_so(enter: SignIn) -> None:
    texts(1, machine_severity=2, says=("Dreadful one.", "Dreadful two."))
    page = opened(enter("ana"))
    page.context.set_offline(True)
    page.keyboard.down("b")
    expect(page.locator("[data-saved]")).to_contain_text("the server is not reached")
    expect(page.locator(".revealed, [data-coming]")).to_have_count(0)
    page.keyboard.up("b")
    page.context.set_offline(False)
    Slot.objects.update(state=SlotState.OPEN, annotator=None, token=None, expires_at=None)
    page.keyboard.down("b")
    expect(page.locator("[data-saved]")).to_contain_text("no longer have this item")
    assert "Dreadful" not in page.content()


def test_two_pages_show_one_item_and_what_one_covers_the_other_goes_on_counting(
    enter: SignIn,
) -> None:
    texts(1, machine_severity=2)
    page = opened(enter("ana"))
    other = opened(page.context.new_page())
    for each in (page, other):
        each.evaluate("Object.defineProperty(document, 'hidden', { value: false })")
        each.get_by_role("button", name="Keep open").first.click()
        expect(each.locator(".revealed-text")).to_have_count(1)
    assert Exposure.objects.count() == 1
    with other.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.get_by_role("button", name="Cover again").click()
    expect(other.locator(".revealed-text")).to_have_count(1)
    assert Exposure.objects.filter(ended_at=None).count() == 1


def test_a_covered_film_plays_and_is_sought_in_while_it_is_revealed(enter: SignIn) -> None:
    videos(machine_severity=3, machine_categories=["crime"])
    page = enter("ana")
    answers: list[tuple[str, int]] = []
    page.on("response", lambda r: answers.append((urlsplit(r.url).path, r.status)))
    opened(page, "videos")
    assert {path.rsplit("/", 1)[1] for path, _ in answers if "/media/" in path} <= {"preview"}
    for button in page.locator("[data-pane] [data-veil-keep]").all():
        button.click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('video')].every((film) => film.readyState >= 2)"
    )
    page.evaluate("document.querySelector('video').currentTime = 1.5")
    page.wait_for_function("() => !document.querySelector('video').seeking")
    assert {status for path, status in answers if "/media/" in path} <= {200, 206}
    original = page.locator("video").first.get_attribute("data-original")
    with page.expect_response(lambda response: '"shown":false' in asked_in(response)):
        press(page, "Escape")
    assert page.evaluate("async (url) => (await fetch(url)).status", original) == 404


def test_a_file_whose_link_died_is_asked_for_again_while_it_is_revealed(enter: SignIn) -> None:
    videos(machine_severity=3)
    page = opened(enter("ana"), "videos")
    page.route("**/original", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Keep open").first.click()
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")


def test_a_correction_stays_when_the_text_is_covered_again_and_the_text_goes(
    enter: SignIn,
) -> None:
    dataset = build.dataset("correction", slug="corrections")
    cast(dataset)
    build.items(1, dataset, says=("Dreadful to mend.",), machine_severity=3)
    build.campaign(dataset, overlap=1)
    page = opened(enter("ana"), "corrections")
    field, tick = page.locator("[data-words]"), page.get_by_role("checkbox", name="No change")
    door = page.locator("[data-veil-keep]")
    expect(field).to_have_value("")
    door.click()
    expect(field).to_have_value("Dreadful to mend.")
    door.click()
    expect(field).to_have_value("")
    door.click()
    field.fill("Mended.")
    door.click()
    expect(field).to_have_value("Mended.")
    door.click()
    tick.check()
    expect(field).to_have_value("Dreadful to mend.")
    door.click()
    expect(field).to_have_value("")
    tick.uncheck()  # what was written is there again
    expect(field).to_have_value("Mended.")
    submitted_last(page)
    assert [*Annotation.objects.get().answers["correction"].values()] == [
        {"text": "Mended.", "unchanged": False}
    ]


def submitted_last(page: Page) -> None:
    """Submit where nothing comes after."""
    press(page, "Control+Enter")
    expect(page.get_by_text("Nothing to do here now")).to_be_visible()


def test_a_page_that_was_opened_for_no_script_covers_itself_where_there_is_one(
    enter: SignIn,
) -> None:
    texts(1, machine_severity=2, says=("Dreadful one.", "Dreadful two."))
    page = enter("ana")
    page.goto("/label/texts/?reveal=yes")
    page.wait_for_url("**/label/texts/")
    page.wait_for_selector("[data-ready]")
    assert "Dreadful" not in page.content()
    assert Exposure.objects.get().ended_at is not None


def test_a_key_keeps_open_all_that_is_covered_and_covers_it_again(enter: SignIn) -> None:
    texts(1, machine_severity=2, says=("Dreadful one.", "Dreadful two."))
    page = opened(enter("ana"))
    press(page, "Shift+B")
    expect(page.locator(".revealed-text")).to_have_count(2)
    press(page, "Shift+B")
    expect(page.locator(".revealed-text")).to_have_count(0)
    # Who looks already goes on looking when the key is let go.
    shown(page)
    press(page, "Shift+B")
    page.keyboard.up("b")
    expect(page.locator(".revealed-text")).to_have_count(2)


def test_the_panic_key_ends_what_is_in_sight(enter: SignIn) -> None:
    texts(3, machine_severity=2)
    page = opened(enter("ana"))
    with page.expect_response(lambda response: response.url.endswith("/reveal/")):
        page.get_by_role("button", name="Keep open").first.click()
    with page.expect_response(lambda response: response.url.endswith("/release/")):
        press(page, "Escape", "Escape")
    assert Exposure.objects.get().ended_at is not None
    assert not Slot.objects.filter(state=SlotState.LEASED).exists()


def test_a_break_keeps_the_item_and_its_answers(enter: SignIn) -> None:
    texts(3)
    page = opened(enter("ana"))
    before = token(page)
    press(page, "s")
    with page.expect_popup() as guideline:
        press(page, "Shift+G")
    assert guideline.value.url.endswith("/guideline/")
    press(page, "Shift+R")
    expect(page.get_by_text("Stand up, look far away")).to_be_visible()
    assert Slot.objects.filter(state=SlotState.LEASED).count() == 1
    page.get_by_role("link", name="Go on").click()
    page.wait_for_selector("[data-ready]")
    assert token(page) == before
    expect(page.locator("input[name=a-safe][value=true]")).to_be_checked()


def test_what_a_person_does_not_want_to_see_does_not_come(enter: SignIn) -> None:
    _dataset, campaign = texts(1, machine_categories=["Violence"])
    page = enter("ana")
    page.goto("/label/")
    page.get_by_text("Content to be spared").click()
    page.get_by_text("Violence and injury").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Spared: 1 kind of content")).to_be_visible()
    assert Wishes.objects.get().unwanted == ["violence"]
    page.goto(f"/label/{campaign.slug}/")
    expect(page.get_by_text("that you asked to be spared")).to_be_visible()
    assert not Slot.objects.exclude(state=SlotState.OPEN).exists()


def test_one_is_reminded_of_a_break(enter: SignIn) -> None:
    texts(3)
    Campaign.objects.update(reminder_minutes=5)
    page = enter("ana")
    page.clock.install()
    opened(page)
    notice = page.locator("[data-reminder]")
    expect(notice).to_be_hidden()
    page.clock.fast_forward("05:01")
    expect(notice).to_be_visible()
    submitted(page, "s", "s")
    arrived(page)


@pytest.mark.parametrize("sign", ["keyup", "contextmenu"])
def test_what_is_held_is_covered_though_nothing_says_that_its_key_was_let_go(
    enter: SignIn, sign: str
) -> None:
    texts(1, machine_severity=2)
    page = opened(enter("ana"))
    shown(page)
    expect(page.locator(".revealed-text")).to_have_count(2)
    # On a Mac the key is let go while ⌘ is down; or a menu takes what is said after it.
    page.evaluate(
        """sign => document.body.dispatchEvent(sign === "keyup"
          ? new KeyboardEvent(sign, { key: "Meta", code: "MetaLeft", bubbles: true })
          : new MouseEvent(sign, { bubbles: true }))""",
        sign,
    )
    expect(page.locator(".revealed-text")).to_have_count(0)


def test_a_finger_that_stays_on_the_button_goes_on_looking(enter: SignIn) -> None:
    texts(1, machine_severity=2)
    page = opened(enter("ana"))
    page.locator("[data-veil-hold]").first.evaluate(
        """button => {
          const finger = { bubbles: true, pointerType: "touch" };
          button.dispatchEvent(new PointerEvent("pointerdown", finger));
          button.dispatchEvent(new PointerEvent("contextmenu", finger));
        }"""
    )
    expect(page.locator(".revealed-text")).to_have_count(1)
    page.evaluate("document.dispatchEvent(new PointerEvent('pointerup', { pointerType: 'touch' }))")
    expect(page.locator(".revealed-text")).to_have_count(0)


# --- What must not be seen any more


def words_of(item: Item) -> str:
    """What tells an item on the screen."""
    assert item.first
    return item.first.text


def one_ahead(page: Page) -> Item:
    return Slot.objects.filter(state=SlotState.LEASED).exclude(token=token(page)).get().item


def reported_by_ben(item: Item) -> None:
    ben = as_annotator(person("ben"))
    held = assigning.leases(ben, Campaign.objects.get(), want=2)
    (mine,) = [one for one in held if one.item_id == item.pk]
    assert labelling.report(ben, mine.token, reason="a child")


def looked(page: Page) -> None:
    """The page asks what of it is still held, as it does every few seconds."""
    with page.expect_response(lambda response: response.url.endswith("/held/")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def stage(page: Page) -> str:
    return page.locator("[data-stage]").inner_text()


@pytest.fixture
def ana(enter: SignIn) -> Page:
    """Ana at the first of six text pairs, with the next one ahead."""
    texts(6)
    return opened(enter("ana"))


def test_what_lies_ahead_and_was_reported_never_comes_into_sight(ana: Page) -> None:
    gone = one_ahead(ana)
    reported_by_ben(gone)
    with ana.expect_response(lambda response: response.url.endswith("/ahead/")):
        looked(ana)
    submitted(ana, "s", "s")
    assert words_of(gone) not in stage(ana)
    assert ana.locator("[data-stage] [data-pane]").count() == 2


def test_what_came_into_sight_too_late_is_taken_out_by_the_answer_to_the_submit(ana: Page) -> None:
    gone = one_ahead(ana)
    ana.context.route("**/held/", lambda route: route.abort())
    reported_by_ben(gone)
    submitted(ana, "s", "s")
    arrived(ana)
    assert words_of(gone) not in stage(ana)
    ana.context.unroute("**/held/")
    looked(ana)
    expect(ana.locator("[data-stage]")).to_contain_text("taken away from everybody")


def test_what_is_read_and_was_reported_meanwhile_goes_with_the_reason(ana: Page) -> None:
    read = Slot.objects.get(token=token(ana)).item
    reported_by_ben(read)
    press(ana, "1", "u")
    looked(ana)
    expect(ana.locator("[data-stage]")).to_contain_text("taken away from everybody")
    assert words_of(read) not in ana.content()
    press(ana, "g", "k")
    expect(ana.locator("#skip-dialog")).to_be_hidden()
    ana.get_by_role("button", name="Go on").click()
    expect(ana.locator("[data-stage] [data-pane]")).to_have_count(2)
    assert faults(ana) == []
    assert not Annotation.objects.exists()  # it was not answered to its end


def test_what_was_answered_of_it_goes_along(ana: Page) -> None:
    reported_by_ben(Slot.objects.get(token=token(ana)).item)
    press(ana, "1", "s", "2", "s")
    looked(ana)
    expect(ana.locator("[data-stage]")).to_contain_text("goes along when you go on")
    assert faults(ana) == []
    press(ana, "Control+Enter")
    until(ana, Annotation.objects.exists)
    assert Annotation.objects.get().standing == Standing.LATE
    expect(ana.locator("[data-stage] [data-pane]")).to_have_count(2)
    expect(ana.get_by_text("too late to count")).to_have_count(0)


def test_what_one_opts_out_of_in_another_tab_leaves_this_one_at_once(ana: Page) -> None:
    unwanted = one_ahead(ana)
    Item.objects.filter(pk=unwanted.pk).update(machine_categories=["Violence"], machine_severity=1)
    other = ana.context.new_page()
    other.goto("/label/")
    other.get_by_text("Content to be spared").click()
    other.get_by_text("Violence and injury").click()
    with ana.expect_response(lambda response: response.url.endswith("/ahead/")):
        other.get_by_role("button", name="Save").click()
    ana.bring_to_front()
    submitted(ana, "s", "s")
    assert words_of(unwanted) not in stage(ana)


def test_what_is_found_grave_while_it_lies_ahead_comes_behind_a_door(ana: Page) -> None:
    grave = one_ahead(ana)
    Item.objects.filter(pk=grave.pk).update(machine_categories=["Violence"], machine_severity=3)
    with ana.expect_response(lambda response: response.url.endswith("/ahead/")):
        looked(ana)
    ana.wait_for_timeout(100)  # until the page has laid it down
    submitted(ana, "s", "s")
    expect(ana.locator("[data-stage] [data-veil]")).to_have_count(2)
    assert words_of(grave) not in ana.content()


def test_what_is_found_grave_while_it_is_read_is_covered_and_its_answers_stay(ana: Page) -> None:
    grave = Slot.objects.get(token=token(ana)).item
    press(ana, "1", "u", "g")
    Item.objects.filter(pk=grave.pk).update(machine_categories=["Violence"], machine_severity=3)
    looked(ana)
    expect(ana.locator("[data-stage] [data-veil]")).to_have_count(2)
    assert words_of(grave) not in ana.content()
    expect(ana.get_by_text("Something grave was found")).to_be_visible()
    expect(ana.get_by_label("Drugs").first).to_be_checked()
    submitted(ana, "1", "m", "2", "s")
    until(ana, Annotation.objects.exists)
    assert Annotation.objects.get().item == grave


def found_grave(item: Item) -> None:
    Item.objects.filter(pk=item.pk).update(machine_categories=["Violence"], machine_severity=3)


@pytest.mark.parametrize("why", ["closed", "time"])
def test_what_was_found_grave_and_is_gone_does_not_come_back_in_the_open(
    ana: Page, why: str
) -> None:
    grave = Slot.objects.get(token=token(ana)).item
    press(ana, "s", "s")
    ana.context.route("**/ahead/", lambda route: route.abort())
    found_grave(grave)
    looked(ana)
    expect(ana.locator("[data-stage] [data-pane]")).to_have_count(0)
    if why == "closed":
        closing.close(Campaign.objects.get(), by=None, reason="enough")
    else:
        Slot.objects.filter(state=SlotState.LEASED).update(expires_at=timezone.now())
        holding.expire_leases()
    looked(ana)
    expect(ana.locator("[data-stage]")).to_contain_text("it is not shown again")
    expect(ana.locator("[data-stage]")).to_contain_text("goes along when you go on")
    assert words_of(grave) not in ana.content()
    ana.get_by_role("button", name="Go on").click()
    until(ana, Annotation.objects.exists)
    assert Annotation.objects.get().item == grave


def test_what_was_found_grave_when_the_day_is_done_stays_out_of_sight(ana: Page) -> None:
    grave = Slot.objects.get(token=token(ana)).item
    press(ana, "1", "u", "g")
    now = timezone.now()
    Campaign.objects.update(daily_exposure=60)
    Exposure.objects.create(
        annotator=as_annotator(person("ana")),
        campaign=Campaign.objects.get(),
        item=one_ahead(ana),
        token=uuid4(),
        severity=3,
        began_at=now - timedelta(minutes=6),
        seen_at=now - timedelta(minutes=2),
        ended_at=now - timedelta(minutes=2),
    )
    found_grave(grave)
    with ana.expect_response(lambda response: response.url.endswith("/ahead/")):
        looked(ana)
    expect(ana.locator("[data-stage]")).to_contain_text("it is not shown again")
    assert words_of(grave) not in ana.content()
    ana.get_by_role("button", name="Go on").click()
    expect(ana.get_by_text("Enough for today", exact=True)).to_be_visible()


def thinking_again(page: Page) -> Item:
    """At what was just submitted, again."""
    submitted(page, "s", "s")
    arrived(page)
    press(page, "z")
    page.wait_for_url("**/revise/*/")
    page.wait_for_selector("[data-ready]")
    return Annotation.objects.get().item


def test_what_is_found_grave_while_it_is_answered_anew_comes_behind_a_door(ana: Page) -> None:
    grave = thinking_again(ana)
    press(ana, "1", "u", "g")
    found_grave(grave)
    with ana.expect_navigation():
        looked(ana)
    expect(ana.locator("[data-stage] [data-veil]")).to_have_count(2)
    assert words_of(grave) not in ana.content()
    expect(ana.get_by_label("Drugs").first).to_be_checked()


def test_what_is_reported_while_it_is_answered_anew_leaves_the_screen(ana: Page) -> None:
    item = thinking_again(ana)
    reported_by_ben(item)
    with ana.expect_navigation():
        looked(ana)
    expect(ana.get_by_text("This item is closed")).to_be_visible()
    assert words_of(item) not in ana.content()


# --- Nothing is taken from who is answering


class Gate:
    """Keeps what is submitted until it is let through."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.waiting: list[Route] = []
        self.is_open = False
        page.context.route("**/label/texts/", self.meet)

    def meet(self, route: Route) -> None:
        if route.request.method == "POST" and not self.is_open:
            self.waiting.append(route)
        else:
            route.continue_()

    def submit(self) -> None:
        submitted(self.page, "s", "s")
        until(self.page, lambda: self.waiting)

    def let_through(self) -> None:
        self.is_open = True
        self.waiting[0].continue_()


@pytest.mark.parametrize("why", ["closed", "enough"])
def test_when_nothing_more_is_given_what_was_begun_may_still_be_submitted(
    ana: Page, why: str
) -> None:
    gate = Gate(ana)
    gate.submit()
    if why == "closed":
        closing.close(Campaign.objects.get(), by=None, reason="enough")
    else:
        Campaign.objects.update(daily_answers=1)
    press(ana, "1", "u", "g", "m")
    gate.let_through()
    said = "This work was closed" if why == "closed" else "No more is given for now"
    expect(ana.get_by_text(said)).to_be_visible()
    expect(ana.get_by_label("Drugs").first).to_be_checked()
    press(ana, "2", "s", "Control+Enter")
    ana.wait_for_selector("#labelling", state="detached")
    assert Annotation.objects.count() == 2


def test_who_has_answered_nothing_yet_is_told_by_the_page_at_once(ana: Page) -> None:
    said: list[str] = []
    ana.on("console", lambda message: said.append(message.text))
    gate = Gate(ana)
    gate.submit()
    closing.close(Campaign.objects.get(), by=None, reason="enough")
    ana.evaluate("""() => {
        const status = document.getElementById("status");
        const tell = () => console.log(status.innerText);
        new MutationObserver(tell).observe(status, { childList: true });
    }""")
    gate.let_through()
    ana.wait_for_selector("#labelling", state="detached")
    expect(ana.get_by_text("too late to count")).to_have_count(1)  # by that page
    assert said == []


@pytest.mark.parametrize("is_closed", [False, True])
def test_what_a_submit_brings_after_the_panic_key_goes_back_and_the_screen_stays_empty(
    ana: Page, is_closed: bool
) -> None:
    gate = Gate(ana)
    gate.submit()
    press(ana, "Escape", "Escape")
    expect(ana.get_by_text("Everything is gone from your screen")).to_be_visible()
    until(ana, lambda: not Slot.objects.filter(state=SlotState.LEASED, token=token(ana)).exists())
    if is_closed:
        closing.close(Campaign.objects.get(), by=None, reason="enough")
    gate.let_through()
    until(ana, Annotation.objects.exists)
    until(ana, lambda: not Slot.objects.filter(state=SlotState.LEASED).exists())
    ana.wait_for_timeout(200)
    expect(ana.get_by_text("Everything is gone from your screen")).to_be_visible()
