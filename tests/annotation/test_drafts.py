"""Drafts: kept for who holds the item, the newest wins, and nothing odd gets in."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import TestCase

from annotation import assigning, drafts, holding
from annotation.models import Annotator, Campaign, Draft
from tests import build
from tests.annotation.weakening import weakened
from tests.cast import as_annotator, cast

PAGE, OTHER = uuid4(), uuid4()


def loaded(annotator: Annotator, token: UUID) -> tuple[int, dict[str, Any]]:
    draft = drafts.load(annotator, token)
    assert draft is not None
    return draft.revision, draft.answers


class TestDrafts(TestCase):
    ana: Annotator
    ben: Annotator
    campaign: Campaign
    token: UUID

    @classmethod
    def setUpTestData(cls) -> None:
        dataset = build.dataset()
        people = cast(dataset)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        build.item(dataset)
        cls.campaign = build.campaign(dataset)

    def setUp(self) -> None:
        self.token = assigning.leases(self.ana, self.campaign)[0].token

    def test_what_was_kept_is_loaded(self) -> None:
        assert drafts.save(
            self.ana, self.token, page=PAGE, revision=1, answers={"safe": {"a": True}}
        )
        assert loaded(self.ana, self.token) == (1, {"safe": {"a": True}})

    def test_the_newest_revision_wins_whatever_the_order(self) -> None:
        drafts.save(self.ana, self.token, page=PAGE, revision=2, answers={"better": "b"})
        assert not drafts.save(self.ana, self.token, page=PAGE, revision=1, answers={"better": "a"})
        assert not drafts.save(self.ana, self.token, page=PAGE, revision=2, answers={"better": "a"})
        assert loaded(self.ana, self.token) == (2, {"better": "b"})

    def test_without_a_look_at_the_revision_the_older_one_would_win(self) -> None:
        drafts.save(self.ana, self.token, page=PAGE, revision=2, answers={"better": "b"})
        newer = "AND annotation_draft.revision < excluded.revision"
        with weakened((drafts, "_SAVE"), guard=newer):
            assert drafts.save(self.ana, self.token, page=PAGE, revision=1, answers={"better": "a"})
        assert loaded(self.ana, self.token) == (1, {"better": "a"})

    def test_without_a_look_at_whose_it_is_anybody_would_draft(self) -> None:
        with weakened((drafts, "_SAVE"), guard="AND annotator_id = %(annotator)s"):
            assert drafts.save(self.ben, self.token, page=PAGE, revision=1, answers={})

    def test_nothing_is_kept_for_who_does_not_hold_the_item(self) -> None:
        assert not drafts.save(self.ben, self.token, page=PAGE, revision=1, answers={})
        assert not drafts.save(self.ana, uuid4(), page=PAGE, revision=1, answers={})
        assert not Draft.objects.exists()

    def test_nobody_reads_the_draft_of_another(self) -> None:
        drafts.save(self.ana, self.token, page=PAGE, revision=1, answers={"better": "b"})
        assert drafts.load(self.ben, self.token) is None

    def test_the_draft_goes_with_the_lease(self) -> None:
        drafts.save(self.ana, self.token, page=PAGE, revision=1, answers={"better": "b"})
        holding.release(self.ana, self.token)
        assert not Draft.objects.exists()

    def test_what_is_no_draft_is_refused(self) -> None:
        wrong: Any
        for wrong in (
            None,
            [],
            {"x": "a\x00b"},
            {"x": "\ud800"},
            {"x": float("nan")},
            {"x": "y" * 300_000},
            {"x": object()},
        ):
            with pytest.raises(drafts.BadDraft):
                drafts.save(self.ana, self.token, page=PAGE, revision=1, answers=wrong)
        with pytest.raises(drafts.BadDraft):
            drafts.save(self.ana, self.token, page=PAGE, revision=-1, answers={})

    def test_a_backslash_is_no_nul(self) -> None:
        assert drafts.save(self.ana, self.token, page=PAGE, revision=1, answers={"x": "\\u0000"})
        assert loaded(self.ana, self.token) == (1, {"x": "\\u0000"})

    def test_a_page_does_not_write_over_what_it_has_not_seen(self) -> None:
        drafts.save(self.ana, self.token, page=PAGE, revision=3, answers={"better": "a"})
        other: dict[str, Any] = {"page": OTHER, "revision": 9, "answers": {"better": "b"}}
        for based_on in (0, 2, 4):
            assert not drafts.save(self.ana, self.token, **other, based_on=based_on)
            assert drafts.of_another_page(self.ana, self.token, OTHER) is not None
        assert loaded(self.ana, self.token) == (3, {"better": "a"})
        assert drafts.save(self.ana, self.token, **other, based_on=3)
        assert drafts.of_another_page(self.ana, self.token, OTHER) is None
        assert not drafts.save(self.ana, self.token, page=PAGE, revision=10, answers={})
        assert loaded(self.ana, self.token) == (9, {"better": "b"})

    def test_a_page_goes_on_with_what_one_that_is_gone_sent_last(self) -> None:
        drafts.save(self.ana, self.token, page=PAGE, revision=3, answers={"better": "a"})
        heir: dict[str, Any] = {"page": OTHER, "answers": {}, "heir_of": PAGE, "based_on": 2}
        assert not drafts.save(self.ana, self.token, **heir, revision=3)
        assert drafts.save(self.ana, self.token, **heir, revision=4)

    def test_without_that_guard_one_page_writes_over_the_other(self) -> None:
        """The control."""
        drafts.save(self.ana, self.token, page=PAGE, revision=3, answers={"better": "a"})
        unseen = """AND (annotation_draft.page IN (excluded.page, %(heir_of)s::uuid)
       OR annotation_draft.revision = %(based_on)s::int)"""
        with weakened((drafts, "_SAVE"), guard=unseen):
            assert drafts.save(self.ana, self.token, page=OTHER, revision=9, answers={})

    def test_reasons_are_kept_with_the_answers(self) -> None:
        kept: dict[str, Any] = {"page": PAGE, "answers": {}, "reasons": {"rule": "because"}}
        drafts.save(self.ana, self.token, revision=1, **kept)
        draft = drafts.load(self.ana, self.token)
        assert draft is not None
        assert draft.reasons == {"rule": "because"}
        wrong: Any
        for wrong in ([], "x", {"rule": "\x00"}):
            with pytest.raises(drafts.BadDraft):
                drafts.save(self.ana, self.token, page=PAGE, revision=2, answers={}, reasons=wrong)
