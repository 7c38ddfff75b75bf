"""The labelling page over crashes, the back button and long reading: nothing is lost or doubled."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from annotation import holding
from annotation.models import Annotation, Draft, Slot
from annotation.vocabulary import SlotState
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import (
    arrived,
    kept,
    killed,
    opened,
    press,
    submitted,
    texts,
    token,
    until,
)
from tests.cast import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MINUTE = 60_000


@pytest.fixture
def ana(enter: SignIn) -> Page:
    """Ana at the first of four text pairs; leases last 20 minutes."""
    _dataset, campaign = texts()
    campaign.lease_minutes = 20
    campaign.save(update_fields=["lease_minutes"])
    return enter("ana")


def test_what_was_answered_is_there_after_a_crash(ana: Page) -> None:
    opened(ana)
    ana.context.route("**/draft/", lambda route: route.abort())  # the server has none of it
    held = token(ana)
    press(ana, "1", "u", "g", "v")
    expect(ana.locator("input[name=a-severity][value='3']")).to_be_checked()
    until(ana, lambda: kept(ana) == ["draft"])
    context = ana.context
    killed(ana)
    page = opened(context.new_page())
    assert token(page) == held
    expect(page.locator("input[name=a-severity][value='3']")).to_be_checked()
    assert not Draft.objects.exists()
    submitted(page, "2", "s")
    arrived(page)
    assert Annotation.objects.count() == 1


def test_what_was_submitted_without_a_network_survives_a_crash(ana: Page) -> None:
    opened(ana)
    ana.context.set_offline(True)
    submitted(ana, "1", "s", "2", "s")
    expect(ana.locator("[data-saved]")).to_contain_text("to be sent")
    context = ana.context
    killed(ana)
    context.set_offline(False)
    page = opened(context.new_page())
    arrived(page)
    assert Annotation.objects.count() == 1
    assert not Annotation.objects.filter(token=token(page)).exists()


def test_the_back_button_shows_what_is_to_be_done_and_sends_nothing_twice(ana: Page) -> None:
    opened(ana)
    done = token(ana)
    submitted(ana, "1", "s", "2", "s")
    arrived(ana)
    ana.goto("/label/")
    with ana.expect_response(lambda response: response.url.endswith("/ahead/")):
        ana.go_back()
    ana.wait_for_selector("[data-ready]")
    assert token(ana) != done
    assert Annotation.objects.count() == 1
    submitted(ana, "1", "s", "2", "s")
    arrived(ana)
    assert Annotation.objects.count() == 2


def test_an_item_that_is_being_read_stays_its_persons(ana: Page) -> None:
    ana.clock.install()
    opened(ana)
    before = {slot.pk: slot.expires_at for slot in Slot.objects.filter(state=SlotState.LEASED)}
    ana.mouse.move(200, 200)
    with ana.expect_response("**/extend/") as answer:
        ana.clock.run_for(5 * MINUTE + 1_000)
    assert answer.value.status == 200
    after = {slot.pk: slot.expires_at for slot in Slot.objects.filter(state=SlotState.LEASED)}
    assert after.keys() == before.keys()
    assert all(after[pk] > before[pk] for pk in before)  # type: ignore[operator]  # a lease has an end


def test_an_item_that_nobody_looks_at_is_not_kept_for_ever(ana: Page) -> None:
    ana.clock.install()
    opened(ana)
    ana.clock.run_for(9 * MINUTE)  # reading for less than half a lease counts as use
    asked: list[str] = []
    ana.on("request", lambda request: asked.append(request.url))
    ana.clock.run_for(60 * MINUTE)
    assert [url for url in asked if url.endswith("/extend/")] == []


def soonest() -> float:
    """In how many seconds the first of Ana's leases ends."""
    ends = Slot.objects.filter(state=SlotState.LEASED).values_list("expires_at", flat=True)
    return min((end - timezone.now()).total_seconds() for end in ends if end is not None)


def test_items_whose_page_was_left_go_to_others_soon(ana: Page) -> None:
    opened(ana)
    ana.goto("/label/")
    until(ana, lambda: 0 < soonest() <= holding.LEFT_SECONDS)  # nobody is told of what is sent last
    with ana.expect_response("**/extend/") as kept:
        opened(ana)
    assert kept.value.status == 200
    assert soonest() > holding.LEFT_SECONDS


def test_a_second_tab_keeps_what_the_first_one_leaves(ana: Page) -> None:
    opened(ana)
    other = opened(ana.context.new_page())
    with other.expect_response("**/extend/"):
        pass
    with other.expect_response("**/extend/"):
        ana.goto("/label/")
    assert soonest() > holding.LEFT_SECONDS


# --- What was begun


def pass_by(minutes: float) -> None:
    """So much time passes for what is held, then the sweep comes by."""
    ago = timedelta(minutes=minutes)
    held = Slot.objects.filter(state=SlotState.LEASED)
    held.update(expires_at=F("expires_at") - ago, leased_at=F("leased_at") - ago)
    holding.expire_leases()


@pytest.fixture
def writer(enter: SignIn) -> Page:
    """Ana at the one text that is to be corrected."""
    dataset = build.dataset("correction", slug="corrections")
    cast(dataset)
    build.items(1, dataset, says=("The hinge pins.",))
    build.campaign(dataset, overlap=2)
    return opened(enter("ana"), "corrections")


def write(page: Page, text: str) -> None:
    press(page, "F2", "Control+End")
    page.keyboard.type(text)


def written(page: Page) -> str:
    return page.locator("[data-words]").input_value()


def test_a_break_keeps_the_item_and_what_was_answered(ana: Page) -> None:
    opened(ana)
    press(ana, "1", "u", "g", "m")
    arrived(ana)
    held = token(ana)
    said: list[str] = []
    ana.on("request", lambda request: said.append(request.url.rsplit("/", 2)[-2]))
    ana.get_by_role("button", name="Break").click()
    ana.wait_for_url("**/break/")
    ana.wait_for_timeout(500)
    assert "leave" not in said
    pass_by(19)
    ana.get_by_role("link", name="Go on").click()
    ana.wait_for_selector("[data-ready]")
    assert token(ana) == held
    expect(ana.locator("input[name=a-severity][value='1']")).to_be_checked()


def test_what_was_begun_waits_for_who_comes_back_minutes_later(writer: Page) -> None:
    write(writer, " A long careful correction.")
    arrived(writer)
    held = token(writer)
    writer.goto("/help/")
    writer.wait_for_timeout(300)
    pass_by(5)
    opened(writer, "corrections")
    assert token(writer) == held
    assert written(writer).endswith("A long careful correction.")


def test_what_was_written_after_the_lease_was_over_is_there_with_the_next_one(writer: Page) -> None:
    held = token(writer)
    pass_by(24 * 60)
    write(writer, " Written after the night.")
    until(writer, lambda: "after the night" in str(Draft.objects.values_list("answers")))
    until(writer, lambda: kept(writer) == [])
    opened(writer, "corrections")
    assert token(writer) != held
    until(writer, lambda: written(writer).endswith("Written after the night."))
    press(writer, "F2", "Control+End")
    writer.keyboard.type(" And more.")
    until(writer, lambda: "And more" in str(Draft.objects.values_list("answers")))
    expect(writer.get_by_text("changed in another tab")).to_have_count(0)


def test_so_is_what_the_browser_alone_had(writer: Page) -> None:
    writer.context.route("**/draft/", lambda route: route.abort())
    write(writer, " Nobody else has it.")
    until(writer, lambda: kept(writer) == ["draft"])
    context = writer.context
    killed(writer)
    pass_by(24 * 60)
    context.unroute("**/draft/")
    page = opened(context.new_page(), "corrections")
    until(page, lambda: written(page).endswith("Nobody else has it."))
    until(page, lambda: kept(page) == [])


def test_signing_out_takes_nothing_away_that_was_written_after_the_lease(writer: Page) -> None:
    writer.context.route("**/draft/", lambda route: route.abort())
    pass_by(24 * 60)
    write(writer, " Written after the night.")
    until(writer, lambda: kept(writer) == ["draft"])
    writer.goto("/healthz")
    writer.context.unroute("**/draft/")
    writer.context.route("**/label/**", lambda route: route.abort())
    writer.goto("/help/")
    writer.locator("details.menu summary").click()
    writer.get_by_role("button", name="Sign out").first.click()
    expect(writer.get_by_text("Not sent yet: 1. They stay")).to_be_visible(timeout=20_000)
    assert kept(writer) == ["draft"]
    writer.context.unroute("**/label/**")
    writer.get_by_role("button", name="Sign out").first.click()
    writer.wait_for_url("**/accounts/login/**")
    assert kept(writer) == []
    assert "after the night" in str(Draft.objects.values_list("answers"))


def test_the_item_left_for_a_second_thought_is_kept(ana: Page) -> None:
    opened(ana)
    submitted(ana, "s", "s")
    arrived(ana)
    held = token(ana)
    press(ana, "z")
    ana.wait_for_url("**/revise/**")
    with ana.expect_response("**/extend/"):
        pass
    assert soonest() > holding.LEFT_SECONDS
    pass_by(3)
    ana.get_by_role("link", name="Leave it as it was").click()
    ana.wait_for_url("**/label/texts/")
    ana.wait_for_selector("[data-ready]")
    assert token(ana) == held


def test_what_the_browser_alone_had_outlives_the_panic_key(writer: Page) -> None:
    writer.context.route("**/draft/", lambda route: route.abort())
    write(writer, " A whole hour of work.")
    until(writer, lambda: kept(writer) == ["draft"])
    press(writer, "Escape", "Escape")
    expect(writer.get_by_text("Everything is gone from your screen")).to_be_visible()
    writer.context.unroute("**/draft/")
    opened(writer, "corrections")
    expect(writer.locator("[data-words]")).to_have_value(re.compile("A whole hour of work"))


def test_what_was_typed_just_before_the_panic_key_reaches_the_server(writer: Page) -> None:
    write(writer, " The last words.")
    press(writer, "Escape", "Escape")
    until(writer, lambda: "The last words" in str(Draft.objects.values_list("answers")))
    until(writer, lambda: not Slot.objects.filter(state=SlotState.LEASED).exists())
    until(writer, lambda: kept(writer) == [])


def test_back_stays_where_the_one_before_was_refused(ana: Page) -> None:
    opened(ana)
    submitted(ana, "s", "s")
    arrived(ana)
    second = token(ana)
    named = {"X-Annotator": str(Slot.objects.get(token=second).annotator.key)}  # type: ignore[union-attr]  # leased
    said = json.dumps({"message": "It does not fit."})

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=422, headers=named, content_type="application/json", body=said)
        else:
            route.continue_()

    ana.context.route("**/label/texts/", refuse)
    submitted(ana, "1", "u", "g", "m", "2", "s")
    third = token(ana)
    press(ana, "z")
    expect(ana.get_by_text("It does not fit.")).to_be_visible()
    press(ana, "z")
    ana.wait_for_timeout(500)  # as long as leaving would take
    assert ana.url.endswith("/label/texts/")
    assert token(ana) == third
    ana.get_by_role("button", name="Go to it").click()
    assert token(ana) == second
