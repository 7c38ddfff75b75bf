"""Whatever happens to network, session, tabs and people: answers are kept, and said truly."""

from __future__ import annotations

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from annotation import drafts, holding, leaving
from annotation.models import Annotation, Campaign, Draft, Skip, Slot
from annotation.vocabulary import SlotState, Standing
from datasets_app import ledger
from datasets_app.models import Item, Membership
from datasets_app.vocabulary import ItemState
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    BUSY_STORE,
    KEPT,
    SHOWN,
    arrived,
    cut,
    kept,
    killed,
    opened,
    press,
    sign_out,
    submitted,
    texts,
    token,
    until,
    videos,
)
from tests.browser.looking import faults
from tests.browser.people import watch
from tests.cast import PASSWORD, as_annotator, cast, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The kinds of harm are lost from what is on its way.
SPOIL = """async () => {
  const opening = indexedDB.open("castor-labelling");
  const base = await new Promise((resolve) => {
    opening.onsuccess = () => resolve(opening.result);
  });
  const kept = base.transaction("kept", "readwrite").objectStore("kept");
  await new Promise((resolve) => {
    kept.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      const { value } = cursor;
      delete value.body.answers.categories;
      cursor.update(value).onsuccess = resolve;
    };
  });
  base.close();
}"""
VALUES = KEPT.replace("getAllKeys", "getAll").replace(
    'keys.map((key) => key.split("/")[1])', "keys"
)
# Whether one sees the middle of it.
ON_TOP = """(part) => {
  const { x, y, width, height } = part.getBoundingClientRect();
  return part.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


def becomes(page: Page, name: str | None, server: LiveServer) -> None:
    """Put somebody else's session into the browser, or none."""
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    if name is None:
        return
    client = Client()
    client.force_login(person(name))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])


# --- Signing out


def test_signing_out_anywhere_first_sends_what_is_not_sent(ana: Page) -> None:
    ana.context.route("**/label/texts/", cut)
    submitted(ana, "s", "s")
    ana.goto("/help/")
    assert kept(ana) == ["outbox"]
    ana.context.unroute("**/label/texts/")
    sign_out(ana)
    ana.wait_for_url("**/accounts/login/**")
    assert Annotation.objects.count() == 1
    assert kept(ana) == []


def test_what_cannot_be_sent_at_signing_out_is_said_and_kept(ana: Page) -> None:
    ana.context.route("**/label/texts/", cut)
    submitted(ana, "s", "s")
    ana.goto("/help/")
    sign_out(ana)
    expect(ana.get_by_text("Not sent yet: 1. They stay")).to_be_visible(timeout=20_000)
    assert "/help/" in ana.url
    ana.get_by_role("button", name="Sign out all the same").click()
    ana.wait_for_url("**/accounts/login/**")
    assert kept(ana) == ["outbox"]
    ana.context.unroute("**/label/texts/")
    ana.locator("input[name=login]").fill("ana")
    ana.get_by_label("Password", exact=True).fill(PASSWORD)
    ana.get_by_role("button", name="Sign in").click()
    ana.wait_for_url("**/label/")
    opened(ana)
    until(ana, lambda: Annotation.objects.count() == 1)
    until(ana, lambda: kept(ana) == [])


def test_signing_out_in_another_tab_empties_the_screen(ana: Page) -> None:
    press(ana, "u", "g")
    other = ana.context.new_page()
    other.goto("/label/")
    sign_out(other)
    other.wait_for_url("**/accounts/login/**")
    expect(ana.locator("[data-stage]")).to_be_empty(timeout=20_000)
    expect(ana.locator("#signing-in")).to_be_visible(timeout=20_000)
    assert Draft.objects.get().answers["safe"] == {"a": False}
    assert kept(ana) == []


# --- Other people


def test_nothing_is_sent_or_dropped_by_the_session_of_another_person(
    ana: Page, live_server: LiveServer
) -> None:
    ana.context.set_offline(True)
    submitted(ana, "s", "s")
    becomes(ana, "ben", live_server)
    ana.context.set_offline(False)
    expect(ana.get_by_text("Somebody else is signed in")).to_be_visible(timeout=20_000)
    assert kept(ana) == ["outbox"]
    assert not Annotation.objects.exists()
    bens = opened(ana.context.new_page())
    bens.wait_for_timeout(500)
    assert kept(bens) == ["outbox"]
    becomes(ana, "ana", live_server)
    until(ana, Annotation.objects.exists)
    assert Annotation.objects.get().annotator == as_annotator(person("ana"))
    until(ana, lambda: kept(ana) == [])


def test_what_a_proxy_says_settles_nothing(ana: Page) -> None:
    blocked = "**/label/texts/"

    def block(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=403, body="blocked by a proxy")
        else:
            route.continue_()

    ana.context.route(blocked, block)
    submitted(ana, "s", "s")
    expect(ana.get_by_text("turns your answers away (403)")).to_be_visible()
    assert kept(ana) == ["outbox"]
    ana.context.unroute(blocked)
    until(ana, lambda: Annotation.objects.count() == 1)
    expect(ana.get_by_text("turns your answers away (403)")).to_have_count(0)


def test_what_an_earlier_page_sent_and_is_refused_comes_back_with_its_answers(ana: Page) -> None:
    sent = token(ana)
    ana.context.route("**/label/texts/", cut)
    submitted(ana, "1", "u", "g", "m", "2", "s")
    ana.goto("/healthz")  # where nothing is sent
    ana.context.unroute("**/label/texts/")
    ana.evaluate(SPOIL)
    opened(ana)
    expect(ana.get_by_text("The one before could not be taken")).to_be_visible()
    expect(ana.locator("[data-stage] > *").first).to_be_visible()
    between = token(ana) != sent  # the refusal may have been quicker than the item ahead
    if between:
        submitted(ana, "1", "s", "2", "s")
    until(ana, lambda: token(ana) == sent)
    expect(ana.locator("input[name=a-severity][value='1']")).to_be_checked()
    assert ana.evaluate(SHOWN) == ["a-safe=false", "a-severity=1", "b-safe=true"]
    submitted(ana, "1", "g")
    until(ana, lambda: Annotation.objects.count() == 1 + between)


def test_what_comes_after_its_person_left_is_kept_as_late(ana: Page) -> None:
    ana.context.set_offline(True)
    submitted(ana, "s", "s")
    leaving.revoke(as_annotator(person("ana")), Campaign.objects.get(), by=None)
    assert not Membership.objects.filter(user=person("ana")).exists()
    ana.context.set_offline(False)
    expect(ana.locator("[data-stage]")).to_contain_text("You no longer take part", timeout=20_000)
    assert Annotation.objects.get().standing == Standing.LATE
    until(ana, lambda: kept(ana) == [])
    expect(ana.get_by_text("too late to count")).to_have_count(0)
    for act in ("[data-pause]", "[data-submit]", "[data-dialog=skip-dialog]"):
        expect(ana.locator(act)).to_be_hidden()
    assert faults(ana) == []
    ana.get_by_role("link", name="To the start page").click()
    ana.wait_for_url("**/label/")


# --- Two tabs


def two_tabs(ana: Page) -> Page:
    """A second tab with the same item, after the first one kept an answer on the server."""
    other = opened(ana.context.new_page())
    press(ana, "1", "u", "g", "m", "d", "v")
    arrived(ana)
    other.bring_to_front()
    press(other, "1", "s")
    expect(other.get_by_text("changed in another tab")).to_be_visible()
    expect(other.locator("[data-saved]")).to_contain_text("kept on this computer")
    assert Draft.objects.get().answers["severity"] == {"a": 3}
    return other


def test_a_tab_that_has_not_seen_the_other_is_told_and_can_take_over(ana: Page) -> None:
    other = two_tabs(ana)
    assert kept(other) == ["draft"]
    other.get_by_role("button", name="Keep what is here").click()
    arrived(other)
    assert Draft.objects.get().answers == {"safe": {"a": True}}
    assert kept(other) == []


def test_a_tab_that_has_not_seen_the_other_can_show_it(ana: Page) -> None:
    other = two_tabs(ana)
    side = other.locator(".pane.current")
    expect(side).to_have_attribute("data-pane", "b")
    other.get_by_role("button", name="Show the other").click()
    expect(other.locator("input[name=a-severity][value='3']")).to_be_checked()
    expect(side).to_have_attribute("data-pane", "b")  # where its person was
    until(other, lambda: kept(other) == [])
    press(other, "1", "d")
    arrived(other)
    assert Draft.objects.get().answers["severity"] == {"a": 2}


@pytest.mark.parametrize("size", [(1280, 800), (360, 740)])
def test_what_one_is_to_choose_is_in_sight_and_nothing_lies_over_it(
    ana: Page, size: tuple[int, int]
) -> None:
    other = two_tabs(ana)
    other.set_viewport_size({"width": size[0], "height": size[1]})
    other.evaluate("document.querySelector('[data-stage]').style.minHeight = '2000px'")
    other.evaluate("import('/static/js/status.js').then(({ say }) => say('x '.repeat(99)))")
    expect(other.get_by_text("x x x")).to_be_visible()
    for end in ("0", "document.body.scrollHeight"):
        other.evaluate(f"window.scrollTo(0, {end})")
        other.wait_for_timeout(100)
        for name in ("Keep what is here", "Show the other"):
            assert other.get_by_role("button", name=name).evaluate(ON_TOP), (name, end)
    assert faults(other) == []


def test_what_a_crash_left_is_offered_where_another_browser_went_on(
    ana: Page, enter: SignIn
) -> None:
    ana.context.route("**/draft/", cut)
    press(ana, "1", "u", "g", "v")
    expect(ana.locator("[data-saved]")).to_contain_text("kept on this computer")
    context = ana.context
    killed(ana)
    context.unroute("**/draft/")
    elsewhere = opened(enter("ana"))
    press(elsewhere, "1", "s")
    arrived(elsewhere)
    page = opened(context.new_page())
    expect(page.locator("input[name=a-safe][value=true]")).to_be_checked()
    page.get_by_role("button", name="Show the other").click()
    expect(page.locator("input[name=a-severity][value='3']")).to_be_checked()
    until(page, lambda: Draft.objects.get().answers.get("severity") == {"a": 3})
    until(page, lambda: kept(page) == [])


def test_a_reload_is_no_other_tab_though_its_last_words_come_late(ana: Page) -> None:
    ana.context.route("**/draft/", cut)
    press(ana, "1", "u", "g", "m")
    expect(ana.locator("[data-saved]")).to_contain_text("kept on this computer")
    last = ana.evaluate(VALUES)[0]
    context = ana.context
    killed(ana)
    page = opened(context.new_page())
    expect(page.locator("input[name=a-severity][value='1']")).to_be_checked()
    said = {name: last[name] for name in ("revision", "answers")}
    assert drafts.save(as_annotator(person("ana")), last["token"], page=last["page"], **said)
    context.unroute("**/draft/")
    press(page, "1", "d")
    arrived(page)
    assert Draft.objects.get().answers["severity"] == {"a": 2}
    expect(page.get_by_text("changed in another tab")).to_have_count(0)


def test_answers_are_said_to_wait_when_they_would_outlive_the_page(ana: Page) -> None:
    ana.evaluate(BUSY_STORE)
    ana.context.set_offline(True)
    with ana.expect_event("requestfailed"):
        submitted(ana, "1", "s", "2", "s")
    status = ana.locator("[data-saved]")
    ana.evaluate("() => new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)))")
    assert "waiting" not in status.inner_text()
    ana.evaluate("() => { window.isBusy = false; }")
    expect(status).to_contain_text("to be sent")
    ana.context.set_offline(False)
    arrived(ana)


# --- The session is over


def test_the_password_is_asked_for_in_place_and_then_everything_goes_out(
    ana: Page, live_server: LiveServer
) -> None:
    becomes(ana, None, live_server)
    held = token(ana)
    press(ana, "1", "u", "g")
    dialog = ana.locator("#signing-in")
    expect(dialog.get_by_text("Your session is over.")).to_be_visible()  # said at the draft
    expect(ana.locator("[data-saved]")).to_contain_text("kept on this computer")
    dialog.get_by_label("Password", exact=True).fill("a guess")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    arrived(ana)
    assert token(ana) == held
    assert Draft.objects.get().answers["categories"] == {"a": ["Drugs"]}
    submitted(ana, "m", "2", "s")
    until(ana, lambda: Annotation.objects.count() == 1)


def test_the_second_step_is_asked_for_in_place_too(ana: Page, live_server: LiveServer) -> None:
    totp.TOTP.activate(person("ana"), totp.generate_totp_secret())
    RecoveryCodes.activate(person("ana"))
    code = RecoveryCodes.activate(person("ana")).get_unused_codes()[0]
    becomes(ana, None, live_server)
    submitted(ana, "s", "s")
    dialog = ana.locator("#signing-in")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    dialog.locator("input[name=code]").fill(code)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    until(ana, lambda: Annotation.objects.count() == 1)


def test_who_does_not_sign_in_now_is_not_asked_over_and_over(
    ana: Page, live_server: LiveServer
) -> None:
    becomes(ana, None, live_server)
    submitted(ana, "s", "s")
    ana.locator("#signing-in").get_by_role("button", name="Not now").click()
    notice = ana.locator("#status")
    expect(notice.get_by_text("Your session is over.")).to_be_visible()
    ana.wait_for_timeout(2_500)
    expect(ana.locator("#signing-in")).to_be_hidden()
    notice.get_by_role("link", name="Sign in").click()
    expect(ana.locator("#signing-in")).to_be_visible()


def test_who_is_writing_is_asked_when_he_pauses(enter: SignIn, live_server: LiveServer) -> None:
    dataset = build.dataset("correction", slug="texts")
    cast(dataset)
    build.items(2, dataset, says=("The hinge pins.",))
    build.campaign(dataset)
    ana = opened(enter("ana"))
    becomes(ana, None, live_server)
    press(ana, "F2", "Control+End")
    ana.keyboard.type(" Ask")
    notice = ana.locator("#status")
    expect(notice.get_by_text("Your session is over.")).to_be_visible()
    ana.keyboard.type(" for the key.", delay=40)
    password = ana.locator("#signing-in").get_by_label("Password", exact=True)
    expect(password).to_be_hidden()
    expect(password).to_be_focused()
    expect(password).to_have_value("")
    ana.locator("#signing-in").get_by_role("button", name="Not now").click()
    expect(ana.locator("[data-words]")).to_have_value("The hinge pins. Ask for the key.")
    expect(ana.locator("[data-words]")).to_be_focused()
    ana.keyboard.type(" Now")
    notice.get_by_role("link", name="Sign in").click()
    expect(password).to_be_focused()


def test_the_end_of_the_session_is_said_where_its_form_cannot_be_loaded(
    ana: Page, live_server: LiveServer
) -> None:
    ana.context.route("**/signing_in.js", lambda route: route.fulfill(status=404))
    becomes(ana, None, live_server)
    submitted(ana, "s", "s")
    expect(ana.locator("#status").get_by_text("You are signed out.")).to_be_visible()


def test_who_has_no_password_signs_in_in_another_tab(
    enter: SignIn, live_server: LiveServer
) -> None:
    texts(6)
    ana = person("ana")
    ana.set_unusable_password()
    ana.save()
    page = opened(enter("ana"))
    becomes(page, None, live_server)
    press(page, "1", "u")
    expect(page.get_by_text("Sign in again in another tab")).to_be_visible()
    expect(page.locator("#signing-in")).to_have_count(0)
    becomes(page, "ana", live_server)
    submitted(page, "g", "m", "2", "s")
    until(page, lambda: Annotation.objects.count() == 1)


# --- Without a network


def test_an_item_is_skipped_without_a_network(ana: Page) -> None:
    ana.context.set_offline(True)
    before = token(ana)
    press(ana, "k")
    ana.get_by_label("It upsets me").check()
    ana.locator("#skip-dialog").get_by_role("button", name="Skip").click()
    until(ana, lambda: token(ana) != before)
    assert not Skip.objects.exists()
    ana.context.set_offline(False)
    until(ana, lambda: Skip.objects.filter(reason="upsetting").count() == 1)
    assert not Slot.objects.filter(token=before).exists()


def test_a_report_made_without_a_network_arrives(ana: Page) -> None:
    ana.context.set_offline(True)
    item = Slot.objects.get(token=token(ana)).item_id
    press(ana, "r")
    ana.get_by_label("What is wrong with it?").fill("somebody's address")
    ana.locator("#report-dialog").get_by_role("button", name="Report").click()
    expect(ana.locator("[data-saved]")).to_contain_text("to be sent")
    ana.context.set_offline(False)
    expect(ana.get_by_text("Nobody sees this item again")).to_be_visible(timeout=20_000)
    assert Item.objects.get(pk=item).state == ItemState.QUARANTINED


@pytest.mark.parametrize("act", ["Break", "As written ⇧T"])
def test_no_way_from_the_page_leads_into_an_error_without_a_network(ana: Page, act: str) -> None:
    press(ana, "1", "u", "g")
    ana.context.set_offline(True)
    ana.get_by_role("button", name=act).click()
    expect(ana.get_by_text("There is no connection now.")).to_be_visible()
    assert ana.evaluate(SHOWN) == ["a-safe=false", "a-categories=Drugs"]
    ana.context.set_offline(False)
    ana.get_by_role("button", name=act).click()
    ana.wait_for_url("**/break/" if act == "Break" else "**/label/texts/")


def revised(page: Page, *keys: str) -> None:
    counted = Annotation.objects.get(standing=Standing.COUNTED)
    page.goto(f"/label/texts/revise/{counted.pk}/")
    page.wait_for_selector("[data-ready]")
    press(page, *keys)


def test_a_second_thought_without_a_network_goes_out_later(ana: Page) -> None:
    submitted(ana, "s", "s")
    arrived(ana)
    revised(ana, "1", "u", "g", "m")
    expect(ana.locator("[data-saved]")).to_contain_text("kept on this computer")
    ana.context.set_offline(True)
    press(ana, "Control+Enter")
    expect(ana.locator("[data-stage]")).to_contain_text("to be sent")
    ana.context.set_offline(False)
    ana.wait_for_url("**/label/texts/")
    expect(ana.get_by_text("Your new answers stand")).to_be_visible()
    found = Annotation.objects.get(standing=Standing.COUNTED)
    assert False in found.answers["safe"].values()
    until(ana, lambda: kept(ana) == [])


def test_an_old_second_thought_does_not_cover_a_newer_answer(ana: Page, enter: SignIn) -> None:
    submitted(ana, "s", "s")
    arrived(ana)
    revised(ana, "1", "u", "g", "m")
    expect(ana.locator("[data-saved]")).to_contain_text("kept on this computer")
    elsewhere = enter("ana")
    revised(elsewhere, "1", "u", "w", "v")
    with elsewhere.expect_navigation(url="**/label/texts/"):
        press(elsewhere, "Control+Enter")
    revised(ana)
    assert ana.evaluate(SHOWN) == [
        *("a-safe=false", "a-categories=Violence", "a-severity=3", "b-safe=true")
    ]


def test_reasons_are_in_the_draft_of_another_browser_too(enter: SignIn) -> None:
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
    page.keyboard.type("the other tells the story")
    until(page, lambda: "the other tells the story" in str(Draft.objects.values_list("reasons")))
    other = opened(enter("ana"), "videos")
    reason = other.locator("input[name=override-pilot_spoke_for_the_other]")
    expect(reason).to_have_value("the other tells the story")


# --- Looking, and without script


def test_one_answers_while_one_looks(enter: SignIn) -> None:
    texts(3, machine_severity=2)
    page = opened(enter("ana"))
    shown = page.locator("[data-part=a] .revealed-text")
    page.keyboard.down("b")
    expect(shown).to_be_visible()
    press(page, "1", "u", "g")
    page.locator("label", has=page.locator("input[name=b-safe][value=true]")).click()
    page.wait_for_timeout(200)
    expect(shown).to_be_visible()
    assert page.evaluate(SHOWN) == ["a-safe=false", "a-categories=Drugs", "b-safe=true"]
    page.keyboard.up("b")
    expect(shown).to_have_count(0)


def test_without_a_script_there_are_no_dead_buttons_and_an_item_can_be_given_back(
    enter: SignIn,
) -> None:
    texts(3)
    page = enter("ana", java_script_enabled=False)
    page.goto("/label/texts/")
    held = token(page)
    expect(page.get_by_role("button", name="Differences")).to_be_hidden()
    expect(page.get_by_role("button", name="Keys")).to_be_hidden()
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_text("It is given back.")).to_be_visible()
    assert not Slot.objects.filter(token=held).exists()


def test_without_a_script_no_answer_goes_to_another_item_on_the_way_back(enter: SignIn) -> None:
    texts(3)
    page = enter("ana", java_script_enabled=False)
    page.goto("/label/texts/")
    item = Slot.objects.get(token=token(page)).item_id
    unsafe = page.locator("input[name=a-safe][value=false]")
    page.locator("label", has=unsafe).click()
    page.goto("/help/")
    ledger.move([item], before=ItemState.OPEN, after=ItemState.WITHDRAWN, verb="withdraw")
    holding.expire_leases()
    page.go_back()
    assert Slot.objects.get(token=token(page)).item_id != item
    expect(unsafe).not_to_be_checked()
