"""The page when nothing is left, or the campaign is closed."""

from __future__ import annotations

from uuid import uuid4

from annotation import closing
from annotation.models import Annotation, Check, Slot
from annotation.vocabulary import Standing
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests.annotation.views.at_the_page import SAFE, AtThePage


class TestNothingToDo(AtThePage):
    def test_the_page_says_when_there_is_nothing_left(self) -> None:
        Slot.objects.all().delete()
        Item.objects.update(state=ItemState.SETTLED)
        assert "Nothing to do here now" in self.shown().content.decode()
        assert self.send("ahead", {}).json() == {"ahead": [], "held": []}

    def test_the_page_says_when_the_campaign_is_closed(self) -> None:
        closing.close(self.campaign, by=None, reason="x")
        assert "This campaign is closed" in self.shown().content.decode()
        assert self.send("ahead", {}).json()["is_closed"] is True
        assert "This campaign is closed" in self.client.get(self.url("qualify")).content.decode()
        self.client.post(self.url("qualify"), {"begin": "1"})
        assert not Check.objects.exists()
        assert self.client.get("/label/").context["cards"] == []

    def test_so_it_does_in_chinese(self) -> None:
        closing.close(self.campaign, by=None, reason="x")
        page = self.client.get(self.url("page"), headers={"accept-language": "zh-hans"})
        assert "此任务已关闭" in page.content.decode()

    def test_what_comes_after_it_was_closed_is_kept_and_its_page_says_so_in_one_line(self) -> None:
        form = self.form(**SAFE)
        body = {"token": form["token"], "key": uuid4(), "answers": {"safe": {"a": True, "b": True}}}
        closing.close(self.campaign, by=None, reason="x")
        page = self.client.post(self.url("page"), form, follow=True).content.decode()
        assert page.count("came too late to count") == 1
        said = self.send("page", body).json()
        assert (said["done"]["standing"], said["is_closed"], said["held"]) == ("late", True, [])
        assert set(Annotation.objects.values_list("standing", flat=True)) == {Standing.LATE}
