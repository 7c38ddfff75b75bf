"""Drafts over the door: kept, restored, and shown to a page that has not seen them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from annotation import assigning, drafts
from annotation.models import Draft
from tests.annotation.views.at_the_page import PAGE, AtThePage


class TestDrafts(AtThePage):
    def test_a_draft_is_kept_and_restored(self) -> None:
        self.shown()
        token = self.slot().token
        kept = {"safe": {"a": False}, "severity": {"a": 3}}
        body = self.draft(token, answers=kept, reasons={"rule": "because"})
        taken = {"is_kept": True, "is_held": True, "elsewhere": None, "again": None}
        assert self.send("draft", body).json() == taken
        older = self.send("draft", body | {"revision": 3, "answers": {}}).json()
        assert older == taken | {"is_kept": False}
        html = self.shown().content.decode()
        assert 'name="a-severity" value="3" data-act="severity-3" checked' in html
        assert '"reasons": {"rule": "because"}, "revision": 4' in html
        assert drafts.load(self.ana, token).answers == kept  # type: ignore[arg-type, union-attr]

    def test_a_page_that_has_not_seen_a_draft_is_shown_it(self) -> None:
        self.shown()
        token = self.slot().token
        self.send("draft", self.draft(token, answers={"safe": {"a": True}}))
        said = self.send("draft", self.draft(token, page=uuid4(), revision=9)).json()
        assert (said["is_kept"], said["is_held"]) == (False, True)
        assert said["elsewhere"] == {
            "answers": {"safe": {"a": True}},
            "reasons": {},
            "revision": 4,
            "page": str(PAGE),
        }

    def test_a_draft_that_is_none_is_refused(self) -> None:
        self.shown()
        token = self.slot().token
        spoilt: dict[str, Any]
        for spoilt in (
            {"revision": "4"},
            {"revision": True},
            {"based_on": None},
            {"page": "x"},
            {"heir_of": "x"},
            {"answers": []},
            {"reasons": []},
            {"answers": {"x": "\x00"}},
        ):
            assert self.send("draft", self.draft(token, **spoilt)).status_code == 400
        assert Draft.objects.count() == 0

    def test_a_draft_for_what_somebody_else_holds_is_not_kept(self) -> None:
        theirs = assigning.leases(self.ben, self.campaign)[0]
        said = self.send("draft", self.draft(theirs.token)).json()
        assert said == {"is_kept": False, "is_held": False, "elsewhere": None, "again": None}
