"""One's answers to look at: to which item, when, and by side only where there are two."""

from __future__ import annotations

from uuid import uuid4

from annotation.models import Check
from annotation.vocabulary import GoldPurpose
from datasets_app.models import Item
from datasets_app.protocols import protocol_named
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation import checked
from tests.annotation.views.at_the_page import SAFE, AtThePage
from tests.cast import as_annotator, cast

SIDES = "A and B are the sides at which you saw them."


class TestClosedAnswers(AtThePage):
    def looked_at(self) -> str:
        given = self.given()
        Item.objects.update(state=ItemState.SETTLED)
        return self.client.get(self.url("revise", given.pk)).content.decode()

    def test_they_say_of_which_item_they_are_as_the_list_does_and_show_no_more(self) -> None:
        page = self.looked_at()
        listed = self.client.get("/label/").content.decode()
        assert "closed, 8 words" in listed
        assert '<dt>Prompt</dt><dd class="muted">closed, 8 words</dd>' in page
        assert "<dt>Step</dt><dd>safety</dd>" in page
        assert "paper boat" not in page

    def test_when_they_were_given_is_said_in_a_sentence_of_its_own(self) -> None:
        assert ' Answered <time datetime="' in self.looked_at()

    def test_sides_are_named_only_where_there_are_two_responses(self) -> None:
        assert SIDES in self.looked_at()
        single = build.dataset("correction")
        cast(single)
        item = build.item(single)
        campaign = build.campaign(single)
        slot = campaign.slots.get(item=item, number=1)
        response = str(item.first_id)
        answers = {"correction": {response: {"unchanged": True, "text": "Answer."}}}
        given = build.counted(slot, as_annotator(self.cast.ana).pk, answers)
        Item.objects.update(state=ItemState.SETTLED)
        page = self.client.get(f"/label/{campaign.slug}/revise/{given.pk}/").content.decode()
        assert "Answered <time" in page
        assert SIDES not in page

    def test_nor_are_they_beside_what_was_expected(self) -> None:
        for protocol, fields, is_said in (
            ("pku_saferlhf", SAFE, True),
            ("beavertails", {"a-safe": "true"}, False),
        ):
            dataset = build.dataset(protocol)
            cast(dataset)
            campaign = build.campaign(dataset)
            step = protocol_named(campaign.protocol).steps[0].key
            ways = {"safe": {"0": True}, "categories": {"0": []}} if not is_said else None
            checked.some_gold(campaign, step=step, purpose=GoldPurpose.QUALIFICATION, answers=ways)
            address = f"/label/{campaign.slug}/qualify/"
            self.client.post(address, {"begin": "yes"})
            check = Check.objects.get(campaign=campaign)
            form = {"token": check.token, "key": uuid4(), "step": step, **fields}
            page = self.client.post(address, form, follow=True).content.decode()
            assert "What was expected" in page
            assert (SIDES in page) is is_said
