"""What could not be sent when it was answered: it goes out from whatever page comes next, in order.

Nothing that hangs stops it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Dialog, Page, Route, expect

from annotation import closing, holding, leaving
from annotation.models import Annotation, Campaign, Draft, Slot
from annotation.vocabulary import SlotState, Standing
from datasets_app import ledger
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    BUSY_STORE,
    SHOWN,
    arrived,
    cut,
    first_hangs,
    kept,
    killed,
    opened,
    press,
    submitted,
    texts,
    token,
    until,
)
from tests.cast import as_annotator, cast, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FULL = """() => {
  IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""
# It opens after most of the time that is waited for it.
SLOW_STORE = """
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...args) {
    const request = open.apply(this, args);
    const set = (heard) => request.addEventListener("success", () => setTimeout(heard, 800));
    Object.defineProperty(request, "onsuccess", { set });
    return request;
  };
"""
# Patience is a tenth of what it is.
HASTY = """
  const { timeout } = AbortSignal;
  AbortSignal.timeout = (milliseconds) => timeout.call(AbortSignal, milliseconds / 10);
"""


@pytest.fixture
def left(ana: Page) -> tuple[BrowserContext, list[str]]:
    """A profile in which two answers wait, and their tokens in order; the page is gone."""
    ana.context.set_offline(True)
    first = token(ana)
    submitted(ana, "s", "s")
    second = token(ana)
    press(ana, "s", "s", "Control+Enter")
    until(ana, lambda: kept(ana) == ["outbox", "outbox"])
    context = ana.context
    killed(ana)
    context.set_offline(False)
    return context, [first, second]


def tokens() -> list[str]:
    return [str(one) for one in Annotation.objects.order_by("pk").values_list("token", flat=True)]


# --- Where the labelling page is not opened


def close() -> None:
    closing.close(Campaign.objects.get(), by=None, reason="x")


def end_work() -> None:
    leaving.revoke(as_annotator(person("ana")), Campaign.objects.get(), by=None)


@pytest.mark.parametrize(
    ("happened", "address"),
    [(None, "/label/"), (None, "/help/"), (close, "/label/texts/"), (end_work, "/label/")],
)
def test_what_waits_goes_out_from_any_page_and_that_is_said(
    left: tuple[BrowserContext, list[str]], happened: Callable[[], None] | None, address: str
) -> None:
    context, answered = left
    if happened:
        happened()
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_text("Sent just now: 2.")).to_be_visible(timeout=20_000)
    assert tokens() == answered
    until(page, lambda: kept(page) == [])
    late = Annotation.objects.filter(standing=Standing.LATE).count()
    assert late == (2 if happened else 0)
    expect(page.get_by_text("Some of what was sent came late")).to_be_visible(visible=bool(late))
    # A page that shows no items is given none.
    held = Slot.objects.filter(state=SlotState.LEASED)
    assert not held.exists()


def test_so_it_does_from_the_page_that_says_that_nothing_is_left(enter: SignIn) -> None:
    texts(2)
    page = opened(enter("ana"))
    page.context.set_offline(True)
    submitted(page, "s", "s")
    press(page, "s", "s", "Control+Enter")
    until(page, lambda: kept(page) == ["outbox", "outbox"])
    context = page.context
    killed(page)
    everything = list(Item.objects.values_list("pk", flat=True))
    ledger.move(everything, before=ItemState.OPEN, after=ItemState.SETTLED, verb="build")
    context.set_offline(False)
    page = context.new_page()
    page.goto("/label/texts/")
    expect(page.get_by_text("Nothing to do here now")).to_be_visible()
    until(page, lambda: Annotation.objects.count() == 2)
    until(page, lambda: kept(page) == [])


def test_what_still_waits_is_said_and_goes_out_when_it_can(
    left: tuple[BrowserContext, list[str]],
) -> None:
    context, answered = left
    context.route("**/label/texts/", cut)
    page = context.new_page()
    page.goto("/label/")
    waiting = page.get_by_text("Answered here and not sent yet: 2.")
    expect(waiting).to_be_visible()
    context.unroute("**/label/texts/")
    expect(page.get_by_text("Sent just now: 2.")).to_be_visible(timeout=20_000)
    expect(waiting).to_have_count(0)
    assert tokens() == answered


def test_two_pages_send_each_once_and_in_order(left: tuple[BrowserContext, list[str]]) -> None:
    context, answered = left
    sent: list[str] = []

    def note(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(json.loads(route.request.post_data or "")["token"])
        route.continue_()

    context.route("**/label/texts/", note)
    pages = [context.new_page() for _ in range(3)]
    for page in pages:
        page.goto("/label/", wait_until="commit")
    until(pages[0], lambda: kept(pages[0]) == [])
    pages[0].wait_for_timeout(500)
    assert sent == answered
    assert tokens() == answered


def test_where_nothing_waits_nothing_is_said_or_asked(ana: Page) -> None:
    page = ana.context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/label/")
    page.wait_for_load_state("networkidle")
    assert not any("overdue" in url or "wire" in url for url in asked)
    expect(page.locator("#status")).to_be_empty()


def test_what_did_not_fit_lies_with_its_item_again(
    left: tuple[BrowserContext, list[str]],
) -> None:
    context, answered = left

    def refuse(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        named = {"X-Annotator": route.request.headers["x-annotator"]}
        route.fulfill(status=422, headers=named, json={"message": "It does not fit."})

    context.route("**/label/texts/", refuse)
    page = context.new_page()
    page.goto("/label/")
    expect(page.get_by_text("could not be taken: It does not fit.").first).to_be_visible()
    until(page, lambda: Draft.objects.count() == 2)
    until(page, lambda: kept(page) == [])
    context.unroute("**/label/texts/")
    opened(page)
    assert token(page) in answered
    assert page.evaluate(SHOWN) == ["a-safe=true", "b-safe=true"]


# --- What hangs


def test_an_answer_that_never_comes_stops_nothing(enter: SignIn) -> None:
    texts(6)
    ana = enter("ana")
    ana.add_init_script(HASTY)
    opened(ana)
    first_hangs(ana)
    submitted(ana, "s", "s")
    press(ana, "s", "s", "Control+Enter")
    until(ana, lambda: Annotation.objects.count() == 2, seconds=5)


def test_what_hangs_is_begun_anew_when_it_is_to_be_quick(ana: Page) -> None:
    hung = first_hangs(ana)
    submitted(ana, "s", "s")
    until(ana, lambda: hung)
    ana.wait_for_timeout(1_200)
    ana.evaluate("window.dispatchEvent(new Event('online'))")
    until(ana, lambda: Annotation.objects.count() == 1, seconds=5)


def test_a_draft_that_hangs_keeps_nobody_from_a_break(ana: Page) -> None:
    ana.context.route("**/draft/", lambda route: None)
    press(ana, "1", "u", "g")
    ana.wait_for_timeout(1_700)
    press(ana, "m")
    ana.get_by_role("button", name="Break").click()
    ana.wait_for_url("**/break/", timeout=5_000)


def test_a_store_that_never_opens_stops_nothing(enter: SignIn) -> None:
    texts(4)
    page = enter("ana")
    page.add_init_script("indexedDB.open = () => ({})")
    page.goto("/label/texts/", wait_until="commit")
    page.wait_for_function(
        "() => document.querySelector('[data-pane=a].current') !== null", timeout=2_000
    )
    page.wait_for_selector("[data-ready]", timeout=6_000)
    submitted(page, "1", "s", "2", "s")
    until(page, lambda: Annotation.objects.count() == 1, seconds=6)


def test_what_is_said_while_the_store_opens_goes_out_once(enter: SignIn) -> None:
    texts(4)
    page = enter("ana")
    page.add_init_script(SLOW_STORE)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.goto("/label/texts/", wait_until="commit")
    page.wait_for_function("() => document.querySelector('[data-pane=a].current') !== null")
    press(page, "r")
    page.get_by_label("What is wrong with it?").fill("somebody's address")
    page.locator("#report-dialog").get_by_role("button", name="Report").click()
    expect(page.locator("#status .notice")).to_have_count(1)
    page.wait_for_selector("[data-ready]")
    page.wait_for_load_state("networkidle")
    assert len([url for url in sent if url.endswith("/report/")]) == 1
    expect(page.locator("#status .notice")).to_have_count(1)


def test_a_store_that_hangs_does_not_stop_what_is_on_its_way(ana: Page) -> None:
    ana.evaluate(BUSY_STORE)
    submitted(ana, "s", "s")
    submitted(ana, "s", "s")
    until(ana, lambda: Annotation.objects.count() == 2, seconds=5)


def test_what_the_browser_does_not_keep_is_not_said_to_be_kept(ana: Page) -> None:
    ana.evaluate(FULL)
    ana.context.set_offline(True)
    press(ana, "1", "u", "g")
    status = ana.locator("[data-saved]")
    expect(status).to_contain_text("keep this page open")
    submitted(ana, "m", "2", "s")
    expect(status).to_contain_text("keep this page open")
    expect(status).not_to_contain_text("kept here")
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    ana.on("dialog", accept)
    ana.close(run_before_unload=True)
    ana.context.pages[0].wait_for_timeout(500)
    assert asked == ["beforeunload"]


def test_a_clock_that_is_put_back_does_not_change_the_order(ana: Page) -> None:
    ana.context.route("**/label/texts/", cut)
    ana.evaluate("const now = Date.now; window.shift = 0; Date.now = () => now() + shift")
    first = token(ana)
    submitted(ana, "s", "s")
    second = token(ana)
    ana.evaluate("shift = -2 * 3600e3")
    press(ana, "s", "s", "Control+Enter")
    until(ana, lambda: kept(ana) == ["outbox", "outbox"])
    context = ana.context
    killed(ana)
    context.unroute("**/label/texts/")
    page = opened(context.new_page())
    until(page, lambda: Annotation.objects.count() == 2)
    assert tokens() == [first, second]


@pytest.mark.parametrize("address", ["/label/", "/label/texts/"])
def test_a_clock_far_ahead_loses_no_draft_that_only_the_browser_had(
    ana: Page, address: str
) -> None:
    ana.context.route("**/draft/", cut)
    press(ana, "1", "u", "g", "m")
    until(ana, lambda: kept(ana) == ["draft"])
    context = ana.context
    killed(ana)
    Slot.objects.filter(state=SlotState.LEASED).update(expires_at="2020-01-01T00:00Z")
    holding.expire_leases()
    context.unroute("**/draft/")
    page = context.new_page()
    page.clock.set_system_time(timezone.now() + timedelta(days=400))
    page.goto(address)
    until(page, lambda: kept(page) == [])
    assert Draft.objects.get().answers["categories"] == {"a": ["Drugs"]}


def test_a_clock_far_ahead_loses_nothing_at_signing_out(ana: Page) -> None:
    ana.context.route("**/draft/", cut)
    press(ana, "1", "u", "g", "m")
    until(ana, lambda: kept(ana) == ["draft"])
    ana.clock.set_system_time(timezone.now() + timedelta(days=400))
    ana.goto("/help/")
    ana.locator("details.menu summary").click()
    ana.get_by_role("button", name="Sign out").first.click()
    expect(ana.get_by_text("Not sent yet: 1. They stay")).to_be_visible(timeout=20_000)
    assert kept(ana) == ["draft"]


# --- Drafts of what lies behind, and large ones


def test_the_draft_of_the_one_behind_is_there_after_a_reload(ana: Page) -> None:
    waiting = first_hangs(ana)
    first = token(ana)
    submitted(ana, "1", "u", "g", "m", "2", "s")
    second = token(ana)
    press(ana, "1", "u", "w", "v")
    until(ana, lambda: Draft.objects.filter(token=second).exists())
    named = {"X-Annotator": waiting[0].request.headers["x-annotator"]}
    refusal = {"message": "It does not fit.", "problems": [], "objections": []}
    waiting[0].fulfill(status=422, headers=named, json=refusal)
    ana.get_by_role("button", name="Go to it").click()
    assert token(ana) == first
    arrived(ana)
    opened(ana)
    assert token(ana) == first
    submitted(ana)
    assert token(ana) == second
    assert ana.evaluate(SHOWN) == ["a-safe=false", "a-categories=Violence", "a-severity=3"]


def test_a_text_within_its_limit_is_kept_and_taken(enter: SignIn) -> None:
    dataset = build.dataset("correction", slug="corrections")
    cast(dataset)
    build.items(2, dataset, says=("The hinge pins.",))
    build.campaign(dataset)
    page = opened(enter("ana"), "corrections")
    press(page, "F2", "Control+a")
    page.keyboard.insert_text("好" * 100_000)
    arrived(page)
    assert Draft.objects.count() == 1
    press(page, "Control+Enter")
    until(page, lambda: Annotation.objects.count() == 1)
    assert "好" * 100_000 in str(Annotation.objects.get().answers)


def test_the_end_of_a_lease_is_said_once(enter: SignIn) -> None:
    texts(2)
    page = opened(enter("ana"))
    Slot.objects.filter(state=SlotState.LEASED).update(expires_at="2020-01-01T00:00Z")
    holding.expire_leases()
    for key in ("1", "u", "g", "m", "d", "v"):
        press(page, key)
        page.wait_for_timeout(600)
    expect(page.locator("#status .notice")).to_have_count(1)
