"""How each person wants pictures and films: in grey, blurred when revealed, begun without sound."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Wishes
from annotation.vocabulary import Blur
from tests import build
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, store, videos
from tests.cast import as_annotator, cast, person
from tests.datasets_app.media.corpus import encoded, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MUTED = "[...document.querySelectorAll('[data-pane] video')].map((film) => film.muted)"
BLURS = {Blur.NONE: "none", Blur.LIGHT: "blur(6px)", Blur.STRONG: "blur(16px)"}
GREY = {
    Blur.NONE: "grayscale(1)",
    Blur.LIGHT: "grayscale(1) blur(6px)",
    Blur.STRONG: "grayscale(1) blur(16px)",
}


def covered_pictures() -> None:
    """One covered pair of pictures, in a campaign named `pictures`."""
    dataset = build.dataset("align_anything_t2i", slug="pictures", name="Pictures")
    cast(dataset)
    item = build.item(dataset, machine_severity=2)
    for response in (item.first, item.second):
        assert response is not None
        assert response.media is not None
        store(response.media, encoded(picture(640, 480), "PNG"))
    build.campaign(dataset)


def wished(**wishes: object) -> None:
    """Say what Ana wants."""
    Wishes.objects.update_or_create(annotator=as_annotator(person("ana")), defaults=wishes)


def look(page: Page, shown: str) -> str:
    """The filter that the browser computes for what is shown in pane A."""
    found: str = page.locator(f"[data-pane=a] {shown}").evaluate(
        "it => getComputedStyle(it).filter"
    )
    return found


def revealed(page: Page) -> None:
    """Keep open what is covered in pane A."""
    page.locator("[data-pane=a] [data-veil-keep]").click()
    expect(page.locator("[data-pane=a] .media.revealed")).to_have_count(1)


@pytest.mark.parametrize("blur", list(Blur))
def test_pictures_are_as_grey_and_as_blurred_as_the_person_wants(enter: SignIn, blur: Blur) -> None:
    covered_pictures()
    page = enter("ana")
    for is_grey, covered, shown in (
        (False, "none", BLURS[blur]),
        (True, "grayscale(1)", GREY[blur]),
    ):
        wished(blur=blur, greyscale=is_grey)
        opened(page, "pictures")
        assert look(page, "img") == covered  # the preview was blurred by the server
        revealed(page)
        assert look(page, "img") == shown


def test_a_blurred_picture_is_sharp_while_it_is_pressed(enter: SignIn) -> None:
    covered_pictures()
    wished(blur=Blur.STRONG)
    page = opened(enter("ana"), "pictures")
    revealed(page)
    page.locator("[data-pane=a] img").hover()
    assert look(page, "img") == BLURS[Blur.STRONG]
    page.mouse.down()
    assert look(page, "img") == "none"
    page.mouse.up()
    assert look(page, "img") == BLURS[Blur.STRONG]


def test_films_are_grey_and_blurred_like_pictures(enter: SignIn) -> None:
    videos(machine_severity=2)
    wished(blur=Blur.LIGHT, greyscale=True)
    page = opened(enter("ana"), "videos")
    assert look(page, "video") == "grayscale(1)"
    revealed(page)
    assert look(page, "video") == GREY[Blur.LIGHT]


@pytest.mark.parametrize(
    ("is_muted", "muted", "heard"),
    [(True, [True, True], ""), (False, [False, True], "a")],
    ids=["muted", "loud"],
)
def test_films_begin_without_sound_where_that_is_wanted_and_else_with_that_of_the_first(
    enter: SignIn, is_muted: bool, muted: list[bool], heard: str
) -> None:
    videos()
    wished(muted=is_muted)
    page = opened(enter("ana"), "videos")
    assert page.evaluate(MUTED) == muted
    expect(page.get_by_label("Sound")).to_have_value(heard)
