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
