"""What leads on or out of an item is in reach: on a phone, at double zoom, in a long item."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from annotation.models import Annotation, Slot
from annotation.vocabulary import SlotState
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, press, submitted, texts, until
from tests.browser.looking import DOUBLE_ZOOM, PHONE, faults
from tests.cast import cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "\n\n".join(f"{number}. Fold the long side." for number in range(60))
ON_A_PHONE = {
    "viewport": {"width": PHONE[0], "height": PHONE[1]},
    "has_touch": True,
    "is_mobile": True,
}
# What is pressed or filled in, is shown, and is less than 44 px high where a finger touches it.
TOO_SMALL = """() => {
  const acts = "button, select, [type=range], .button, .chip, .card-foot > a, .transport label";
  const height = (one) => {
    const { blockSize } = getComputedStyle(one, "::after");
    return Math.max(one.getBoundingClientRect().height, parseFloat(blockSize) || 0);
  };
  return [...document.querySelectorAll("main :is(" + acts + ")")]
    .filter((one) => one.checkVisibility() && height(one) < 43.5)
    .map((one) => one.outerHTML.slice(0, 100));
}"""


def sized(width: int, height: int) -> dict[str, dict[str, int]]:
    return {"viewport": {"width": width, "height": height}}


def is_in_sight(part: Locator) -> bool:
    """Whether all of it is in the window, with nothing over its middle."""
    seen: bool = part.evaluate("""(one) => {
      const { left, right, top, bottom } = one.getBoundingClientRect();
      const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
      return top >= 0 && bottom <= innerHeight && one.contains(over);
    }""")
    return seen


# --- Out of an item, and on from it


def test_a_tap_hides_everything_and_gives_the_items_back(enter: SignIn) -> None:
    texts(3, says=(LONG, LONG))
    page = opened(enter("ana", **ON_A_PHONE))
    hide = page.get_by_role("button", name="Hide all")
    assert is_in_sight(hide)
    page.evaluate("window.scrollTo(0, 1500)")  # deep in the text, too
    assert is_in_sight(hide)
    hide.tap()
    expect(page.get_by_text("Everything is gone from your screen")).to_be_visible()
    assert "Fold the long side" not in page.content()
    until(page, lambda: not Slot.objects.filter(state=SlotState.LEASED).exists())


@pytest.mark.parametrize("size", [PHONE, DOUBLE_ZOOM])
def test_skip_report_and_submit_are_in_sight_in_a_long_item(
    size: tuple[int, int], enter: SignIn
) -> None:
    texts(1, says=(LONG, LONG))
    page = opened(enter("ana", **sized(*size)))
    for down in (0, 700):
        page.evaluate(f"window.scrollTo(0, {down})")
        for name in ("Skip", "Report", "Submit"):
            part = page.locator("footer[data-foot]").get_by_text(name)
            assert is_in_sight(part), (name, down)
    assert faults(page) == []


def test_where_the_window_is_hardly_higher_than_the_bar_none_sticks(enter: SignIn) -> None:
    texts(1, says=(LONG, LONG))
    page = opened(enter("ana", **sized(320, 200)))
    assert not is_in_sight(page.locator("[data-submit]"))
    page.locator("[data-submit]").focus()
    assert is_in_sight(page.locator("[data-submit]"))


def test_what_is_rarely_used_is_folded_on_a_phone_and_still_works(enter: SignIn) -> None:
    texts(1, says=(LONG, LONG.replace("long", "short")))
    page = opened(enter("ana", **ON_A_PHONE))
    tools = page.locator("#tools")
    expect(page.get_by_role("button", name="Differences")).to_be_hidden()
    top = page.locator("[data-pane=a]").bounding_box()
    assert top is not None
    assert top["y"] < 340
    page.get_by_role("button", name="More").tap()
    for name in ("Differences", "Apart", "As written"):
        expect(tools.get_by_role("button", name=name)).to_be_visible()
    expect(tools.get_by_role("link", name="Guideline")).to_be_visible()
    expect(tools.get_by_role("button", name="Keys")).to_be_hidden()  # there are none to press
    assert faults(page) == []
    tools.get_by_role("button", name="Differences").tap()
    expect(page.locator("ins.only-here").first).to_be_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(tools.get_by_role("button", name="Differences")).to_be_visible()
    expect(page.get_by_role("button", name="More")).to_be_hidden()


# --- What keeps one from going on


@pytest.mark.parametrize("size", [PHONE, DOUBLE_ZOOM, (1280, 720)])
def test_what_is_missing_is_in_sight_with_the_question_that_it_names_first(
    size: tuple[int, int], enter: SignIn
) -> None:
    texts(1, says=(LONG, LONG))
    page = opened(enter("ana", **sized(*size)))
    page.locator("[data-submit]").click()
    assert is_in_sight(page.locator("[data-missing]"))
    assert is_in_sight(page.locator(".question.missing legend").first)
    assert is_in_sight(page.locator(".question.missing .chips").first)
    assert page.evaluate("document.activeElement.name") == "a-safe"


@pytest.mark.parametrize("size", [PHONE, DOUBLE_ZOOM])
def test_at_the_end_of_the_page_what_is_missing_does_not_cover_submit(
    size: tuple[int, int], enter: SignIn
) -> None:
    texts(1)
    page = opened(enter("ana", **sized(*size)))
    press(page, "Control+Enter")
    expect(page.locator("[data-missing]")).to_be_visible()
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    submit, said = page.locator("[data-submit]"), page.locator("[data-missing]").bounding_box()
    assert is_in_sight(submit)
    assert said is not None
    assert said["y"] + said["height"] <= top_of(submit)


def test_what_is_missing_and_what_asks_to_choose_stand_one_below_the_other(
    enter: SignIn,
) -> None:
    texts(1)
    ana = opened(enter("ana", **ON_A_PHONE))
    other = ana.context.new_page()
    opened(other)
    with ana.expect_response(lambda response: response.url.endswith("/draft/")):
        ana.locator("[name=a-safe][value=true]").check(force=True)
    with other.expect_response(lambda response: response.url.endswith("/draft/")):
        other.locator("[name=a-safe][value=false]").check(force=True)
    expect(other.locator("[data-elsewhere]")).to_be_visible()
    other.locator("[data-submit]").tap()
    said = [other.locator(name).bounding_box() for name in ("[data-missing]", "[data-elsewhere]")]
    upper, lower = (box for box in said if box is not None)
    assert upper["y"] + upper["height"] <= lower["y"]
    for name in ("Keep what is here", "Show the other"):
        assert is_in_sight(other.locator("[data-elsewhere]").get_by_role("button", name=name))


def test_on_a_narrow_phone_the_first_question_that_is_missing_is_below_the_row_at_the_top(
    enter: SignIn,
) -> None:
    page = at_step("respects", enter("ana", **ON_A_PHONE | sized(320, 640)))
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    page.locator("[data-submit]").tap()
    assert is_in_sight(page.locator(".question.missing legend").first)
    assert is_in_sight(page.locator(".question.missing .chips").first)
    hide, more = (page.get_by_role("button", name=name) for name in ("Hide all", "More"))
    assert top_of(hide) == top_of(more)  # in one row


def test_two_rows_at_the_top_cover_no_question_either(enter: SignIn) -> None:
    page = at_step("respects", enter("ana", **ON_A_PHONE | sized(320, 640)))
    page.locator("[data-today]").evaluate("count => { count.textContent = '100,000 today'; }")
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    page.locator("[data-submit]").tap()
    hide, more = (page.get_by_role("button", name=name) for name in ("Hide all", "More"))
    assert top_of(hide) < top_of(more)
    assert is_in_sight(page.locator(".question.missing legend").first)


def test_what_is_said_beside_submit_moves_it_not(enter: SignIn) -> None:
    texts(1)
    page = opened(enter("ana", **sized(*DOUBLE_ZOOM)))
    submit, status = page.locator("[data-submit]"), page.locator("[data-saved]")
    expect(status).to_be_empty()
    before = submit.bounding_box()
    with page.expect_response(lambda response: response.url.endswith("/draft/")):
        press(page, "1", "s")
    status.evaluate("line => { line.textContent = 'A warning of some length. '.repeat(3); }")
    after = submit.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] == before["x"]
    assert is_in_sight(submit)


def top_of(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["y"]


def at_step(step: str, page: Page) -> Page:
    """Two long texts at that step of theirs, or at those that go on from it."""
    dataset = build.dataset("align_anything_t2t", slug="texts")
    cast(dataset)
    build.items(1, dataset, says=(LONG, LONG))
    campaign = build.campaign(dataset)
    Slot.objects.filter(campaign=campaign).exclude(step__in=[step, "overall"]).delete()
    return opened(page)


def test_what_is_missing_is_named_in_the_order_of_the_page_and_not_all_of_it(
    enter: SignIn,
) -> None:
    page = at_step("respects", enter("ana"))
    press(page, "Control+Enter")
    # Ratings of A stand before the choices between both.
    expect(page.locator("[data-missing]")).to_have_text(
        "Still to answer: A: Follows the prompt, A: True to the world, A: Clear, and 12 more"
    )
    assert page.evaluate("document.activeElement.name").startswith("a-prompt_following")


def test_a_missing_text_gets_the_focus(enter: SignIn) -> None:
    page = at_step("feedback", enter("ana"))
    press(page, "Control+Enter")
    assert page.evaluate("document.activeElement.name") == "a-critique"


# --- The one question of a comparison


def comparison(page: Page) -> Page:
    """Two long texts, of which is asked only which helps more."""
    _dataset, campaign = texts(2, says=(LONG, LONG))
    Slot.objects.filter(campaign=campaign).exclude(step="helpful").delete()
    return opened(page)


def test_the_only_question_of_a_comparison_is_in_sight_and_a_key_moves_nothing(
    enter: SignIn,
) -> None:
    page = comparison(enter("ana", **sized(1280, 800)))
    question = page.locator("[data-verdict] .question")
    assert is_in_sight(question)
    assert is_in_sight(page.locator("[data-submit]"))
    press(page, "ArrowLeft", "=")
    assert page.evaluate("scrollY") == 0
    press(page, "Control+Enter")
    until(page, lambda: Annotation.objects.exists())


def test_a_choice_with_a_text_beside_it_is_in_sight_as_well(enter: SignIn) -> None:
    page = at_step("respects", enter("ana", **sized(1280, 800)))
    for answer in page.locator(".question :is([value='0'], [value=tie])").all():
        answer.check(force=True)
    submitted(page)
    expect(page.locator("[data-heading]")).to_contain_text("overall")
    assert is_in_sight(page.locator("[data-verdict] [data-kind=choice]"))
    press(page, "F2")
    page.keyboard.type("One line.\n" * 30)
    assert is_in_sight(page.locator("[data-verdict] [data-kind=choice]"))
    assert is_in_sight(page.locator("[data-words]"))


def test_where_several_things_are_asked_none_lies_over_the_item(enter: SignIn) -> None:
    page = at_step("respects", enter("ana", **sized(1280, 800)))
    assert not is_in_sight(page.locator("[data-verdict] .question").first)


def test_a_rule_that_is_broken_is_said_above_the_bar_and_below_the_question(
    enter: SignIn,
) -> None:
    page = comparison(enter("ana", **sized(1280, 800)))
    press(page, "Control+Enter")
    question, said, bar = (
        page.locator(selector).bounding_box()
        for selector in ("[data-verdict]", "[data-missing]", "footer[data-foot]")
    )
    assert question is not None
    assert said is not None
    assert bar is not None
    assert question["y"] + question["height"] <= said["y"]
    assert said["y"] + said["height"] <= bar["y"]


def test_the_frame_around_a_side_ends_at_the_bar(enter: SignIn) -> None:
    texts(1, says=(LONG, LONG))
    page = opened(enter("ana", **sized(1280, 800)))
    bar = page.locator("footer[data-foot]").bounding_box()
    assert bar is not None
    left, top, height = bar["x"] - 4, bar["y"] + 4, bar["height"] - 4
    beside = page.screenshot(clip={"x": left, "y": top, "width": 4, "height": height})
    (darkest, lightest) = Image.open(io.BytesIO(beside)).convert("L").getextrema()
    assert darkest == lightest


# --- Fingers


@pytest.mark.parametrize("protocol", ["safesora", "pku_saferlhf", "beavertails_v"])
def test_everything_that_is_touched_on_the_page_is_as_large_as_a_finger(
    protocol: str, enter: SignIn
) -> None:
    dataset = build.dataset(protocol, slug="texts")
    cast(dataset)
    build.items(1, dataset, machine_severity=3)
    build.campaign(dataset)
    page = opened(enter("ana", **ON_A_PHONE))
    page.get_by_role("button", name="More").tap()
    assert page.evaluate(TOO_SMALL) == []


def test_everything_that_is_touched_on_the_start_page_is_as_large_as_a_finger(
    enter: SignIn,
) -> None:
    texts(1)
    page = enter("ana", **ON_A_PHONE)
    page.goto("/label/")
    page.locator(".wishes summary").tap()
    assert page.evaluate(TOO_SMALL) == []


def test_keys_are_listed_where_one_touches_and_only_there(enter: SignIn) -> None:
    texts(1)
    page = enter("ana", **ON_A_PHONE)
    page.goto("/label/settings/keys/")
    expect(page.locator("tbody tr").first.locator("kbd")).to_be_visible()
    opened(page)
    expect(page.locator("[data-submit] kbd, .chip kbd")).not_to_have_count(0)
    for cap in page.locator("[data-submit] kbd, .chip kbd").all():
        expect(cap).to_be_hidden()
