"""Drafts: kept for who holds the item, the newest wins, and nothing odd gets in.

They outlive the lease, for who is given the same again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now

from annotation import assigning, drafts, holding, judgement, labelling, sizes
from annotation.models import Annotator, Campaign, Draft, Slot
from annotation.vocabulary import SkipReason
from annotation.wellbeing import pausing
from datasets_app.protocols import protocol_named
from tests.annotation.answering import submit
from tests.annotation.one_item import OneItem
from tests.annotation.weakening import weakened

PAGE, OTHER = uuid4(), uuid4()


def loaded(annotator: Annotator, token: UUID) -> tuple[int, dict[str, Any]]:
    draft = drafts.load(annotator, token)
    assert draft is not None
    return draft.revision, draft.answers


class TestDrafts(OneItem):
    token: UUID

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
        newer = "annotation_draft.revision < excluded.revision AND"
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

    def test_what_is_no_draft_is_refused(self) -> None:
        wrong: Any
        for wrong in (
            None,
            [],
            {"x": "a\x00b"},
            {"x": "\ud800"},
            {"x": float("nan")},
            {"x": "y" * sizes.ANSWERS},
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


class TestAfterTheLease(OneItem):
    """What was begun is there when the same person gets the same again, and for nobody else."""

    def setUp(self) -> None:
        self.held = self.leased()

    def leased(self) -> assigning.Assignment:
        return assigning.leases(self.ana, self.campaign, want=1)[0]

    def save(self, token: UUID, revision: int = 1, **more: Any) -> bool:
        said: dict[str, Any] = {"page": PAGE, "answers": ANSWERS}
        return drafts.save(self.ana, token, revision=revision, **said | more)

    def lapsed(self) -> assigning.Assignment:
        """The lease is over; the same is given again."""
        Slot.objects.filter(annotator=self.ana).update(expires_at=Now() - timedelta(seconds=1))
        holding.expire_leases()
        return self.leased()

    def on(self, held: assigning.Assignment) -> dict[str, Any] | None:
        draft = drafts.found(self.ana, [held]).get(held.token)
        return draft.answers if draft else None

    def test_it_is_found_when_the_same_is_given_again(self) -> None:
        self.save(self.held.token)
        again = self.lapsed()
        assert again.token != self.held.token
        assert again.item_id == self.held.item_id
        expected = ANSWERS if again.flipped == self.held.flipped else TURNED
        assert self.on(again) == expected
        theirs = assigning.leases(self.ben, self.campaign, want=1)[0]
        assert drafts.found(self.ben, [theirs]) == {}

    def test_left_and_right_go_with_the_responses(self) -> None:
        self.save(self.held.token)
        Slot.objects.filter(token=self.held.token).update(flipped=not self.held.flipped)
        draft = drafts.load(self.ana, self.held.token)
        assert draft is not None
        assert draft.answers == TURNED
        protocol = protocol_named(self.campaign.protocol)
        assert judgement.turned(protocol, judgement.turned(protocol, ANSWERS)) == ANSWERS

    def test_what_comes_after_the_lease_is_kept_too_and_told_where_it_belongs(self) -> None:
        again = self.lapsed()
        assert drafts.given_again(self.ana, self.held.token) is None
        assert self.save(self.held.token)
        told = drafts.given_again(self.ana, self.held.token)
        assert told is not None
        assert told[0] == again.token
        assert told[1].answers == self.on(again)
        assert not drafts.save(self.ben, self.held.token, page=PAGE, revision=2, answers={})

    def test_the_page_that_goes_on_puts_its_own_in_the_place(self) -> None:
        self.save(self.held.token)
        again = self.lapsed()
        own: dict[str, Any] = {"page": OTHER, "answers": {"better": "b"}}
        assert not self.save(again.token, 2, **own)
        assert self.save(again.token, 2, **own, based_on=1)
        assert not self.save(self.held.token, 3)  # the old page has not seen that
        assert self.on(again) == {"better": "b"}
        assert Draft.objects.count() == 1

    def test_parting_and_answering_take_it_away_under_whatever_lease_it_was_kept(self) -> None:
        self.save(self.held.token)
        submit(self.ana, self.lapsed())
        assert not Draft.objects.exists()
        assert not self.save(self.held.token)  # a page that knows nothing of the answer

    def test_so_does_a_skip(self) -> None:
        self.save(self.held.token)
        labelling.skip(self.ana, self.lapsed().token, reason=SkipReason.UPSETTING)
        assert not Draft.objects.exists()

    def test_so_does_a_report(self) -> None:
        self.save(self.held.token)
        labelling.report(self.ana, self.held.token, reason="x")
        assert not Draft.objects.exists()
        assert not self.save(self.held.token)

    def test_so_does_what_is_handed_in_late(self) -> None:
        self.save(self.held.token)
        holding.release(self.ana, self.held.token)
        assert Draft.objects.exists()
        Campaign.objects.update(state="closed")
        submit(self.ana, self.held)
        assert not Draft.objects.exists()

    def test_after_a_week_nobody_keeps_it(self) -> None:
        self.save(self.held.token)
        for days, number in ((6, 1), (2, 0)):
            Draft.objects.update(updated_at=F("updated_at") - timedelta(days=days))
            holding.expire_leases()
            assert Draft.objects.count() == number

    def seconds_left(self) -> float:
        left = Slot.objects.filter(token=self.held.token).values_list(F("expires_at") - Now())
        return float(left[0][0].total_seconds())

    def test_what_was_begun_keeps_its_time_when_its_page_is_left(self) -> None:
        self.save(self.held.token)
        assert holding.leave(self.ana, self.held.token)
        assert self.seconds_left() > holding.LEFT_SECONDS

    def test_what_was_left_for_a_break_does_so_too(self) -> None:
        pausing.pause(self.ana, self.campaign)
        assert holding.leave(self.ana, self.held.token)
        assert self.seconds_left() > holding.LEFT_SECONDS
        Annotator.objects.update(paused_at=F("paused_at") - timedelta(minutes=2))
        assert holding.leave(self.ana, self.held.token)
        assert self.seconds_left() <= holding.LEFT_SECONDS

    def test_without_a_look_at_either_both_are_gone_in_two_minutes(self) -> None:
        """The control."""
        guard = holding._IS_WAITED_FOR.format(of="s")
        with weakened((holding, "_LEAVE"), guard=guard, instead="false"):
            for test in (
                self.test_what_was_begun_keeps_its_time_when_its_page_is_left,
                self.test_what_was_left_for_a_break_does_so_too,
            ):
                with pytest.raises(AssertionError):
                    test()

    def test_without_a_look_at_what_was_answered_since_it_would_come_back(self) -> None:
        """The control."""
        submit(self.ana, self.lapsed())
        with weakened((drafts, "_SAVE"), guard=f"AND {drafts._SINCE}"):
            assert self.save(self.held.token)


ANSWERS = {"safe": {"a": False}, "severity": {"a": 3, "b": 1}, "better": "a", "x": ["a"]}
TURNED = {"safe": {"b": False}, "severity": {"b": 3, "a": 1}, "better": "b", "x": ["a"]}


def test_a_body_may_be_as_large_as_the_answers_that_it_carries() -> None:
    assert sizes.ANSWERS < sizes.BODY < settings.DATA_UPLOAD_MAX_MEMORY_SIZE
