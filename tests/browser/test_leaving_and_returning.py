"""The labelling page over crashes, the back button and long reading: nothing is lost or doubled."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from annotation import holding
from annotation.models import Annotation, Draft, Slot
from annotation.vocabulary import SlotState
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
    expect(ana.locator("[data-saved]")).to_contain_text("waiting to be sent")
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
