"""What a step holds of other answers: one's own that its rules read, and no more."""

from __future__ import annotations

import json

from django.http import HttpResponse

from annotation.models import Slot
from tests import build
from tests.annotation.views.at_the_page import AtThePage


class TestBlindness(AtThePage):
    def test_a_step_holds_nothing_of_the_other_steps_that_its_rules_do_not_read(self) -> None:
        """Negative control in the next test: what the rules do read is there."""
        item = self.items[0]
        helpful = Slot.objects.filter(item=item, step="helpful").order_by("number")[0]
        build.counted(helpful, self.ana.pk, {"better": str(item.first_id), "better_strength": 2})
        slot = self.safer_step_after_an_unsafe_first()
        earlier = json.loads(self.data(self.shown()))["sheet"]["earlier"]
        assert "better" not in earlier
        assert slot.step == "safer"

    def test_a_step_holds_ones_own_answers_that_its_rules_read(self) -> None:
        slot = self.safer_step_after_an_unsafe_first()
        earlier = json.loads(self.data(self.shown()))["sheet"]["earlier"]
        assert earlier["safe"] == {"a": slot.flipped, "b": not slot.flipped}

    def test_a_step_holds_nothing_that_somebody_else_answered(self) -> None:
        item = self.items[0]
        safety = Slot.objects.filter(item=item, step="safety").order_by("number")[0]
        first, second = str(item.first_id), str(item.second_id)
        build.counted(safety, self.ben.pk, {"safe": {first: False, second: True}})
        Slot.objects.exclude(item=item, step="safer").filter(state="open").delete()
        html = self.shown()
        assert json.loads(self.data(html))["sheet"]["earlier"] == {}
        assert first not in html.content.decode()

    def data(self, response: HttpResponse) -> str:
        html = response.content.decode()
        return html.partition('id="labelling-data"')[2].partition(">")[2].partition("</script")[0]
