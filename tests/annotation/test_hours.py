"""Hours: by the server's clock, never twice for one minute, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase

from annotation import assigning, entries, hours, labelling, leaving
from annotation.models import Annotation, Annotator, Campaign, Lapse, Slot
from annotation.vocabulary import SkipReason
from datasets_app.models import Dataset, Event
from tests import build
from tests.annotation.answering import submit
from tests.cast import as_annotator, cast
from tests.history import rewrite

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Hours(TestCase):
    dataset: Dataset
    campaign: Campaign
    ana: Annotator
    ben: Annotator

    @classmethod
    def setUpTestData(cls) -> None:
        cls.dataset = build.dataset(slug="pairs")
        people = cast(cls.dataset)
        cls.ana, cls.ben = as_annotator(people.ana), as_annotator(people.ben)
        build.items(4, cls.dataset)
        cls.campaign = build.campaign(cls.dataset, slug="pairs")

    def answered(self, leased: int, after: int, *, who: Annotator | None = None) -> Annotation:
        """One answer, leased and given so many seconds after noon."""
        who = who or self.ana
        done = submit(who, assigning.leases(who, self.campaign, want=1)[0])
        found = Annotation.objects.filter(pk=done.annotation_id)
        rewrite(found, created_at=NOON + timedelta(seconds=after))
        slots = Slot.objects.filter(annotations__in=found)
        slots.update(leased_at=NOON + timedelta(seconds=leased))
        return found.get()

    def worked(self, **options: int) -> dict[str, tuple[int, int, float]]:
        rows = hours.worked(self.dataset, **options)  # type: ignore[arg-type]  # `longest` alone
        return {row.annotator: (row.answers, row.skipped, row.seconds) for row in rows}

    def test_an_answer_lasts_from_its_lease_to_its_submit(self) -> None:
        self.answered(0, 40)
        assert self.worked() == {self.ana.pseudonym: (1, 0, 40.0)}

    def test_what_is_leased_ahead_is_not_counted_twice(self) -> None:
        """The page holds two items from the beginning; the second is begun when the first ends."""
        self.answered(0, 40)
        self.answered(0, 100)
        assert self.worked() == {self.ana.pseudonym: (2, 0, 100.0)}

    def test_a_night_counts_for_no_more_than_the_longest(self) -> None:
        self.answered(0, 40_000)
        assert self.worked()[self.ana.pseudonym][2] == hours.LONGEST_SECONDS
        assert self.worked(longest=60)[self.ana.pseudonym][2] == 60

    def test_what_the_page_says_of_its_time_counts_for_nothing(self) -> None:
        one = self.answered(0, 40)
        rewrite(Annotation.objects.filter(pk=one.pk), seconds=80_000)
        assert self.worked()[self.ana.pseudonym][2] == 40

    def test_a_skip_is_no_answer_but_takes_time(self) -> None:
        held = assigning.leases(self.ana, self.campaign, want=1)[0]
        labelling.skip(self.ana, held.token, reason=SkipReason.UPSETTING)
        Lapse.objects.update(leased_at=NOON, created_at=NOON + timedelta(seconds=30))
        assert self.worked() == {self.ana.pseudonym: (0, 1, 30.0)}

    def test_a_revision_is_no_second_answer_but_takes_time(self) -> None:
        one = self.answered(0, 40)
        answers = {"safety": {"safe": {"a": True, "b": True}}, "helpful": {"better": "a"}}
        answers["safer"] = {"safer": "b"}
        done = labelling.revise(self.ana, one, key=uuid4(), answers=answers[one.step])
        new = Annotation.objects.filter(pk=done.annotation_id)
        rewrite(new, created_at=NOON + timedelta(seconds=55))
        assert self.worked() == {self.ana.pseudonym: (1, 0, 55.0)}

    def test_work_that_was_set_aside_is_paid_all_the_same(self) -> None:
        one = self.answered(0, 40)
        leased = Event.objects.filter(verb="lease", item=one.item_id)
        assert leased.count() == 1
        leaving.set_aside(self.ana, self.campaign, by=None, reason="x")
        later = leased.get().at + timedelta(seconds=21)
        rewrite(Annotation.objects.filter(pk=one.pk), created_at=later)
        answers, skipped, seconds = self.worked()[self.ana.pseudonym]
        assert (answers, skipped, round(seconds)) == (1, 0, 21)

    def test_days_bound_what_is_told(self) -> None:
        self.answered(0, 40)
        day = date(2026, 3, 1)
        later = day + timedelta(days=1)
        assert hours.worked(self.dataset, since=day, until=day)
        assert not hours.worked(self.dataset, since=later)
        assert not hours.worked(self.dataset, until=day - timedelta(days=1))

    def test_every_annotator_stands_by_pseudonym(self) -> None:
        self.answered(0, 40)
        self.answered(0, 40, who=self.ben)
        assert set(self.worked()) == {self.ana.pseudonym, self.ben.pseudonym}

    def test_no_cell_is_a_formula(self) -> None:
        bad = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx")
        rows = [hours.Worked(date(2026, 3, 1), cell, "A-1", cell, 1, 0, 7200.0) for cell in bad]
        written = list(csv.reader(io.StringIO(hours.as_csv(rows), newline="")))
        assert written[0] == list(hours.COLUMNS)
        assert [line[1] for line in written[1:]] == [f"'{cell}" for cell in bad]
        assert not [cell for line in written[1:] for cell in line if cell[0] in "=+-@\t\r"]
        assert written[1][-1] == "2.00"

    def test_the_command_prints_and_writes_the_same_table(self) -> None:
        self.answered(0, 40)
        out = io.StringIO()
        call_command("hours", "--dataset", "pairs", stdout=out)
        (line,) = list(csv.DictReader(io.StringIO(out.getvalue())))
        assert (line["annotator"], line["seconds"]) == (self.ana.pseudonym, "40")
        out = io.StringIO()
        call_command("hours", "--dataset", "pairs", "--json", "--longest", "10", stdout=out)
        assert json.loads(out.getvalue())["rows"][0]["seconds"] == 10
        assert Event.objects.filter(verb="export_hours").count() == 2

    def test_the_command_refuses_what_makes_no_sense(self) -> None:
        with pytest.raises(CommandError, match="no dataset"):
            call_command("hours", "--dataset", "nowhere")
        with pytest.raises(CommandError, match="--longest"):
            call_command("hours", "--dataset", "pairs", "--longest", "0")
        with pytest.raises(CommandError, match="--since: 'tomorrow' is no day: write YYYY-MM-DD"):
            call_command("hours", "--dataset", "pairs", "--since", "tomorrow")


@pytest.mark.django_db
def test_the_file_names_the_participant_for_who_pays(tmp_path: Path) -> None:
    dataset = build.dataset(slug="pairs")
    cora = cast(dataset).cora
    build.item(dataset)
    campaign = build.campaign(dataset)
    entry = entries.open_entry(campaign, by=cora, days=1, places=1, name="Study")
    annotator = entries.enter(entry, "5f1e0a77")
    submit(annotator, assigning.leases(annotator, campaign, want=1)[0])
    call_command("hours", "--dataset", "pairs", "--to", str(tmp_path / "hours.csv"))
    (line,) = list(csv.DictReader(io.StringIO((tmp_path / "hours.csv").read_text())))
    assert (line["participant"], line["answers"]) == ("5f1e0a77", "1")
