"""The rules in the browser: the same golden table that the server is held to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from datasets_app.protocols import PROTOCOLS

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "rules.json").read_text())
RULES = {
    key: [
        {
            "key": rule.key,
            "scope": rule.scope.value,
            "broken_when": rule.broken_when,
            "message": rule.message,
            "weight": rule.weight.value,
        }
        for rule in protocol.rules
    ]
    for key, protocol in PROTOCOLS.items()
}
SCRIPT = """async ({ expressions, rules, declared }) => {
  const { evaluate, brokenRules, worded } = await import("/static/js/rules.js");
  return {
    values: expressions.map((one) => evaluate(one.expression, one.answers, one.bound)),
    broken: rules.map(({ protocol, answers }) => brokenRules(declared[protocol], answers)),
    worded: worded({ message: "{x} before {y}", x: "a", y: "b" }),
  };
}"""


def test_the_browser_says_of_every_case_what_the_golden_table_says(
    chromium: Browser, live_server: LiveServer
) -> None:
    page = chromium.new_page(base_url=live_server.url)
    page.goto("/accounts/login/")
    said = page.evaluate(
        SCRIPT,
        {"expressions": GOLDEN["expressions"], "rules": GOLDEN["rules"], "declared": RULES},
    )
    page.close()
    for case, value in zip(GOLDEN["expressions"], said["values"], strict=True):
        assert json.dumps(value) == json.dumps(case["value"]), case["name"]
    for case, broken in zip(GOLDEN["rules"], said["broken"], strict=True):
        assert [[b["rule"], b["x"], b["y"]] for b in broken] == case["broken"], case["name"]
    assert said["worded"] == "A before B"
