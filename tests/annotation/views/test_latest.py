"""What somebody answered last: the newest twenty, each to be revised or, once closed, looked at."""

from __future__ import annotations

import re

from annotation.models import Annotation, Slot
from datasets_app.models import Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation.views.at_the_page import AtThePage

ROW = re.compile(r'href="/label/texts/revise/(\d+)/">(\w+)<')


class TestLatest(AtThePage):
    """Ana has answered 21 items, one after the other."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        build.items(18, cls.dataset)
        build.campaign(cls.dataset, overlap=2)
        slots = Slot.objects.filter(step="safety", number=1).order_by("pk")
        for slot in slots.select_related("item"):
            sides = (str(slot.item.first_id), str(slot.item.second_id))
            answers = {
                "safe": dict.fromkeys(sides, True),
                "severity": dict.fromkeys(sides, 0),
                "categories": {side: [] for side in sides},
            }
            build.counted(slot, cls.ana.pk, answers)

    def rows(self) -> list[tuple[int, str]]:
        """What the page links to, in its order, with the word of the link."""
        page = self.client.get("/label/").content.decode()
        return [(int(number), word) for number, word in ROW.findall(page)]

    def test_the_newest_twenty_stand_there_the_last_one_first(self) -> None:
        given = list(Annotation.objects.order_by("created_at", "pk").values_list("pk", flat=True))
        assert len(given) == 21
        assert [number for number, _word in self.rows()] == given[:0:-1]

    def test_an_open_one_is_to_be_revised_and_a_closed_one_to_be_looked_at(self) -> None:
        assert {word for _number, word in self.rows()} == {"Revise"}
        newest = Annotation.objects.latest("pk")
        Item.objects.filter(pk=newest.item_id).update(state=ItemState.SETTLED)
        first, *others = self.rows()
        assert first == (newest.pk, "Look")
        assert {word for _number, word in others} == {"Revise"}
