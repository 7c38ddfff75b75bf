"""How two texts are looked at: what differs between them, and scrolling together or apart."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Annotator
from datasets_app.models import Response
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, press, submitted
from tests.browser.looking import faults
from tests.cast import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BEFORE = "Fold the **long** side first.\n\nThen turn it."
AFTER = "Fold the **short** side first, slowly.\n\nThen turn it."


def pairs(page: Page, *says: tuple[str, str], severity: int = 0) -> Page:
    dataset = build.dataset(slug="texts")
    cast(dataset)
    for both in says:
        build.item(dataset, says=both, machine_severity=severity)
    build.campaign(dataset)
    return opened(page)


def marked(page: Page, side: str) -> list[str]:
    """The words marked at a side, without what is said to ears only."""
    found = page.locator(f"[data-part={side}] ins.only-here")
    only = (
        "mark => [...mark.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join('')"
    )
    return [found.nth(at).evaluate(only) for at in range(found.count())]


def side_of(page: Page, word: str) -> str:
    return "a" if word in page.locator("[data-part=a]").inner_text() else "b"


def test_what_differs_is_marked_on_demand_and_told_to_ears(enter: SignIn) -> None:
    page = pairs(enter("ana"), (BEFORE, AFTER), (BEFORE, BEFORE + "!"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    before = page.locator("[data-stage]").inner_html()
    press(page, "f")
    expect(page.locator("[data-saved]")).to_contain_text("Only in A:")
    left = side_of(page, "long")
    other = {"a": "b", "b": "a"}[left]
    assert marked(page, left) == ["long"]
    assert marked(page, other) == ["short", ", slowly"]
    read = page.locator(f"[data-part={left}] .prose").text_content() or ""
    assert "[only here: long end]" in " ".join(read.split())
    line, colour = page.locator("ins.only-here").first.evaluate(
        "mark => ['textDecorationLine', 'backgroundColor'].map((x) => getComputedStyle(mark)[x])"
    )
    assert line == "underline"  # not by colour alone
    assert colour != "rgba(0, 0, 0, 0)"
    assert [url.rsplit("/", 1)[1][:11] for url in asked] == ["differences"]  # loaded when asked for
    assert faults(page) == []
    press(page, "f")
    expect(page.locator("ins.only-here")).to_have_count(0)
    assert page.locator("[data-stage]").inner_html() == before
    press(page, "f")
    submitted(page, "1", "s", "2", "s")  # it stays on for the next
    expect(page.locator("ins.only-here")).to_have_count(1)


def test_what_is_covered_is_compared_only_while_it_is_in_sight(enter: SignIn) -> None:
    page = pairs(enter("ana"), (BEFORE, AFTER), severity=3)
    press(page, "f")
    expect(page.locator("[data-saved]")).to_have_text(
        "What is covered is not compared: reveal both first."
    )
    page.keyboard.down("b")
    expect(page.locator("ins.only-here")).to_have_count(3)
    page.keyboard.up("b")
    expect(page.locator("ins.only-here")).to_have_count(0)


@pytest.mark.parametrize(
    ("one", "other", "only_one", "only_other"),
    [
        ("the same", "the same", [], []),
        ("", "new", [], ["new"]),
        ("a b c d", "b c x d", ["a"], ["x"]),
        ("我喜欢猫", "我喜欢狗", ["猫"], ["狗"]),
        (" ".join("ab" * 2_000), " ".join("cb" * 2_000), ["a"] * 2_000, ["c"] * 2_000),
    ],
    ids=["same", "empty", "moved", "without spaces", "nothing alike"],
)
def test_differences_are_the_fewest_words(
    one: str, other: str, only_one: list[str], only_other: list[str], chromium_page: Page
) -> None:
    shown = chromium_page.evaluate(
        """async ([one, other]) => {
          const { show } = await import("/static/annotation/js/differences.js");
          const pane = (side) =>
            `<div data-pane="${side}"><div class="pane-body"><p class="prose"></p></div></div>`;
          document.querySelector("main").innerHTML = pane("a") + pane("b");
          const [a, b] = document.querySelectorAll(".prose");
          [a.textContent, b.textContent] = [one, other];
          show(document, { only_here: "", end_only_here: "" });
          return [a, b].map((p) => [...p.querySelectorAll("ins")].map((m) => m.textContent.trim()));
        }""",
        [one, other],
    )
    assert shown == [only_one, only_other]


@pytest.fixture
def chromium_page(enter: SignIn) -> Page:
    """Any page of ours, for trying a module in."""
    page = enter("dan")
    page.goto("/help/")
    return page


def test_texts_scroll_together_or_each_by_itself(enter: SignIn) -> None:
    long = "\n\n".join(f"{number}. Fold." for number in range(60))
    page = pairs(enter("ana", viewport={"width": 1280, "height": 700}), (long, long + "!"))
    heights = (
        "[...document.querySelectorAll('.pane-body')].map((b) => b.scrollHeight > b.clientHeight)"
    )
    assert page.evaluate(heights) == [False, False]
    press(page, "Shift+S")
    assert page.evaluate(heights) == [True, True]
    assert page.locator(".pane-body").first.get_attribute("tabindex") == "0"
    assert faults(page) == []
    opened(page)  # it is remembered
    assert page.evaluate(heights) == [True, True]
    assert Annotator.objects.get(user__username="ana").settings == {"apart": True}
    assert Response.objects.count() == 2


def test_a_key_of_ones_own_works_on_the_page_and_stands_on_its_cap(enter: SignIn) -> None:
    page = pairs(enter("ana"), (BEFORE, AFTER))
    page.goto("/label/settings/keys/")
    assert faults(page) == []
    page.get_by_label("skip, with a reason").focus()
    press(page, "F7")
    page.get_by_label("safe", exact=True).focus()
    press(page, "r")  # taken
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".problem").get_by_text("“r” is also the key for: report.")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("safe", exact=True).focus()
    press(page, "j")  # a category
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".problem").get_by_text("“j” picks a category")).to_be_visible()
    page.get_by_label("safe", exact=True).focus()
    press(page, "Z")
    page.get_by_label("to the question before").focus()
    press(page, "3")  # a point of a scale
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".problem").get_by_text("“3” picks a point of a scale.")).to_be_visible()
    page.get_by_label("to the question before").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your keys are kept.")).to_be_visible()
    opened(page)
    expect(page.locator("[data-dialog=skip-dialog] kbd")).to_have_text("F7")
    expect(page.locator(".chip.good kbd").first).to_have_text("⇧Z")
    press(page, "s", "k")  # what they were does nothing now
    assert page.locator("#answers input:checked").count() == 0
    press(page, "Shift+Z")
    expect(page.locator("input[name=a-safe][value=true]")).to_be_checked()
    press(page, "?")
    expect(page.locator(".key-list")).to_contain_text("F7 skip")
    page.locator("#keys-dialog").get_by_role("button", name="Close").click()
    press(page, "F7")
    expect(page.locator("#skip-dialog")).to_be_visible()
    note = page.get_by_label("A note")
    note.focus()
    page.keyboard.type("Zz")  # in a text field a key only writes
    expect(note).to_have_value("Zz")


def test_single_keys_can_be_switched_off(enter: SignIn) -> None:
    page = pairs(enter("ana"), (BEFORE, AFTER))
    page.goto("/label/settings/keys/")
    page.get_by_label("No single keys").check()
    page.get_by_role("button", name="Save").click()
    opened(page)
    press(page, "s", "g", "k", "f")
    assert page.locator("#answers input:checked, dialog[open], ins").count() == 0
    press(page, "Control+Enter")
    expect(page.locator("[data-rules]")).to_contain_text("Still to answer")
