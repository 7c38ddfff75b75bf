"""What the labelling page shows, and what it is made of."""

from __future__ import annotations

import re
from pathlib import Path

from annotation.models import Slot
from annotation.page import modules
from datasets_app.vocabulary import Modality
from tests.annotation.views.at_the_page import AtThePage


class TestPage(AtThePage):
    def test_the_page_shows_both_responses_and_leases_one_item(self) -> None:
        html = self.shown().content.decode()
        item = self.slot().item
        assert item.first.text in html
        assert item.second is not None
        assert item.second.text in html
        assert Slot.objects.filter(annotator=self.ana).count() == 1

    def test_the_page_shows_the_same_item_when_it_is_opened_again(self) -> None:
        self.shown()
        token = self.slot().token
        self.shown()
        assert self.slot().token == token

    def test_the_first_response_stands_at_the_right_when_the_slot_is_flipped(self) -> None:
        html = self.shown().content.decode()
        slot = self.slot()
        left_is_first = html.index(slot.item.first.text) < html.index(slot.item.second.text)  # type: ignore[union-attr]  # a pair
        assert left_is_first != slot.flipped

    def test_the_page_names_every_module_that_its_script_is_made_of(self) -> None:
        folder = Path(modules.__file__).parents[1] / "static" / "annotation" / "js"
        some = [*modules.PLAYERS.values(), *modules.DRAWN_MODULES.values()]
        alone = (
            *(modules.PLAYING, modules.OWN_KEYS, modules.KEYS_PAGE),
            *(modules.LEAVING, modules.LEFT, modules.WAITING),
        )
        every = {
            *modules.MODULES,
            *modules.ON_DEMAND,
            *alone,
            *(name for names in some for name in names),
        }
        named = {Path(name).name for name in every if name.startswith("annotation/")}
        elsewhere = {"worker.js", "unreachable.js", "wishes.js"}  # of other pages, and of none
        assert named == {module.name for module in folder.glob("*.js")} - elsewhere
        imported = {
            name
            for module in folder.glob("*.js")
            for name in re.findall(r'from "../../(js/[\w.]+)"', module.read_text())
        }
        assert imported <= set(modules.MODULES)

    def test_what_plays_is_loaded_only_where_something_plays(self) -> None:
        shown = self.client.get(self.url("page")).content.decode()
        assert "annotation/js/labelling" in shown
        players = modules.PLAYERS[Modality.AUDIO]
        assert not any(name.removesuffix(".js") in shown for name in players)
