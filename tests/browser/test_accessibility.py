"""Every page for everybody: both themes, a phone, double zoom, any direction of writing."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from annotation.models import Annotation, Campaign, Measure
from annotation.vocabulary import CampaignState, GoldPurpose
from datasets_app import invitations
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState, Role
from tests import build
from tests.annotation import checked
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import arrived, opened, press, submitted, texts, token
from tests.browser.looking import faults
from tests.cast import as_annotator, cast, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GUIDELINE = "# How to judge\n\n1. Read both.\n2. See [the source](https://example.org).\n\n`code`\n"


def campaign_of(protocol: str, **fields: Any) -> Campaign:
    dataset = build.dataset(protocol, slug=protocol.replace("_", "-"))
    cast(dataset)
    build.items(2, dataset, **fields)
    return build.campaign(dataset, guideline=GUIDELINE)


def test_the_ways_in_are_for_everybody(enter: SignIn) -> None:
    page = enter("dan")
    found = {}
    for path in (
        "/",
        "/help/",
        "/label/",
        "/accounts/password/change/",
        "/accounts/email/",
        "/nothing/",
    ):
        page.goto(path)
        found[path] = faults(page)
    page.context.clear_cookies()
    for path in ("/accounts/login/", "/accounts/password/reset/"):
        page.goto(path)
        found[path] = faults(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    "protocol",
    [
        *("pku_saferlhf", "beavertails_v", "safesora", "correction", "system_message"),
        *("align_anything_t2a", "align_anything_t2i", "align_anything_t2v", "align_anything_ti2ti"),
        *("mm_deception", "tree", "beavertails"),
    ],
)
def test_the_labelling_page_is_for_everybody(protocol: str, enter: SignIn) -> None:
    campaign_of(protocol, machine_severity=2)
    page = opened(enter("ana"), protocol.replace("_", "-"))
    press(page, "u", "Control+Enter")  # with what is missing named and marked
    assert faults(page) == []


def test_the_annotators_other_pages_are_for_everybody(enter: SignIn) -> None:
    _dataset, campaign = texts()
    checked.some_gold(campaign, purpose=GoldPurpose.QUALIFICATION)
    page = opened(enter("ana"))
    found = {}
    for key, dialog in (("?", "#keys-dialog"), ("k", "#skip-dialog"), ("r", "#report-dialog")):
        press(page, key)
        expect(page.locator(dialog)).to_be_visible()
        found[dialog] = faults(page)
        page.locator(dialog).evaluate("dialog => dialog.close()")
    page.locator(".hint").first.click()
    found["hint"] = faults(page)
    submitted(page, "1", "s", "2", "s")
    arrived(page)
    for path in (
        "/label/?wishes=open",
        "/label/settings/keys/",
        "/label/texts/guideline/",
        "/label/texts/qualify/",
        f"/label/texts/skip/?token={token(page)}",
        f"/label/texts/revise/{Annotation.objects.get().pk}/",
    ):
        page.goto(path)
        found[path] = faults(page)
    Item.objects.update(state=ItemState.SETTLED)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your answers")
    found["closed"] = faults(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_the_pages_between_items_are_for_everybody_and_tell_the_time_where_one_is(
    enter: SignIn,
) -> None:
    texts()
    page = opened(enter("ana", timezone_id="Asia/Shanghai"))
    found = {}
    page.locator("[data-pause] button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A break")
    found["break"] = faults(page)
    Campaign.objects.update(daily_answers=1)
    # The page is left for what the server says now.
    submitted(opened(page), "1", "s", "2", "s")
    expect(page.get_by_role("heading", level=1)).to_have_text("Enough for today")
    # The day ends at midnight by UTC.
    expect(page.locator("time[data-local]")).to_contain_text("8:00")
    found["resting"] = faults(page)
    Campaign.objects.update(state=CampaignState.CLOSED, daily_answers=None)
    page.goto("/label/texts/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    found["closed"] = faults(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_the_pages_of_curator_and_moderator_are_for_everybody(enter: SignIn) -> None:
    dataset, campaign = texts()
    build.item(dataset, state=ItemState.QUARANTINED, machine_severity=3)
    disputed = build.item(dataset, state=ItemState.DISPUTED)
    (gold,) = checked.some_gold(campaign)
    ana = as_annotator(person("ana"))
    invitations.invite(dataset, role=Role.ANNOTATOR, by=person("cora"))
    heard = {"safe": {"no": {"no": 3}, "yes": {"yes": 2, "no": 1}}}
    Measure.objects.create(annotator=ana, campaign=campaign, group="safety", confusion=heard)
    page = enter("cora")
    found = {}
    for path in (
        *("", "items/", f"items/{disputed.pk}/", "disputes/", "versions/"),
        *("people/", f"people/{ana.key}/", "campaign/", "gold/", f"gold/{gold.pk}/"),
    ):
        page.goto(f"/curate/texts/{path}")
        found[path] = faults(page)
    page = enter("mo")
    for path in ("/moderate/", "/moderate/texts/"):
        page.goto(path)
        found[path] = faults(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_what_is_wrong_with_a_page_is_found(enter: SignIn) -> None:
    """The negative control: faults put into a sound page are all named."""
    page = enter("dan")
    page.goto("/help/")
    page.evaluate("""() => {
      const main = document.querySelector("main");
      main.append(document.createElement("input"));
      const pale = document.createElement("p");
      pale.textContent = "hardly to be read";
      pale.style.setProperty("color", "light-dark(#eee, #333)");
      const wide = document.createElement("p");
      wide.textContent = "cut off";
      wide.style.setProperty("width", "700px");
      main.append(pale, wide);
    }""")
    found = " ".join(faults(page))
    for fault in (
        "label:",
        "color-contrast:",
        "dark: color-contrast:",
        "beyond 360 px",
        "beyond 640",
    ):
        assert fault in found


ARABIC = "كيف أطوي قارباً من ورق؟ ABC"


def test_what_is_written_from_right_to_left_stays_in_its_place(enter: SignIn) -> None:
    dataset = build.dataset(slug="texts", name="Texts")
    cast(dataset)
    build.item(dataset, asks=ARABIC, says=(f"{ARABIC}\n\n- {ARABIC}", "It folds (in half)."))
    build.campaign(dataset)
    page = opened(enter("ana"))
    direction = "element => getComputedStyle(element).direction"
    texts_shown = page.locator("[data-part=prompt-text] [dir=auto], .pane-body > [dir=auto]")
    shown = [texts_shown.nth(at).evaluate(direction) for at in range(texts_shown.count())]
    assert sorted(shown) == ["ltr", "rtl", "rtl"]
    for around in ("html", "[data-pane=a]", "[data-pane=a] .pane-head", "#answers .chip"):
        assert page.locator(around).first.evaluate(direction) == "ltr"
    assert faults(page) == []
    submitted(page, "1", "s", "2", "s")
    arrived(page)
    page.goto("/label/")
    # In a line of the page's own, what it quotes turns nothing around.
    assert page.locator("td.asked bdi").evaluate(direction) == "rtl"
    assert page.locator("td.asked").evaluate(direction) == "ltr"
