"""Openness: nobody can tell a check by how long it may be answered anew."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock
from uuid import UUID, uuid4

import pytest
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from annotation import access, assigning, labelling, openness
from annotation.models import Annotation, Annotator, Campaign, Check, Exposure
from annotation.vocabulary import CheckState
from datasets_app import ledger
from datasets_app.models import Dataset, Event, Item
from datasets_app.vocabulary import ItemState
from tests import build
from tests.annotation import checked
from tests.annotation.answering import submit
from tests.annotation.test_checks import at_once
from tests.cast import as_annotator, cast
from tests.history import rewrite, unguarded

HOUR = timedelta(hours=1)


class Openness(TestCase):
    """Ana answers items and checks, each an hour after the one before."""

    dataset: Dataset
    campaign: Campaign
    ana: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="texts")
        cls.ana = as_annotator(cast(cls.dataset).ana)
        build.items(12, cls.dataset)
        cls.campaign = checked.mixing(build.campaign(cls.dataset, overlap=1, gold_share=0.1))
        checked.some_gold(cls.campaign, number=3)

    def setUp(self) -> None:
        self.client.force_login(self.ana.user)
        self.now = timezone.now() - 30 * HOUR

    def answer(self, number: int = 1, *, is_check: bool = False) -> list[Annotation]:
        """So many answers to items, or to checks."""
        found = []
        for _ in range(number):
            at_once(self.ana, self.campaign)
            self.ana.paces.update(wait=0 if is_check else 1_000)
            (held,) = assigning.leases(self.ana, self.campaign, want=1)
            assert (held.check is not None) is is_check
            found.append(Annotation.objects.get(pk=submit(self.ana, held).annotation_id))
            self.now += HOUR
            rewrite(Annotation.objects.filter(pk=found[-1].pk), created_at=self.now)
            Check.objects.filter(annotation=found[-1]).update(answered_at=self.now)
        return found

    def close(self, *annotations: Annotation, after: timedelta | None = None) -> None:
        """Their items settle, so long after each was answered, or just now."""
        for one in annotations:
            ledger.move(
                [one.item_id], before=ItemState.OPEN, after=ItemState.SETTLED, verb="settle"
            )
            if after is not None:
                self.pass_for_earlier(one.item_id, after)

    def pass_for_earlier(self, item: UUID, after: timedelta) -> None:
        at = Annotation.objects.get(item=item, standing="counted").created_at + after
        with unguarded("_append_only"):
            Event.objects.filter(item=item, verb="settle").update(at=at)

    def is_open(self, annotation: Annotation) -> bool:
        return access.is_open(access.own_annotation(self.ana, self.campaign, annotation.pk))


class TestOpenness(Openness):
    def test_where_nothing_has_settled_yet_a_check_stays_open_however_old(self) -> None:
        self.answer(3)
        (check,) = self.answer(is_check=True)
        assert self.is_open(check)

    def test_where_items_settle_at_once_so_does_a_check(self) -> None:
        self.close(*self.answer(3), after=timedelta(seconds=20))
        (check,) = self.answer(is_check=True)
        assert not self.is_open(check)

    def test_where_items_settle_after_hours_a_fresh_check_is_open_for_as_long(self) -> None:
        self.close(*self.answer(3), after=2 * HOUR)
        (check,) = self.answer(is_check=True)
        self.age(check, timedelta(hours=1, minutes=59))
        assert self.is_open(check)
        self.age(check, timedelta(hours=2, minutes=1))
        assert not self.is_open(check)

    def age(self, check: Annotation, age: timedelta) -> None:
        Check.objects.filter(annotation=check).update(answered_at=timezone.now() - age)

    def test_a_first_check_goes_by_the_items_after_it(self) -> None:
        (check,) = self.answer(is_check=True)
        items = self.answer(2)
        assert self.is_open(check)
        self.close(*items)
        assert not self.is_open(check)

    def test_of_many_checks_as_large_a_share_is_open_as_of_the_items_around_them(self) -> None:
        items = self.answer(4)
        (check,) = self.answer(is_check=True)
        self.close(items[1], after=HOUR)
        shares = []
        for endurance in (n / 100 for n in range(1, 101)):
            Check.objects.update(endurance=endurance)
            shares.append(self.is_open(check))
        assert sum(shares) == 75

    def test_what_is_drawn_is_above_nothing_and_at_most_one(self) -> None:
        self.answer(3, is_check=True)
        drawn = list(Check.objects.values_list("endurance", flat=True))
        assert len(set(drawn)) == 3
        assert all(0 < each <= 1 for each in drawn)

    def test_a_check_whose_item_was_taken_away_is_closed_like_an_item(self) -> None:
        (check,) = self.answer(is_check=True)
        Item.objects.filter(pk=check.item_id).update(state=ItemState.QUARANTINED)
        assert not self.is_open(check)

    def test_answered_anew_it_keeps_its_place_among_the_others(self) -> None:
        self.close(*self.answer(10), after=HOUR)
        (check,) = self.answer(is_check=True)
        assert not self.is_open(check)
        Check.objects.update(answered_at=timezone.now())
        labelling.revise(self.ana, check, key=uuid4(), answers={"safe": {"a": True, "b": True}})
        newer = Check.objects.get().annotation
        assert newer is not None
        assert newer != check
        assert self.is_open(newer)
        Check.objects.update(answered_at=timezone.now() - 2 * HOUR)
        assert not self.is_open(newer)


class TestNobodyCanTellByIt(Openness):
    """The home page, the second thought and the reveal, after everything else has settled."""

    def test_on_the_home_page_items_and_checks_close_alike(self) -> None:
        items = self.answer(4)
        (check,) = self.answer(is_check=True)
        assert self.links() == {"Revise"}
        self.close(*items)
        assert self.links() == {"Look"}
        said = {"key": uuid4(), "a-safe": "true", "b-safe": "true"}
        address = reverse("label:revise", args=["texts", check.pk])
        assert "Your new answers" not in self.client.post(address, said).content.decode()
        with pytest.raises(labelling.NotOpen):
            labelling.revise(self.ana, check, key=uuid4(), answers={})

    def links(self) -> set[str]:
        page = self.client.get("/label/").content.decode()
        return {word for word in ("Revise", "Look") if f">{word}<span" in page}

    def test_a_time_of_its_own_would_tell(self) -> None:
        """As it was when each check had its own hours: open while all items are closed."""
        statement = openness._OPEN.replace("k.endurance > closed.share", "true")
        with mock.patch.object(openness, "_OPEN", statement), pytest.raises(AssertionError):
            self.test_on_the_home_page_items_and_checks_close_alike()

    def test_an_old_token_is_answered_alike(self) -> None:
        items = self.answer(2)
        checks = self.answer(2, is_check=True)
        assert self.revealed([*items, *checks]) == [200, 200, 200, 200]
        self.close(*items)
        assert self.revealed([*items, *checks]) == [404, 404, 404, 404]
        assert Check.objects.filter(state=CheckState.ANSWERED).count() == 2

    def revealed(self, annotations: list[Annotation]) -> list[int]:
        Exposure.objects.all().delete()
        address = reverse("label:reveal", args=["texts"])
        sent = [{"token": str(one.token), "shown": True} for one in annotations]
        return [
            self.client.post(address, body, content_type="application/json").status_code
            for body in sent
        ]
