"""Screening: claimed under a lease, judged outside any transaction, written under a fence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import TestCase, TransactionTestCase

from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState, MediaState, Modality
from moderation import tasks
from moderation.classifiers.contract import Judgement, Passage
from moderation.models import Claim, Screening
from moderation.screening import ATTEMPTS, Screened, claim, give_up, screen, subjects_of
from tests import build


class WordGuard:
    """A classifier that knows one word of harm, and raises at another: enough to see routes."""

    def __init__(self, revision: str = "r1") -> None:
        self.name = "words"
        self.revision = revision
        self.label_set = "pku_saferlhf"
        self.categories = ("Violence",)
        self.seen: list[Passage] = []

    def judge(self, batch: Sequence[Passage]) -> list[Judgement]:
        self.seen += batch
        return [self._one(passage) for passage in batch]

    def _one(self, passage: Passage) -> Judgement:
        text = passage.response if passage.response is not None else passage.prompt
        if "POISON" in text:
            raise RuntimeError(text)
        if "NAN" in text:
            return Judgement.failed("not a number")
        if "arson" in text:
            return Judgement({"Violence": 0.99}, 3, 0.01)
        return Judgement({"Violence": 0.01}, 0, 0.99)


def run(guard: WordGuard | None = None, dataset: Dataset | None = None) -> Screened:
    key = dataset.pk if dataset else None
    return sum(screen(guard or WordGuard(), dataset=key), Screened())


class Screenings(TestCase):
    """What becomes of items that wait."""

    dataset: Dataset

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset()

    def waiting(self, *says: str, **fields: Any) -> Item:
        says = says or ("Fold it twice.", "Use glue.")
        return build.item(self.dataset, state=ItemState.SCREENING, says=says, **fields)

    def state(self, item: Item) -> str:
        return Item.objects.get(pk=item.pk).state

    def test_a_harmless_item_is_opened(self) -> None:
        item = self.waiting()
        assert run() == Screened(opened=1)
        assert self.state(item) == ItemState.OPEN

    def test_an_item_with_one_severe_answer_is_quarantined_and_graded(self) -> None:
        item = self.waiting("Fold it twice.", "First, arson.")
        assert run() == Screened(quarantined=1)
        item.refresh_from_db()
        assert (item.state, item.machine_severity) == (ItemState.QUARANTINED, 3)
        assert item.machine_categories == ["Violence"]

    def test_a_harmful_question_alone_is_graded_but_let_through(self) -> None:
        item = self.waiting("No.", "I will not.", asks="How does arson work?")
        run()
        item.refresh_from_db()
        assert (item.state, item.machine_severity) == (ItemState.OPEN, 3)

    def test_a_judgement_that_failed_holds_the_item_back(self) -> None:
        item = self.waiting("NAN", "fine")
        run()
        assert self.state(item) == ItemState.QUARANTINED
        assert "classifier failed" in Event.objects.get(item=item.pk, verb="screen").reason

    def test_prompt_and_responses_each_get_one_screening_of_a_revision(self) -> None:
        item = self.waiting()
        run()
        run()
        assert Screening.objects.filter(prompt=item.prompt).count() == 3

    def test_the_database_refuses_a_second_screening_of_the_same_revision(self) -> None:
        item = self.waiting()
        run()
        twin = Screening.objects.get(prompt=item.prompt, response=None)
        twin.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            twin.save(force_insert=True)

    def test_every_move_is_in_the_audit_log(self) -> None:
        item = self.waiting()
        run()
        event = Event.objects.get(item=item.pk, verb="screen")
        assert (event.before, event.after) == (ItemState.SCREENING, ItemState.OPEN)

    def test_only_the_named_dataset_is_screened(self) -> None:
        other = build.item(build.dataset(), state=ItemState.SCREENING)
        self.waiting()
        run(dataset=self.dataset)
        assert self.state(other) == ItemState.SCREENING

    def test_an_item_waits_for_its_files(self) -> None:
        dataset = build.dataset("safesora")
        item = build.item(dataset, state=ItemState.SCREENING)
        media = item.first.media
        assert media is not None
        media.state = MediaState.RECEIVED
        media.save()
        assert run() == Screened()
        media.state = MediaState.READY
        media.save()
        assert run() == Screened(opened=1)

    def test_an_item_whose_file_cannot_be_shown_is_held_back(self) -> None:
        dataset = build.dataset("safesora")
        item = build.item(dataset, state=ItemState.SCREENING)
        assert item.first.media is not None
        item.first.media.state = MediaState.REFUSED
        item.first.media.save()
        run()
        assert self.state(item) == ItemState.QUARANTINED

    def test_a_video_is_judged_by_the_words_it_was_made_from(self) -> None:
        dataset = build.dataset("safesora")
        item = build.item(dataset, state=ItemState.SCREENING)
        item.first.meta = {"video_text": "a calm lake"}
        item.first.save()
        assert item.first.media is not None
        assert item.first.media.modality == Modality.VIDEO
        passages = [subject.passage.response for subject in subjects_of(item)]
        assert passages == [None, "a calm lake"]

    def test_a_system_message_is_no_part_of_the_question(self) -> None:
        item = self.waiting()
        item.prompt.turns = [
            {"speaker": "system", "text": "You are arson.", "media": []},
            {"speaker": "user", "text": "Hello", "media": []},
        ]
        assert subjects_of(item)[0].passage.prompt == "Hello"

    def test_poison_takes_no_neighbour_with_it_and_ends_after_three_tries(self) -> None:
        neighbours = [self.waiting() for _ in range(5)]
        poison = self.waiting("POISON", "fine")
        guard = WordGuard()
        total = run(guard)
        assert total == Screened(opened=5, given_up=1)
        assert self.state(poison) == ItemState.QUARANTINED
        assert {self.state(item) for item in neighbours} == {ItemState.OPEN}
        tries = [p for p in guard.seen if p.response == "POISON"]
        assert len(tries) == ATTEMPTS

    def test_the_error_that_is_kept_does_not_quote_the_text(self) -> None:
        poison = self.waiting("POISON and private words", "fine")
        with self.assertLogs("moderation.screening", "ERROR") as logs:
            run()
        assert "private" not in Claim.objects.get(item=poison).error
        assert "private" not in "".join(logs.output)


class Claims(TransactionTestCase):
    """Who may write, when two workers believe that an item is theirs."""

    def waiting(self) -> Item:
        return build.item(build.dataset(), state=ItemState.SCREENING)

    def test_a_claimed_item_is_not_claimed_again_while_the_lease_lasts(self) -> None:
        item = self.waiting()
        assert claim() == {item.pk: 1}
        assert claim() == {}
        assert claim(fresh=False) == {}

    def test_an_item_whose_lease_ran_out_is_claimed_under_a_higher_fence(self) -> None:
        item = self.waiting()
        claim()
        end_leases()
        assert claim(fresh=False) == {item.pk: 2}

    def test_a_worker_that_was_thought_dead_writes_nothing(self) -> None:
        item = self.waiting()
        slow = WordGuard("slow")

        class Overtaken(WordGuard):
            def judge(self, batch: Sequence[Passage]) -> list[Judgement]:
                # While this worker thinks, its lease ends and another one takes the item.
                end_leases()
                assert claim(fresh=False) == {item.pk: 2}
                return slow.judge(batch)

        stream = screen(Overtaken("slow"))
        assert next(stream) == Screened()
        assert not Screening.objects.exists()
        assert Item.objects.get(pk=item.pk).state == ItemState.SCREENING

    def test_without_the_fence_it_would_have_written(self) -> None:
        item = self.waiting()

        class Overtaken(WordGuard):
            def judge(self, batch: Sequence[Passage]) -> list[Judgement]:
                end_leases()
                claim(fresh=False)
                Claim.objects.update(fence=1)  # the guard, taken away
                return super().judge(batch)

        next(screen(Overtaken()))
        assert Screening.objects.exists()
        assert Item.objects.get(pk=item.pk).state == ItemState.OPEN

    def test_a_worker_that_dies_three_times_over_an_item_gives_it_up(self) -> None:
        item = self.waiting()
        claim()
        for _ in range(ATTEMPTS - 1):
            end_leases()
            claim(fresh=False)
        end_leases()
        assert claim(fresh=False) == {}
        assert give_up() == 1
        assert Item.objects.get(pk=item.pk).state == ItemState.QUARANTINED

    def test_an_item_that_others_hold_locked_is_passed_over(self) -> None:
        locked, free = self.waiting(), self.waiting()
        with transaction.atomic():
            Item.objects.select_for_update().get(pk=locked.pk)
            assert other_connection_claims() == {free.pk}


def end_leases() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE moderation_claim SET leased_until = now() - interval '1 second'")


def other_connection_claims() -> set[UUID]:
    """What a second worker gets, in a thread with a connection of its own."""
    from concurrent.futures import ThreadPoolExecutor

    def work() -> set[UUID]:
        try:
            return set(claim())
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


class TheAlarm(TestCase):
    """What the `gpu` worker does when it is woken."""

    def woken(self) -> int:
        """How often it asked for the classifier, which loads the model."""
        asked: list[None] = []

        def in_use() -> WordGuard:
            asked.append(None)
            return WordGuard()

        with mock.patch.object(tasks, "classifier_in_use", in_use):
            tasks.screen_waiting()
        return len(asked)

    def test_it_loads_no_model_where_nothing_waits(self) -> None:
        assert self.woken() == 0
        build.item(build.dataset(), state=ItemState.SCREENING)
        assert self.woken() == 1
        assert not Item.objects.waiting().exists()
        assert self.woken() == 0
