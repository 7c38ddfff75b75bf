"""A check in a real Chromium: nothing tells it from an item, and nothing of it is published."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from annotation import campaigns, settling
from annotation.models import Annotation, Check, Pace
from annotation.vocabulary import CheckState, Standing
from datasets_app import versions
from datasets_app.recipe import Recipe
from tests.annotation import checked
from tests.annotation.answering import work
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import arrived, opened, submitted, texts, token
from tests.cast import as_annotator, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Every element of the page with the names of its attributes, and what its links and forms name.
OUTLINE = """() => [...document.querySelectorAll('main *')].map(e => [
    e.tagName, [...e.attributes].map(a => a.name).sort().join(' '), e.className,
    (e.getAttribute('href') ?? e.getAttribute('action') ?? '').replace(/[0-9a-f-]{36}|[0-9]+/g, '#')
].join('|'))"""


def test_a_check_looks_like_an_item_and_leaves_the_house_in_no_file(
    enter: SignIn, tmp_path: Path
) -> None:
    # The gold is moderate, as people found; of the others nobody knows anything yet.
    dataset, campaign = texts(2)
    campaigns.set_overlap(campaign, 1, by=None)
    (gold,) = checked.some_gold(checked.mixing(campaign))
    ana = as_annotator(person("ana"))
    # The two that are held at first are ordinary ones.
    Pace.objects.create(annotator=ana, campaign=campaign, wait=2)
    page = opened(enter("ana"))
    submitted(page, "s", "s")
    arrived(page)
    item = seen(page)
    submitted(page, "s", "s")
    arrived(page)
    assert Check.objects.get().state == CheckState.LEASED
    assert str(Check.objects.get().token) == token(page)
    assert seen(page) == item
    submitted(page, "s", "s")
    arrived(page)
    kept = Annotation.objects.get(standing=Standing.CHECK)
    assert kept.seconds is not None
    page.goto("/label/")
    assert page.get_by_role("link", name="Look").count() == 0

    Pace.objects.update(wait=1_000)
    work(ana, campaign)
    settling.settle(dataset)
    version = versions.cut(dataset, Recipe(), by=None)
    call_command("export", f"{dataset.slug}@1", format="records", to=str(tmp_path / "out"))
    written = b"".join(p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert version.refusals["held_back"] == 1
    assert version.size == 2
    assert gold.item.external_id.encode() not in written


def seen(page: Page) -> list[str]:
    """The page's outline, without what changes with every item."""
    found: list[str] = page.evaluate(OUTLINE)
    return found
