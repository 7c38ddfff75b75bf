"""Consent in a real Chromium: the curator asks, the annotator says yes, and takes it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Campaign, Slot, Wishes
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, texts, token
from tests.browser.looking import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def asks_for_violence(curator: Page, slug: str) -> None:
    curator.goto(f"/curate/{slug}/campaign/")
    budgets = curator.get_by_role("region", name="What one person sees and does")
    budgets.get_by_label("Violence and injury").check()
    budgets.get_by_role("button", name="Save").click()
    expect(curator.get_by_text("It holds from the next item on")).to_be_visible()
    expect(curator.get_by_label("Violence and injury")).to_be_checked()
    assert faults(curator) == []


def test_from_the_curators_form_to_the_yes_to_the_item_and_back(enter: SignIn) -> None:
    dataset, campaign = texts(2, machine_categories=["Violence"])
    asks_for_violence(enter("cora"), dataset.slug)
    assert Campaign.objects.get().needs_consent == ["violence"]

    ana = enter("ana")
    ana.goto(f"/label/{campaign.slug}/")
    expect(ana.get_by_text("given here only with your yes")).to_be_visible()
    assert faults(ana) == []
    ana.get_by_role("link", name="Choose what you say yes to").click()
    consent = ana.get_by_role("region", name="Only with your yes")
    expect(consent).to_be_in_viewport()
    expect(consent.get_by_text("asked by")).to_contain_text(campaign.name)
    assert faults(ana) == []
    consent.get_by_label("Violence and injury").check()
    consent.get_by_role("button", name="Save").click()
    expect(ana.get_by_text("It holds from the next item on")).to_be_visible()
    opened(ana)
    held = token(ana)
    assert Slot.objects.get(token=held).item.machine_categories == ["Violence"]

    other = ana.context.new_page()  # what the page in the first tab has goes back
    other.goto("/label/")
    other.get_by_label("Violence and injury").and_(other.locator("[name=wanted]")).uncheck()
    other.locator("#consent").get_by_role("button", name="Save").click()
    expect(other.get_by_text("It holds from the next item on")).to_be_visible()
    assert Wishes.objects.get().wanted == []
    assert not Slot.objects.exclude(state="open").exists()
    ana.bring_to_front()
    expect(
        ana.get_by_role("paragraph").filter(has_text="went back, because of what you said")
    ).to_be_visible()
