"""Simulating: made-up annotators work through a dataset by the same verbs as people."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import User

from annotation import assigning, beliefs, campaigns, holding, labelling, placing, prepared
from annotation.assigning import Assignment
from annotation.beliefs import Character
from annotation.judgement import by_response, by_side, sides_of
from annotation.labelling import played
from annotation.models import Annotator, Campaign, Check, Slot
from annotation.pointing import NOTHING, Scene
from annotation.vocabulary import SkipReason, ViewingEvidence
from datasets_app import demo
from datasets_app.models import Dataset, ImportedVote, Item, Membership, PromptMedia
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Step
from datasets_app.vocabulary import Modality, Role

REASON = "I looked twice; I mean it."
_PUT_BACK = """
UPDATE annotation_{place} SET leased_at = leased_at - %(seconds)s::float8 * interval '1 second'
WHERE token = %(token)s RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the made-up annotators did: annotations by step, without those that were checks."""

    annotators: int
    annotations: int
    by_step: Mapping[str, int]


@dataclass(slots=True)
class _Person:
    """A made-up annotator at work."""

    annotator: Annotator
    character: Character
    random: Random
    beliefs: dict[UUID, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Truth:
    """What is right about an item, by response id."""

    digest: str
    responses: list[str]
    answers: dict[str, Any]
    is_hard: bool
    scene: Scene


def simulate(
    dataset: Dataset,
    *,
    annotators: int,
    seed: int,
    limit: int | None = None,
    tick: Callable[[int], None] | None = None,
) -> Simulated:
    """So many made-up annotators answer what there is, at most `limit` steps of items together.

    They are the users sim-01, sim-02 …, who cannot sign in; the same ones at every call. With
    the same seed they answer the same items alike. What is right comes from the demo's own key,
    else from the votes that came with the item, else it is made up from the item's content.
    """
    campaign = campaigns.default_for(dataset)
    placing.place(campaign)
    people = [_person(dataset, number, seed) for number in range(1, annotators + 1)]
    work = _Work(campaign, seed)
    at_work = list(people)
    while at_work and (limit is None or work.done.total() < limit):
        person = at_work.pop(0)
        if work.next_of(person):
            at_work.append(person)
            if tick:
                tick(work.done.total())
    work.give_back(people)
    return Simulated(len(people), work.done.total(), dict(work.done))


def _person(dataset: Dataset, number: int, seed: int) -> _Person:
    user, made = User.objects.get_or_create(username=f"sim-{number:02}")
    if made:
        user.set_unusable_password()
        user.save()
    Membership.objects.get_or_create(user=user, dataset=dataset, role=Role.ANNOTATOR)
    annotator = Annotator.objects.get_or_create(user=user)[0]
    character = beliefs.CHARACTERS[(number - 1) % len(beliefs.CHARACTERS)]
    return _Person(annotator, character, _random(seed, number))


class _Work:
    """One campaign being worked through."""

    def __init__(self, campaign: Campaign, seed: int) -> None:
        self.campaign = campaign
        self.seed = seed
        self.protocol = protocol_named(campaign.protocol)
        self.done: Counter[str] = Counter()
        self.truths: dict[UUID, _Truth] = {}

    def next_of(self, person: _Person) -> bool:
        """Let somebody answer one step of one item; False when there is nothing left to do."""
        try:
            held = assigning.leases(person.annotator, self.campaign, want=1)
        except assigning.Busy:
            return True
        if not held:
            return False
        self._answer(person, held[0])
        return True

    def give_back(self, people: list[_Person]) -> None:
        """Leave no lease behind."""
        for person in people:
            mine = {"annotator": person.annotator, "campaign": self.campaign, "state": "leased"}
            tokens = [*Slot.objects.filter(**mine).values_list("token", flat=True)]
            tokens += Check.objects.filter(**mine).values_list("token", flat=True)
            for token in tokens:
                if token:
                    holding.release(person.annotator, token)

    def _answer(self, person: _Person, held: Assignment) -> None:
        truth = self._truth(held.item_id)
        step = self.protocol.step(held.step)
        sides = sides_of(truth.responses, flipped=held.flipped)
        leaned = beliefs.leaned(
            self.protocol,
            step,
            self._belief(person, held.item_id, truth),
            truth.responses,
            left=sides["a"],
            random=person.random,
            character=person.character,
        )
        person.beliefs[held.item_id] = leaned
        seen = by_side(self.protocol, leaned, responses=truth.responses, flipped=held.flipped)
        if step.played:
            # Nobody listened, and the viewings say so.
            played.credit(
                person.annotator,
                held.token,
                played.lengths_of(held.item_id),
                share=step.played,
                evidence=ViewingEvidence.SIMULATED,
            )
        seconds = round(person.random.lognormvariate(0, 0.4) * person.character.seconds, 1)
        _let_pass(held, seconds)
        try:
            labelling.submit(
                person.annotator,
                token=held.token,
                key=uuid4(),
                answers={key: seen[key] for key in _keys(step) if key in seen},
                overrides={rule.key: REASON for rule in self.protocol.rules},
                seconds=seconds,
            )
        except labelling.RulesBroken:
            # Half of the item was answered under another seed, and the halves contradict.
            labelling.skip(person.annotator, held.token, reason=SkipReason.CANNOT_JUDGE)
            return
        if held.check is None:
            self.done[held.step] += 1

    def _belief(self, person: _Person, item: UUID, truth: _Truth) -> dict[str, Any]:
        if item not in person.beliefs:
            person.beliefs[item] = beliefs.believed(
                self.protocol,
                truth.responses,
                truth.answers,
                person.character,
                _random(self.seed, person.annotator.user.username, truth.digest),
                is_hard=truth.is_hard,
                scene=truth.scene,
            )
        return person.beliefs[item]

    def _truth(self, item: UUID) -> _Truth:
        if item not in self.truths:
            self.truths[item] = _truth_of(self.protocol, item)
        return self.truths[item]


def _random(*seeds: object) -> Random:
    """A generator that the seeds determine: what is wanted is the same again, not secrecy."""
    return Random(":".join(str(seed) for seed in seeds))  # noqa: S311


def _let_pass(held: Assignment, seconds: float) -> None:
    """Nobody waits for a simulated person, so the lease is put back by what he says he took."""
    statement = _PUT_BACK.format(place="slot" if held.check is None else "check")
    prepared.fetch(statement, {"token": held.token, "seconds": seconds})


def _keys(step: Step) -> list[str]:
    """The keys under which a step's answers come."""
    strengths = [question.strength_key for question in step.questions if question.strength]
    return [question.key for question in step.questions] + strengths


def _truth_of(protocol: Protocol, item_id: UUID) -> _Truth:
    item = Item.objects.select_related("first__media", "second__media").get(pk=item_id)
    responses = [str(pk) for pk in (item.first_id, item.second_id) if pk is not None]
    key = _demo_key().get(item.external_id)
    if key is not None:
        known = _by_id(protocol, key["answers"], responses)
    else:
        vote = ImportedVote.objects.filter(item=item).order_by("pk").first()
        known = dict(vote.answers) if vote else {}
    scene = _scene_of(protocol, item)
    answers = beliefs.imagined(protocol, responses, _random(item.digest), known, scene)
    return _Truth(item.digest, responses, answers, bool(key and key.get("hard")), scene)


def _scene_of(protocol: Protocol, item: Item) -> Scene:
    """What there is to point at, where the protocol asks for that."""
    if not any(question.is_kept_as_given for question in protocol.questions):
        return NOTHING
    answered = [response for response in (item.first, item.second) if response is not None]
    files = {str(response.pk): response.media for response in answered if response.media}
    asked = PromptMedia.objects.filter(prompt=item.prompt_id, media__modality=Modality.IMAGE)
    return Scene(
        pictures=asked.count(),
        shown={pk: int(file.modality == Modality.IMAGE) for pk, file in files.items()},
        lengths={pk: file.duration_ms for pk, file in files.items()},
    )


def _by_id(protocol: Protocol, answers: dict[str, Any], responses: list[str]) -> dict[str, Any]:
    """Answers by position ("0", "1") with the responses named by id."""
    names = {"0": "a", "1": "b"}
    seen = json.loads(json.dumps(answers))
    for question in protocol.questions:
        value = seen.get(question.key)
        if isinstance(value, dict):
            seen[question.key] = {names[name]: given for name, given in value.items()}
        elif isinstance(value, str):
            seen[question.key] = names.get(value, value)
    return by_response(protocol, seen, responses=responses, flipped=False)


@cache
def _demo_key() -> dict[str, dict[str, Any]]:
    """What is right about the items of the demo, by external id: {"answers", "hard"}."""
    folder = Path(demo.__file__).parent / "content"
    key: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*_truth.json")):
        key |= json.loads(path.read_text(encoding="utf-8"))
    return key
