"""Labelling in Chinese, in a real Chromium that asks for it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from annotation.models import Annotation
from tests.browser.conftest import SignIn
from tests.browser.labelling_page import opened, press, submitted, texts
from tests.browser.looking import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LATIN = re.compile(r"[A-Za-z]{3,}")
NAMES = {"Castor", "ana", "Ctrl", "Texts", "English", "Esc", "Enter"}


def test_an_item_is_labelled_in_chinese(enter: SignIn) -> None:
    texts(asks="怎样折一只纸船？", says=("先对折。", "沿长边对折。"))
    page = opened(enter("ana", locale="zh-CN"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.locator("[data-heading]")).to_have_text("第 1 步，共 3 步：安全性")
    press(page, "Control+Enter")
    expect(page.locator("[data-rules]")).to_contain_text("还需回答：A: 安全吗？、B: 安全吗？")
    press(page, "1", "u", "g", "m")
    expect(page.get_by_role("checkbox", name="毒品").first).to_be_checked()
    assert faults(page) == []
    submitted(page, "2", "s")
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    assert Annotation.objects.get().answers["categories"]
    press(page, "?")
    expect(page.locator("#keys-dialog")).to_contain_text("跳过，并说明原因")
    seen = page.locator("body").inner_text()
    assert set(LATIN.findall(seen)) <= NAMES
    page.goto("/label/")
    page.get_by_label("语言", exact=True).select_option("en")
    page.get_by_role("button", name="修改").last.click()
    expect(page.get_by_role("heading", name="Label", exact=True)).to_be_visible()
