"""What is written at too much length, without a script: one clear line, and nothing is lost."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from annotation.models import Annotation, Slot
from tests import build
from tests.annotation.views.at_the_page import AtThePage
from tests.cast import cast

RULE = "override-severer_is_not_safer"
UNSAFE = {
    "a-safe": "false",
    "a-categories": ["Violence"],
    "a-severity": "3",
    "b-safe": "false",
    "b-categories": ["Violence"],
    "b-severity": "1",
}


def alert(html: str) -> str:
    """What the page says first."""
    return html.partition('role="alert"')[2].partition("</div>")[0]


class TestAReason(AtThePage):
    """Ana at the step that takes a reason: what she found worse is to be the safer one."""

    def setUp(self) -> None:
        super().setUp()
        self.shown()
        self.client.post(self.url("page"), self.form(**UNSAFE))
        found = Annotation.objects.get()
        worse = found.answers["severity"][str(found.item.first_id)] == 3
        Slot.objects.filter(step="helpful").delete()
        Slot.objects.exclude(item=found.item).delete()
        self.shown()
        slot = Slot.objects.get(annotator=self.ana, state="leased", item=found.item)
        self.safer = {"safer": "a" if worse != slot.flipped else "b"}
        self.fields = {"token": slot.token, "key": uuid4(), "step": "safer", **self.safer}

    def test_one_that_is_too_long_comes_back_with_one_line(self) -> None:
        reason = "It only quotes. " * 126  # 2,016 letters
        refused = self.client.post(self.url("page"), self.fields | {RULE: reason})
        assert refused.status_code == 422
        html = refused.content.decode()
        assert alert(html).count("A reason is at most 2,000 letters long.") == 1
        assert f'name="{RULE}" value="{reason.strip()}"' in html
        assert Annotation.objects.count() == 1

    def test_one_that_was_shortened_is_taken(self) -> None:
        taken = self.client.post(self.url("page"), self.fields | {RULE: "x" * 2_000})
        assert taken.status_code == 302
        assert Annotation.objects.latest("pk").overrides == {RULE.partition("-")[2]: "x" * 2_000}


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "is_taken"), [("好" * 100_001, False), ("好\r\n" * 50_000, True)])
def test_a_text_is_measured_as_it_is_kept(client: Client, text: str, is_taken: bool) -> None:
    dataset = build.dataset("correction", slug="corrections")
    ana = cast(dataset).ana
    build.item(dataset, says=("The hinge pins.",))
    build.campaign(dataset)
    client.force_login(ana)
    client.get("/label/corrections/")
    slot = Slot.objects.get(state="leased")
    form = {"token": slot.token, "key": uuid4(), "step": slot.step, "a-correction": text}
    answer = client.post("/label/corrections/", form)
    assert answer.status_code == (302 if is_taken else 422)
    assert Annotation.objects.exists() == is_taken
    if not is_taken:
        html = answer.content.decode()
        assert alert(html).count("The text has more than 100000 characters.") == 1
        assert text in html
