"""A second thought replaces the first, which is kept."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from annotation import labelling
from annotation.models import Annotation
from annotation.vocabulary import Standing
from datasets_app import ledger
from datasets_app.vocabulary import ItemState
from tests.annotation.answering import submit
from tests.annotation.labelling.held_by_ana import UNSAFE, HeldByAna


class TestRevise(HeldByAna):
    def annotation(self) -> Annotation:
        return Annotation.objects.get(pk=submit(self.ana, self.held()).annotation_id)

    def revise(self, old: Annotation, **fields: Any) -> labelling.Submitted:
        return labelling.revise(self.ana, old, **{"key": uuid4(), "answers": UNSAFE, **fields})

    def test_the_newer_counts_and_the_older_is_kept(self) -> None:
        old = self.annotation()
        done = self.revise(old)
        old.refresh_from_db()
        new = Annotation.objects.get(pk=done.annotation_id)
        assert (old.standing, new.standing) == (Standing.REVISED, Standing.COUNTED)
        assert new.slot_id == old.slot_id
        assert old.answers != new.answers

    def test_the_same_key_revises_once(self) -> None:
        old, key = self.annotation(), uuid4()
        first = self.revise(old, key=key)
        assert self.revise(old, key=key).annotation_id == first.annotation_id
        assert Annotation.objects.count() == 2

    def test_what_no_longer_counts_is_not_revised(self) -> None:
        old = self.annotation()
        self.revise(old)
        with pytest.raises(labelling.NotOpen):
            self.revise(old)

    def test_nothing_is_revised_once_the_item_is_not_open(self) -> None:
        old = self.annotation()
        ledger.move([self.item.pk], before=ItemState.OPEN, after=ItemState.SETTLED, verb="test")
        with pytest.raises(labelling.NotOpen):
            self.revise(old)

    def test_nobody_revises_for_another(self) -> None:
        old = self.annotation()
        with pytest.raises(labelling.NotOpen):
            labelling.revise(self.ben, old, key=uuid4(), answers=UNSAFE)
