"""`manage.py invariants`: green on honest work, red for every promise that is broken on purpose."""

from __future__ import annotations

import json
from io import StringIO

from django.core.management import call_command
from django.db import connection, transaction
from django.test import TestCase

from annotation import assigning, settling
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app import versions
from datasets_app.models import Dataset, Event, Export
from datasets_app.vocabulary import JobState
from tests import build
from tests.annotation.answering import submit, work
from tests.cast import annotators


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def run(*args: str) -> tuple[int, str]:
    """Exit code and output."""
    out = StringIO()
    try:
        call_command("invariants", *args, stdout=out)
    except SystemExit as done:
        return int(str(done.code)), out.getvalue()
    return 0, out.getvalue()


# History is guarded by triggers: without them first, then the fault.
MUTABLE = "ALTER TABLE datasets_app_record DISABLE TRIGGER USER"
UNGUARDED = "ALTER TABLE annotation_annotation DISABLE TRIGGER annotation_annotation_as_given"

# What breaks each promise, past every verb.
FAULTS: dict[str, tuple[str, ...]] = {
    "What was acknowledged is there: every submit has its annotation": (
        "INSERT INTO datasets_app_event (verb, data) VALUES ('submit', '{\"annotation\": 0}')",
    ),
    "A slot is done if and only if it holds one counted annotation, of its annotator": (
        "UPDATE annotation_annotation SET standing = 'late'"
        " WHERE id = (SELECT min(id) FROM annotation_annotation)",
    ),
    "A person has one place in a step of an item": (
        "DROP INDEX slot_once_per_annotator",
        "UPDATE annotation_slot s SET annotator_id = (SELECT min(id) FROM annotation_annotator)"
        " WHERE s.state = 'done'",
    ),
    "A person has one counted annotation on a step of an item": (
        "DROP INDEX annotation_counted_once",
        "SET CONSTRAINTS ALL IMMEDIATE",
        UNGUARDED,
        "UPDATE annotation_annotation SET"
        " annotator_id = (SELECT min(id) FROM annotation_annotator)",
    ),
    "Nobody judges beyond the overlap": ("UPDATE annotation_campaign SET overlap = 1",),
    "A lease that is over has come back within 60 seconds": (
        "UPDATE annotation_slot SET expires_at = now() - interval '61 seconds'"
        " WHERE state = 'leased'",
    ),
    "Nobody holds anything of a campaign that is closed": (
        "UPDATE annotation_campaign SET state = 'closed'",
        "UPDATE annotation_slot SET leased_at = now() - interval '61 seconds'"
        " WHERE state = 'leased'",
    ),
    "An open item that is begun has all its places": (
        "DELETE FROM annotation_slot WHERE id IN ("
        " SELECT id FROM annotation_slot WHERE state = 'open' LIMIT 1)",
    ),
    "An idempotency key stands for one submit and one body": (
        "SET CONSTRAINTS ALL IMMEDIATE",
        UNGUARDED,
        "UPDATE annotation_annotation SET body_digest = 'x'",
    ),
    "A slot is as its last event left it": (
        "INSERT INTO datasets_app_event (verb, item, subject, after)"
        " SELECT 'test', item_id, 'slot:' || id, 'open' FROM annotation_slot WHERE state = 'done'",
    ),
    "An item is where its last event says": (
        "UPDATE datasets_app_item SET state = 'quarantined' WHERE state = 'open'",
    ),
    "Votes that changed are looked at within five minutes": (
        "UPDATE annotation_due SET created_at = now() - interval '6 minutes'",
    ),
    "An open item whose places are all done is noted to be settled": (
        "DELETE FROM annotation_slot WHERE state <> 'done'",
        "DELETE FROM annotation_due",
    ),
    "An item is settled if and only if it has verdicts and all of them stand": (
        "UPDATE datasets_app_verdict SET dispute = 'split' WHERE question = 'better'",
    ),
    "A check takes no place and is no vote": (
        "INSERT INTO annotation_check (campaign_id, annotator_id, item_id, step, purpose, attempt,"
        " token, flipped, state, leased_at, expires_at, endurance, annotation_id, faults,"
        " answered_at) SELECT campaign_id, annotator_id, item_id, step, 'silent', 1, token,"
        " flipped, 'answered', now(), now(), 1, id, '{}', now()"
        " FROM annotation_annotation LIMIT 1",
    ),
    "Gold is held back from every version": (
        "INSERT INTO annotation_gold (campaign_id, item_id, step, purpose, expected, tolerance,"
        " explanation, instruction) SELECT campaign_id, item_id, step, 'silent', '{}', '{}', '', ''"
        " FROM annotation_annotation LIMIT 1",
    ),
    "Nobody is given work when his day's exposure is used up": (
        "UPDATE annotation_slot SET leased_at = date_trunc('day', now() AT TIME ZONE 'UTC')"
        " AT TIME ZONE 'UTC' + interval '12 hours' WHERE state = 'leased'",
        "UPDATE annotation_campaign SET daily_exposure = 60",
        "INSERT INTO annotation_exposure (annotator_id, campaign_id, item_id, token, severity,"
        " began_at, seen_at, ended_at) SELECT annotator_id, campaign_id, item_id, token, 3,"
        " leased_at - interval '1 hour', leased_at, leased_at FROM annotation_slot"
        " WHERE state = 'leased'",
    ),
    "Nobody holds what he asked to be spared": (
        "UPDATE datasets_app_item SET machine_categories = '{Violence}'",
        "INSERT INTO annotation_wishes (annotator_id, unwanted, languages, blur, greyscale, muted,"
        " changed_at) SELECT id, '{violence}', '{}', 0, false, true, now() - interval '1 hour'"
        " FROM annotation_annotator",
    ),
    "Nobody holds what is given only with a yes that he has not said": (
        "UPDATE datasets_app_item SET machine_categories = '{Violence}'",
        "UPDATE annotation_campaign SET needs_consent = '{violence}'",
    ),
    "A reveal is of an item that its annotator was given, and lasts no longer than it was seen": (
        "INSERT INTO annotation_exposure (annotator_id, campaign_id, item_id, token, severity,"
        " began_at, seen_at, ended_at) SELECT annotator_id, campaign_id, item_id, token, 3, now(),"
        " now(), now() + interval '2 minutes' FROM annotation_slot WHERE state = 'leased'",
    ),
}


def versioned(dataset: Dataset) -> None:
    """A version of the two settled items, with an export that is done."""
    version = versions.cut(dataset, versions.Recipe(), by=None)
    assert version.size == 2
    Export.objects.create(
        version=version, format="records", state=JobState.DONE, manifest={"records": 2}
    )


OF_VERSIONS: dict[str, tuple[str, ...]] = {
    "A version has the records that it counts": (
        MUTABLE,
        "DELETE FROM datasets_app_record WHERE position = 1",
    ),
    "An export holds its version, and is done only with a manifest": (
        "UPDATE datasets_app_export SET manifest = NULL",
    ),
    "A record names no one: its workers are pseudonyms of its version": (
        MUTABLE,
        'UPDATE datasets_app_record SET body = regexp_replace(body, \'"worker":"\\w+"\','
        ' \'"worker":"ana"\')',
    ),
    "A group of prompts is on one side of a split": (
        MUTABLE,
        "UPDATE datasets_app_record SET \"group\" = 'one', split = CASE position"
        " WHEN 0 THEN 'train' ELSE 'test' END",
    ),
    "What is held back is in no version": (
        "INSERT INTO datasets_app_holdback (item_id, reason)"
        " SELECT item_id, 'gold' FROM datasets_app_record LIMIT 1",
    ),
    "Work that is running has a worker, and none is tried more than three times": (
        "UPDATE datasets_app_export SET state = 'running',"
        " leased_until = now() - interval '1 hour'",
    ),
}

FOLLOW_UP = "No step waits for somebody who cannot come"


class TestInvariants(TestCase):
    dataset: Dataset

    @classmethod
    def setUpTestData(cls) -> None:
        """Two items settled, two open; one of these with a vote and a lease."""
        cls.dataset = build.dataset()
        crowd = annotators(3, cls.dataset)
        build.items(2, cls.dataset)
        campaign = build.campaign(cls.dataset)
        for one in crowd:
            work(one, campaign)
        settling.settle(cls.dataset)
        build.items(2, cls.dataset)
        submit(crowd[0], assigning.leases(crowd[0], campaign)[0])
        assigning.leases(crowd[0], campaign)

    def test_honest_work_breaks_nothing(self) -> None:
        assert run() == (0, f"{len(CHECKS)} checks, 0 broken.\n")
        assert json.loads(run("--json")[1]) == {"checked": len(CHECKS), "broken": []}

    def test_a_broken_promise_is_named_and_shown(self) -> None:
        execute(*FAULTS["A lease that is over has come back within 60 seconds"])
        code, said = run()
        assert code == 1
        assert "I4 broken: A lease that is over has come back within 60 seconds." in said
        code, said = run("--json")
        assert code == 1
        (broken,) = json.loads(said)["broken"]
        assert broken["invariant"] == "I4"
        assert {"slot", "annotator", "expired at"} == broken["rows"][0].keys()

    def test_of_many_rows_only_the_first_are_shown(self) -> None:
        for number in range(25):
            Event.objects.create(
                verb="submit", subject=f"slot:{number}", data={"annotation": 10**9}
            )
        assert "… and 5 more." in run()[1]

    def test_every_fault_turns_its_check_red(self) -> None:
        for title, statements in FAULTS.items():
            self.turns_red(title, statements)

    def test_every_fault_in_a_version_turns_its_check_red(self) -> None:
        versioned(self.dataset)
        for title, statements in OF_VERSIONS.items():
            self.turns_red(title, statements)

    def turns_red(self, title: str, statements: tuple[str, ...]) -> None:
        (check,) = [check for check in CHECKS if check.title == title]
        assert rows_breaking(check) == []
        with transaction.atomic():
            execute("SET CONSTRAINTS ALL IMMEDIATE", *statements)
            assert rows_breaking(check), title
            transaction.set_rollback(True)

    def test_a_follow_up_that_waits_for_nobody_turns_its_check_red(self) -> None:
        dataset = build.dataset("safesora")
        ana = annotators(1, dataset)[0]
        build.item(dataset)
        campaign = build.campaign(dataset)
        submit(ana, assigning.leases(ana, campaign, want=1)[0])
        self.turns_red(FOLLOW_UP, ("UPDATE annotation_slot SET reserved_for_id = NULL",))


def test_every_check_has_its_fault() -> None:
    assert {check.title for check in CHECKS} == {*FAULTS, *OF_VERSIONS, FOLLOW_UP}
