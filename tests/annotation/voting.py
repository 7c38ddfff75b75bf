"""Votes for tests: answers by position ("0", "1"), given past the verbs."""

from __future__ import annotations

from typing import Any

from annotation.judgement import by_response
from annotation.models import Annotator, Campaign, Due, Slot
from datasets_app.models import Item
from datasets_app.protocols import protocol_named
from datasets_app.protocols.base import Protocol, Step
from tests import build


def named(protocol: Protocol, answers: dict[str, Any], responses: list[str]) -> dict[str, Any]:
    """Answers by position with the responses named by id."""
    letters = {"0": "a", "1": "b"}
    seen = {
        key: {letters.get(k, k): v for k, v in value.items()}
        if isinstance(value, dict)
        else letters.get(value, value)
        if isinstance(value, str)
        else value
        for key, value in answers.items()
    }
    return by_response(protocol, seen, responses=responses, flipped=False)


def vote(item: Item, campaign: Campaign, voters: list[Annotator], *answers: dict[str, Any]) -> None:
    """The n-th voter gives the n-th answers, to every step of the item."""
    protocol = protocol_named(campaign.protocol)
    responses = [str(item.first_id), str(item.second_id)]
    for number, given in enumerate(answers, start=1):
        whole = named(protocol, given, responses)
        for step in protocol.steps:
            slot = Slot.objects.select_related("campaign").get(
                campaign=campaign, item=item, step=step.key, number=number
            )
            build.counted(slot, voters[number - 1].pk, only(step, whole))
        Due.objects.create(campaign=campaign, item=item)


def only(step: Step, answers: dict[str, Any]) -> dict[str, Any]:
    """The part of the answers that belongs to a step."""
    keys = {question.key for question in step.questions}
    keys |= {question.strength_key for question in step.questions if question.strength}
    return {key: value for key, value in answers.items() if key in keys}
