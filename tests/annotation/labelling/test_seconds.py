"""How long an answer took: the page's word, as far as the server's clock allows it."""

from __future__ import annotations

from unittest import mock
from uuid import uuid4

import pytest

from annotation import labelling
from annotation.labelling import statements
from annotation.models import Annotation
from tests.annotation.answering import let_pass, submit
from tests.annotation.labelling.held_by_ana import HeldByAna


class TestSeconds(HeldByAna):
    def kept(self, seconds: object) -> float | None:
        held = self.held()
        let_pass(20)
        done = submit(self.ana, held, seconds=seconds)
        return Annotation.objects.get(pk=done.annotation_id).seconds

    def test_no_more_is_kept_than_has_passed_since_the_lease(self) -> None:
        assert self.kept(80_000) == pytest.approx(20, abs=5)

    def test_less_is_kept_as_it_is_said(self) -> None:
        assert self.kept(12.5) == 12.5

    def test_where_nothing_is_said_nothing_is_kept(self) -> None:
        assert self.kept(None) is None

    def test_a_late_answer_and_one_anew_are_bounded_alike(self) -> None:
        held = self.held()
        self.lose(held)
        let_pass(20)
        done = submit(self.ana, held, seconds=80_000)
        given = Annotation.objects.get(pk=done.annotation_id)
        labelling.revise(
            self.ana, given, key=uuid4(), answers={"safe": {"a": True, "b": True}}, seconds=80_000
        )
        for kept in Annotation.objects.filter(item=self.item):
            assert kept.seconds == pytest.approx(20, abs=5)

    def test_without_the_bound_the_page_could_say_anything(self) -> None:
        unbound = statements.COUNT.replace("least(%(seconds)s::float8,", "greatest(%(seconds)s,")
        assert unbound != statements.COUNT
        with mock.patch.object(statements, "COUNT", unbound), pytest.raises(AssertionError):
            self.test_no_more_is_kept_than_has_passed_since_the_lease()
