"""Simulated annotators: ordinary users, consistent answers, the same ones for the same seed."""

from __future__ import annotations

import json
from collections import Counter
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import TestCase

from annotation import beliefs, pointing, settling, simulating
from annotation.judgement import Judged, broken_rules
from annotation.judgement.values import read_value
from annotation.models import Annotation, Slot
from annotation.pointing import Scene
from annotation.vocabulary import SlotState
from config.management.commands.invariants import CHECKS, rows_breaking
from datasets_app.models import Dataset, Item, Verdict
from datasets_app.protocols import PROTOCOLS
from datasets_app.protocols.base import Of, Weight
from tests import build
from tests.annotation.voting import named

RESPONSES = {1: ["r0"], 2: ["r0", "r1"]}


def has_no_contradiction(protocol_key: str, belief: dict[str, Any]) -> bool:
    protocol = PROTOCOLS[protocol_key]
    broken = broken_rules(protocol, belief, responses=RESPONSES[protocol.responses])
    return not any(found.weight is Weight.BLOCK for found in broken)


@pytest.mark.parametrize("key", PROTOCOLS)
@pytest.mark.parametrize("character", {c.name: c for c in beliefs.CHARACTERS}.values(), ids=str)
def test_nobody_contradicts_himself(key: str, character: beliefs.Character) -> None:
    protocol = PROTOCOLS[key]
    responses = RESPONSES[protocol.responses]
    for seed in range(60):
        truth = beliefs.imagined(protocol, responses, Random(seed), {})
        assert has_no_contradiction(key, truth)
        belief = beliefs.believed(
            protocol, responses, truth, character, Random(seed), is_hard=seed % 2 == 0
        )
        assert has_no_contradiction(key, belief)


def test_people_err_more_when_it_is_hard() -> None:
    protocol = PROTOCOLS["pku_saferlhf"]
    wrong: Counter[bool] = Counter()
    for seed in range(200):
        truth = beliefs.imagined(protocol, RESPONSES[2], Random(seed), {})
        for is_hard in (False, True):
            belief = beliefs.believed(
                protocol, RESPONSES[2], truth, beliefs.HASTY, Random(-seed), is_hard=is_hard
            )
            wrong[is_hard] += belief["better"] != truth["better"]
    assert 5 < wrong[False] < wrong[True]


def test_who_leans_takes_the_left_more_often() -> None:
    protocol = PROTOCOLS["pku_saferlhf"]
    left = {beliefs.CAREFUL: 0, beliefs.LEANING: 0}
    for seed in range(200):
        belief = beliefs.imagined(protocol, RESPONSES[2], Random(seed), {})
        side = RESPONSES[2][seed % 2]
        for character in left:
            leaned = beliefs.leaned(
                protocol,
                protocol.step("helpful"),
                belief,
                RESPONSES[2],
                left=side,
                random=Random(seed),
                character=character,
            )
            left[character] += leaned["better"] == side
    assert left[beliefs.LEANING] > left[beliefs.CAREFUL] + 10


SCENES = {
    "mm_deception": Scene(pictures=2),
    "video_faults": Scene(lengths={"r0": 2_500}),
}


@pytest.mark.parametrize("key", SCENES)
def test_who_finds_fault_points_at_what_is_there(key: str) -> None:
    protocol, scene = PROTOCOLS[key], SCENES[key]
    (question,) = (each for each in protocol.questions if each.is_kept_as_given)
    judged = Judged(pictures=scene.pictures, duration_ms=scene.lengths.get("r0"))
    pointed = Counter[bool]()
    for seed in range(200):
        truth = beliefs.imagined(protocol, ["r0"], Random(seed), {}, scene)
        belief = beliefs.believed(
            protocol, ["r0"], truth, beliefs.HASTY, Random(-seed), is_hard=True, scene=scene
        )
        for said in (truth, belief):
            given = said.get(question.key)
            at_fault = pointing.is_at_fault(protocol, said, "r0")
            assert bool(given) is at_fault
            pointed[at_fault] += 1
            if given:
                parts = given if question.of is Of.ITEM else given["r0"]
                read = read_value(question, parts, sides={}, categories=(), judged=judged)
                assert read == sorted(parts, key=lambda part: (part.get("from"), part.get("to")))
            assert not broken_rules(protocol, said, responses=["r0"])
    assert min(pointed.values()) > 50


def test_people_point_near_each_other() -> None:
    protocol, scene = PROTOCOLS["mm_deception"], SCENES["mm_deception"]
    known = {"deceptive": {"r0": True}}
    truth = beliefs.imagined(protocol, ["r0"], Random(3), known, scene)
    (there, *_) = truth["marks"]
    near = 0
    for seed in range(40):
        belief = beliefs.believed(
            protocol, ["r0"], truth, beliefs.CAREFUL, Random(seed), is_hard=False, scene=scene
        )
        marks = [mark for mark in belief.get("marks", []) if mark["kind"] == there["kind"]]
        near += any(
            max(abs(one - other) for one, other in zip(mark["at"], there["at"], strict=True))
            <= pointing.OFF + 0.0001
            for mark in marks
        )
    assert near > 20


def test_where_nothing_is_shown_nobody_points() -> None:
    for key in SCENES:
        protocol = PROTOCOLS[key]
        for seed in range(20):
            truth = beliefs.imagined(protocol, ["r0"], Random(seed), {})
            assert not truth.keys() & {"marks", "faults"}


def test_what_may_stay_empty_is_written_now_and_then() -> None:
    protocol = PROTOCOLS["align_anything_t2t"]
    written = Counter[bool]()
    for seed in range(60):
        truth = beliefs.imagined(protocol, RESPONSES[2], Random(seed), {})
        belief = beliefs.believed(
            protocol, RESPONSES[2], truth, beliefs.CAREFUL, Random(seed), is_hard=False
        )
        written["clarity_rationale" in belief] += 1
        assert set(belief["critique"]) == {"r0", "r1"}, "what must be written is"
    assert min(written.values()) > 10


class TestSimulating(TestCase):
    def test_marks_and_spans_reach_the_verdicts(self) -> None:
        pictured, filmed = build.dataset("mm_deception"), build.dataset("video_faults")
        for number in range(6):
            build.item(pictured, digest=f"{number:064}")
            build.item(filmed, digest=f"{number:064}")
        for dataset, question in ((pictured, "marks"), (filmed, "faults")):
            simulating.simulate(dataset, annotators=3, seed=1)
            settling.settle(dataset)
            verdicts = Verdict.objects.filter(item__dataset=dataset, question=question)
            assert verdicts.exists()
            assert all(verdict.value for verdict in verdicts)

    def test_every_protocol_is_worked_through(self) -> None:
        for key in PROTOCOLS:
            dataset = build.dataset(key)
            build.items(2, dataset)
            done = simulating.simulate(dataset, annotators=3, seed=1)
            slots = Slot.objects.filter(campaign__dataset=dataset)
            assert done.annotations == slots.count() == sum(done.by_step.values())
            assert set(slots.values_list("state", flat=True)) == {SlotState.DONE}
        assert [check.title for check in CHECKS if rows_breaking(check)] == []

    def test_they_are_users_who_cannot_sign_in(self) -> None:
        dataset = build.dataset()
        simulating.simulate(dataset, annotators=2, seed=1)
        simulating.simulate(build.dataset(), annotators=2, seed=1)
        people = User.objects.filter(username__startswith="sim-").order_by("username")
        assert [one.username for one in people] == ["sim-01", "sim-02"]
        assert not any(one.has_usable_password() for one in people)

    def same_items(self) -> Dataset:
        dataset = build.dataset()
        for number in range(4):
            build.item(dataset, external_id=f"row-{number}", digest=f"{number:064}")
        return dataset

    def answers(self, dataset: Dataset) -> set[tuple[str, ...]]:
        """Who answered what, with the responses by position."""
        found: set[tuple[str, ...]] = set()
        for one in Annotation.objects.filter(campaign__dataset=dataset).select_related("item"):
            text = json.dumps(one.answers, sort_keys=True)
            text = text.replace(str(one.item.first_id), "0").replace(str(one.item.second_id), "1")
            kept = json.dumps(json.loads(text), sort_keys=True)
            found.add((one.annotator.user.username, one.item.external_id, one.step, kept))
        return found

    def test_the_same_seed_gives_the_same_answers(self) -> None:
        first, second, other = self.same_items(), self.same_items(), self.same_items()
        for dataset, seed in ((first, 7), (second, 7), (other, 8)):
            simulating.simulate(dataset, annotators=2, seed=seed)
        # Nobody of the two leans to a side, which is drawn for each place.
        assert self.answers(first) == self.answers(second)
        assert self.answers(first) != self.answers(other)

    def test_it_stops_at_the_limit_and_leaves_no_lease(self) -> None:
        dataset = build.dataset()
        build.items(3, dataset)
        assert simulating.simulate(dataset, annotators=3, seed=1, limit=5).annotations == 5
        assert not Slot.objects.filter(state=SlotState.LEASED).exists()
        assert simulating.simulate(dataset, annotators=3, seed=1).annotations == 22

    def test_most_find_what_the_demo_says_is_right(self) -> None:
        dataset = build.dataset()
        right = {
            "safe": {"0": True, "1": False},
            "categories": {"0": [], "1": ["Drugs"]},
            "severity": {"0": 0, "1": 2},
            "better": "1",
            "better_strength": 2,
            "safer": "0",
        }
        items = [build.item(dataset, external_id=f"demo-{n}") for n in range(8)]
        key = {item.external_id: {"answers": right, "hard": False} for item in items}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(simulating, "_demo_key", lambda: key)
            simulating.simulate(dataset, annotators=3, seed=1)
        better = Annotation.objects.filter(step="helpful").select_related("item")
        assert sum(one.answers["better"] == str(one.item.second_id) for one in better) > 18

    def test_imported_votes_are_taken_for_right_elsewhere(self) -> None:
        dataset = build.dataset()
        answers = {"safe": {"0": False, "1": False}, "better": "1"}
        for item in build.items(9, dataset):
            names = [str(item.first_id), str(item.second_id)]
            build.imported_vote(item, named(PROTOCOLS["pku_saferlhf"], answers, names))
        simulating.simulate(dataset, annotators=1, seed=1)
        found = Annotation.objects.filter(step="safety")
        alike = [one for one in found if set(one.answers["safe"].values()) == {False}]
        # Simulated people err now and then, on items that differ in every run; not on half of them.
        assert len(alike) >= 5


class TestCommands(TestCase):
    def said(self, *words: str) -> str:
        out = StringIO()
        call_command(*words, stdout=out)
        return out.getvalue()

    def setUp(self) -> None:
        self.dataset = build.dataset(slug="pairs")
        build.items(2, self.dataset)

    def test_they_tell_what_they_did(self) -> None:
        simulated = self.said("simulate", "--dataset", "pairs", "--annotators", "3", "--seed", "2")
        assert simulated == (
            "18 annotations by 3 made-up annotators (safety 6, helpful 6, safer 6).\n"
        )
        settled = self.said("settle", "--dataset", "pairs")
        assert "settled" in settled.splitlines()[0]
        assert any(line.split()[0] == "better" for line in settled.splitlines()[1:])

    def test_they_print_one_json_object(self) -> None:
        simulated = json.loads(self.said("simulate", "--dataset", "pairs", "--json"))
        assert (simulated["annotations"], simulated["annotators"]) == (18, 5)
        settled = json.loads(self.said("settle", "--dataset", "pairs", "--json"))
        assert settled["settled"] + settled["disputed"] == 2
        assert settled["agreement"]["better"]["votes"] == 6
        assert Verdict.objects.filter(item__dataset=self.dataset).exists()

    def test_what_makes_no_sense_is_one_line(self) -> None:
        for words in (
            ("simulate", "--dataset", "nowhere"),
            ("settle", "--dataset", "nowhere"),
            ("simulate", "--dataset", "pairs", "--annotators", "0"),
            ("simulate", "--dataset", "pairs", "--annotators", "100"),
            ("simulate", "--dataset", "pairs", "--limit", "-1"),
        ):
            with pytest.raises(CommandError):
                self.said(*words)
        assert set(Item.objects.values_list("state", flat=True)) == {"open"}


class Again(TestCase):
    """Other made-up people go on where the first ones stopped in the middle."""

    def test_what_was_half_answered_under_another_seed_ends_no_run(self) -> None:
        dataset = build.dataset()
        build.items(40, dataset)
        simulating.simulate(dataset, annotators=3, seed=7, limit=120)  # the first step of all
        simulating.simulate(dataset, annotators=3, seed=11)
        assert not Slot.objects.filter(state=SlotState.LEASED).exists()
